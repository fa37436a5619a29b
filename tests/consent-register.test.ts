import type { Bundle, Consent, DocumentReference, OperationOutcome, Provenance } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../src/consent/calendar.ts';
import { dutchDay } from '../src/consent/dutch-date.ts';
import { BSN_SYSTEM } from '../src/fhir/extensions.ts';
import { type Network, openNetwork } from './support/network.ts';
import { bsns, CONSENT, type Story, type StoryFamily, storyBundle, storyOn } from './support/story.ts';

// What the register keeps beside what was agreed: who signed which text in which language, every version, and whose it is.

const bsn = bsns(999_920_000);
const TEXT = Buffer.from('Ik geef toestemming (verzonnen formulier)').toString('base64');
const MOTHER = 'urn:uuid:00000000-0000-4000-8000-000000000001';
const SUBJECT = { reference: 'urn:uuid:00000000-0000-4000-8000-000000000000' };
let network: Network;
let story: Story;
let count = 0;

beforeAll(async () => {
  network = await openNetwork();
  story = storyOn(network);
});
afterAll(() => network?.close());

const baby = (): StoryFamily => ({
  bsn: bsn(),
  birthDate: addDays(dutchDay(Date.now()), -50),
  given: `Kind${count++}`,
  parents: [{ given: 'Jasmijn', custody: 'yes' }],
  team: ['jgz', 'ziekenhuis'],
  consentFor: ['jgz', 'ziekenhuis'],
});
const code = (body: unknown): string => (body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code ?? '';
const path = (body: unknown): string => (body as OperationOutcome).issue?.[0]?.expression?.[0] ?? '';
const form: DocumentReference = {
  resourceType: 'DocumentReference',
  status: 'current',
  subject: SUBJECT,
  masterIdentifier: { system: 'http://gezinspoort.nl/fhir/NamingSystem/consent-form', value: 'igp-toestemming|2' },
  content: [{ attachment: { contentType: 'application/pdf', language: 'tr', data: TEXT } }],
};
const signature: Provenance = {
  resourceType: 'Provenance',
  target: [{ reference: CONSENT }],
  recorded: '2026-11-20T10:00:00Z',
  agent: [{ who: { reference: MOTHER } }],
  signature: [
    {
      type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.7' }],
      when: '2026-11-20T10:00:00Z',
      who: { reference: MOTHER },
      sigFormat: 'image/png',
      data: TEXT,
    },
  ],
};
const FORM = 'urn:uuid:00000000-0000-4000-8000-000000000021';
const entry = (resource: DocumentReference | Provenance, fullUrl: string) => ({
  fullUrl,
  resource,
  request: { method: 'POST' as const, url: resource.resourceType },
});
/** A family bundle whose Consent names the form. */
function signedBundle(family: StoryFamily, more: Bundle['entry']): Bundle {
  const bundle = storyBundle(family, '2026-11-20T10:00:00Z', more);
  const consent = bundle.entry?.find((one) => one.fullUrl === CONSENT)?.resource as Consent;
  delete consent.sourceAttachment;
  consent.sourceReference = { reference: FORM };
  return bundle;
}
const enter = (bundle: Bundle) => network.doors.send('kdplus', 'POST', '/fhir', bundle);
const consentOf = (body: unknown): string =>
  ((body as Bundle).entry ?? []).map((one) => one.response?.location ?? '').find((one) => one.startsWith('Consent/')) ??
  '';

describe('what was signed', () => {
  it('form and signature come with the consent, are kept sealed, and are shown to recorder and privacy officer only', async () => {
    const bundle = signedBundle(baby(), [
      entry(form, FORM),
      entry(signature, 'urn:uuid:00000000-0000-4000-8000-000000000022'),
    ]);
    const entered = await enter(bundle);
    expect([entered.status, code(entered.body)]).toEqual([200, '']);
    const consent = consentOf(entered.body);
    const seen = await network.doors.send('kdplus', 'GET', `/fhir/${consent}/$signed`);
    const shown = ((seen.body as Bundle).entry ?? []).map((one) => one.resource);
    expect(shown.map((one) => one?.resourceType)).toEqual(['Consent', 'DocumentReference', 'Provenance']);
    const [given, text, signed] = shown as [Consent, DocumentReference, Provenance];
    expect(text).toMatchObject({ masterIdentifier: form.masterIdentifier, content: form.content });
    expect(given.sourceReference?.reference).toBe(`DocumentReference/${text.id}`);
    expect(signed.target[0]?.reference).toBe(consent);
    expect(signed.signature?.[0]?.who.reference).toBe(given.performer?.[0]?.reference);
    expect((await story.officer('GET', `/fhir/${consent}/$signed`)).status).toBe(200);
    expect((await network.doors.send('hix', 'GET', `/fhir/${consent}/$signed`)).status).toBe(403);
    const nurse = { iua: { subject_role: 'youth-nurse', purpose_of_use: 'TREAT' } };
    expect(
      (await network.doors.send('kdplus', 'GET', `/fhir/DocumentReference/${text.id}`, undefined, nurse)).status,
    ).toBe(404);
    // The same again is the same: one form, one signature, one version.
    expect((await enter(bundle)).status).toBe(200);
    const { db } = network.gateway.ports;
    const rows = await db.selectFrom('consent_paper').select(['type', 'consent_version', 'body']).execute();
    expect(rows.map((one) => [one.type, one.consent_version])).toEqual([
      ['DocumentReference', 1],
      ['Provenance', 1],
    ]);
    for (const { body } of rows) expect(body.toString('latin1')).not.toContain('igp-toestemming');
  });

  it('may follow later, for the version it is about', async () => {
    const { consent } = await story.enter(baby());
    const { consent: given } = await story.readConsent(consent);
    const mother = given.performer?.[0]?.reference ?? '';
    const later = {
      ...signature,
      target: [{ reference: `${consent}/_history/1` }],
      agent: [{ who: { reference: mother } }],
      signature: signature.signature?.map((one) => ({ ...one, who: { reference: mother } })),
    };
    expect((await network.doors.send('kdplus', 'POST', '/fhir/Provenance', later)).status).toBe(201);
    const shown = (await network.doors.send('kdplus', 'GET', `/fhir/${consent}/$signed`)).body as Bundle;
    expect(shown.entry?.map((one) => one.resource?.resourceType)).toEqual(['Consent', 'Provenance']);
    const wrong = { ...later, target: [{ reference: `${consent}/_history/9` }] };
    expect(code((await network.doors.send('kdplus', 'POST', '/fhir/Provenance', wrong)).body)).toBe('paper-incomplete');
    expect((await network.doors.send('hix', 'POST', '/fhir/Provenance', later)).status).toBe(403);
  });

  it.each<[string, Bundle['entry'], string]>([
    ['a form without its version', [entry({ ...form, masterIdentifier: undefined }, FORM)], 'masterIdentifier'],
    [
      'a form without the language',
      [entry({ ...form, content: [{ attachment: { contentType: 'application/pdf', data: TEXT } }] }, FORM)],
      'content[0].attachment',
    ],
    [
      'a form that no consent names',
      [entry(form, FORM), entry(form, 'urn:uuid:00000000-0000-4000-8000-000000000029')],
      'resource',
    ],
    [
      'a signature of nobody who agreed',
      [
        entry(
          { ...signature, signature: signature.signature?.map((one) => ({ ...one, who: SUBJECT })) },
          'urn:uuid:00000000-0000-4000-8000-000000000022',
        ),
      ],
      'signature.who',
    ],
    [
      'a signature without its means',
      [
        entry(
          { ...signature, signature: signature.signature?.map(({ sigFormat: _, ...one }) => one) },
          'urn:uuid:00000000-0000-4000-8000-000000000022',
        ),
      ],
      'signature[0]',
    ],
  ])('%s is refused, and nothing is entered', async (_what, papers, place) => {
    const family = baby();
    const answer = await enter(signedBundle(family, papers));
    expect([answer.status >= 400, path(answer.body).includes(place) || code(answer.body) === 'fact-twice']).toEqual([
      true,
      true,
    ]);
    expect(
      await network.gateway.ports.db
        .selectFrom('patient')
        .select('id')
        .where('bsn_index', '=', network.gateway.ports.vault.bsnIndex(family.bsn))
        .execute(),
    ).toEqual([]);
  });
});

describe('a consent in the register', () => {
  it('is read in every version it had', async () => {
    const { consent } = await story.enter(baby());
    await story.change(consent, (one) => ({ ...one, status: 'inactive' }));
    const at = async (place: string) => {
      const answer = await network.doors.send('kdplus', 'GET', `/fhir/${consent}${place}`);
      return [answer.status, (answer.body as Consent).status, answer.etag];
    };
    expect(await at('')).toEqual([200, 'inactive', 'W/"2"']);
    expect(await at('/_history/1')).toEqual([200, 'active', 'W/"1"']);
    expect((await at('/_history/3'))[0]).toBe(404);
    const history = (await network.doors.send('kdplus', 'GET', `/fhir/${consent}/_history`)).body as Bundle<Consent>;
    expect(history.entry?.map((one) => one.resource?.meta?.versionId)).toEqual(['2', '1']);
  });

  it('is found by what is shown of it; a parameter that is not understood is refused', async () => {
    const { patient, consent } = await story.enter(baby());
    const search = async (query: string) => {
      const answer = await network.doors.send('kdplus', 'GET', `/fhir/Consent?patient=${patient}${query}`);
      return answer.status === 200 ? ((answer.body as Bundle).entry ?? []).length : code(answer.body);
    };
    expect(await search('&status=active')).toBe(1);
    expect(await search('&status=inactive')).toBe(0);
    expect(await search('&_has=x')).toBe('search-unsupported');
    await story.change(consent, (one) => ({ ...one, status: 'inactive' }));
    expect(await search('&status=active')).toBe(0);
  });

  it('that names its patient by the BSN of a sibling is refused', async () => {
    const [one, other] = [baby(), baby()];
    const { patient, consent } = await story.enter(one);
    await story.enter(other);
    const { consent: given } = await story.readConsent(consent);
    const { id: _id, meta: _meta, ...said } = given;
    const named = (value: string) => ({
      ...said,
      patient: { reference: patient, identifier: { system: BSN_SYSTEM, value } },
    });
    const wrong = await story.register(named(other.bsn) as Consent);
    expect([wrong.status, code(wrong.body)]).toEqual([422, 'identity-conflict']);
    expect((await story.register(named(one.bsn) as Consent)).status).toBe(201);
  });

  it('that names no custodian is kept by who registers it', async () => {
    const { consent } = await story.enter(baby());
    const { consent: given } = await story.readConsent(consent);
    const { id: _id, meta: _meta, organization: _organization, ...said } = given;
    const made = await story.register(said as Consent);
    expect((made.body as Consent).organization).toEqual([{ reference: 'Organization/jgz' }]);
  });
});

describe('who speaks for an adult who cannot decide', () => {
  it('is a record on a ground with a day: without one it is refused; with it the representative decides', async () => {
    const adult: StoryFamily = { ...baby(), birthDate: '1990-04-01', given: 'Hanna', consentFor: undefined };
    const bundle = storyBundle(adult, '2026-11-20T10:00:00Z');
    const mentor = bundle.entry?.find((one) => one.resource?.resourceType === 'RelatedPerson')?.resource as {
      extension?: object[];
    };
    const represents = {
      url: 'http://gezinspoort.nl/fhir/StructureDefinition/representative',
      valueBoolean: true,
    };
    mentor.extension = [represents];
    const refused = await enter(bundle);
    expect([refused.status, path(refused.body)]).toEqual([422, 'Bundle.entry[1].resource.extension']);
    mentor.extension = [
      represents,
      {
        url: 'http://gezinspoort.nl/fhir/StructureDefinition/known-from',
        extension: [
          { url: 'fact', valueCode: 'representative' },
          { url: 'ground', valueCode: 'court-order' },
          { url: 'date', valueDate: '2026-10-12' },
        ],
      },
    ];
    const withConsent = storyBundle({ ...adult, consentFor: ['jgz', 'ziekenhuis'] }, '2026-11-20T10:00:00Z');
    const entries = (withConsent.entry ?? []).map((one) =>
      one.resource?.resourceType === 'RelatedPerson' ? { ...one, resource: mentor as never } : one,
    );
    const entered = await enter({ ...withConsent, entry: entries });
    expect(entered.status).toBe(200);
    const places = ((entered.body as Bundle).entry ?? []).map((one) => one.response?.location ?? '');
    expect((await story.nurse(places[0] ?? '')).status).toBe(200);
    // Her own word alone would not do now.
    const { own } = { own: network.gateway.ports.vault.ids('jgz').in((places[0] ?? '').slice(8)) ?? '' };
    const events = await network.gateway.ports.db
      .selectFrom('audit')
      .select('event')
      .where('patient', '=', own)
      .where('kind', '=', 'family')
      .execute();
    expect(events[0]?.event).toContain('"valueString":"true court-order 2026-10-12"');
  });
});
