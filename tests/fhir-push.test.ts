import { randomUUID } from 'node:crypto';
import type { Bundle, BundleEntry, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../src/demo/doors.ts';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import type { Receipt } from '../src/exchange/receipt.ts';
import { addClient } from './support/client.ts';
import { type Network, openNetwork } from './support/network.ts';

/** A hospital that speaks FHIR R4 (nl-core) pushes a transaction or a document: nothing is mapped, all else is as for any push. */

const [, luuk] = FAMILIES as [Family, Family];
const BASE = 'https://hix.example.org/fhir';
const LOINC = 'http://loinc.org';
let network: Network;

beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, signedAt))).status).toBe(200);
});
afterAll(() => network?.close());

type Json = Record<string, unknown>;
const entry = (url: string, resource: Json, request: Json = { method: 'POST', url: resource.resourceType }): Json => ({
  fullUrl: url,
  resource,
  request,
});
const PATIENT = 'urn:uuid:10000000-0000-4000-8000-000000000001';
const patient = (more: Json = {}) => entry(PATIENT, { ...(luuk.patient as unknown as Json), ...more });
const weight = (more: Json = {}): Json => ({
  resourceType: 'Observation',
  id: 'w1',
  meta: { profile: ['http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyWeight'] },
  status: 'final',
  code: { coding: [{ system: LOINC, code: '29463-7' }] },
  subject: { reference: PATIENT },
  effectiveDateTime: '2026-11-01',
  valueQuantity: { value: 11.2, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  ...more,
});
const transaction = (entries: Json[], more: Json = {}): Json => ({
  resourceType: 'Bundle',
  type: 'transaction',
  identifier: { system: 'https://hix.example.org/messages', value: randomUUID() },
  entry: [patient(), ...entries],
  ...more,
});
const push = (bundle: unknown, options: { headers?: Record<string, string>; contentType?: string } = {}) =>
  network.doors.send('hix', 'POST', '/fhir', bundle, options);
const issuesOf = (answer: Answer) =>
  ((answer.body as OperationOutcome).issue ?? []).map((one) =>
    `${one.details?.coding?.[0]?.code} ${one.expression?.[0] ?? ''}`.trim(),
  );
const receipt = (answer: Answer) => answer.body as Receipt;
const released = async (discipline = 'youth-nurse'): Promise<Resource[]> => {
  const client = discipline === 'youth-nurse' ? 'kdplus' : 'hix';
  const iua = { subject_role: discipline, purpose_of_use: 'TREAT' };
  const list = (await network.doors.send(client, 'GET', '/fhir/Patient', undefined, { iua })).body as Bundle;
  const id = list.entry?.[0]?.resource?.id ?? '';
  const all = (await network.doors.everything(client, discipline, id)).body;
  return (all.entry ?? []).map((one: BundleEntry) => one.resource as Resource);
};
const ofType = <T extends Resource>(all: Resource[], type: T['resourceType']) =>
  all.filter((one): one is T => one.resourceType === type);

describe('a transaction', () => {
  it('is accepted, delivered and shown, with what could not be checked in the receipt', async () => {
    const answer = await push(transaction([entry(`${BASE}/Observation/w1`, weight())]));
    expect([answer.status, issuesOf(answer)]).toEqual([202, []]);
    expect(receipt(answer).deliveries.map((one) => one.receiver)).toContain('kdplus-inbox');
    const texts = receipt(answer).outcome.issue.map((one) => one.details?.text ?? '');
    expect(texts).toContain('Not checked at Bundle.entry[1].resource.meta.profile[0]: this profile is not loaded here');
    await network.settled();
    const followed = await network.doors.send('hix', 'GET', `/exchange/${receipt(answer).id}`);
    expect(receipt(followed).deliveries.every((one) => one.state === 'delivered')).toBe(true);
    const [observation] = ofType(await released(), 'Observation');
    expect(observation).toMatchObject({
      valueQuantity: { value: 11.2 },
      meta: { profile: expect.arrayContaining(['http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyWeight']) },
    });
  });

  it('the same again gives the same receipt, in whatever order of members; other content under its id is a conflict', async () => {
    const bundle = transaction([entry(`${BASE}/Observation/w1`, weight())]);
    const first = await push(bundle);
    const again = await push(Object.fromEntries(Object.entries(bundle).reverse()));
    expect(receipt(again).id).toBe(receipt(first).id);
    const other = { ...bundle, entry: [patient(), entry(`${BASE}/Observation/w1`, weight({ status: 'amended' }))] };
    expect(issuesOf(await push(other))).toEqual(['message-conflict']);
  });

  it('without Bundle.identifier goes by the Idempotency-Key, without both it is refused', async () => {
    const bundle = transaction([entry(`${BASE}/Observation/w1`, weight())], { identifier: undefined });
    const headers = { 'idempotency-key': 'FHIR-1' };
    const first = await push(bundle, { headers });
    expect(first.status).toBe(202);
    expect(receipt(await push(bundle, { headers })).id).toBe(receipt(first).id);
    expect(issuesOf(await push(bundle))).toEqual(['message-id-missing']);
  });

  it('a correction of the same resource is a new version, not a second fact', async () => {
    const id = 'https://hix.example.org/fhir/Observation/corrected';
    for (const value of [11.3, 11.4]) {
      const one = weight({
        id: 'corrected',
        valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
      });
      expect((await push(transaction([entry(id, one)]))).status).toBe(202);
    }
    const values = ofType<Resource & { valueQuantity?: { value?: number } }>(
      await released(),
      'Observation' as never,
    ).map((one) => one.valueQuantity?.value);
    expect(values).toContain(11.4);
    expect(values).not.toContain(11.3);
  });

  it('resolves references of every kind, and each contained resource is one of its own', async () => {
    const bsn = { system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: luuk.bsn };
    const agb = 'http://fhir.nl/fhir/NamingSystem/agb-z';
    const doctor = {
      resourceType: 'Practitioner',
      id: 'd1',
      identifier: [{ system: agb, value: '01099991' }],
      name: [{ text: 'Dr. Voorbeeld' }],
    };
    const encounter = (more: Json): Json => ({
      resourceType: 'Encounter',
      id: 'e1',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      period: { start: '2026-11-02' },
      ...more,
    });
    const bundle = transaction([
      entry(
        `${BASE}/Encounter/e1`,
        encounter({
          subject: { identifier: bsn },
          participant: [{ individual: { reference: 'Practitioner/d1/_history/3' } }],
        }),
      ),
      entry(`${BASE}/Practitioner/d1`, doctor),
      entry(
        'urn:uuid:10000000-0000-4000-8000-000000000002',
        weight({
          id: undefined,
          identifier: [{ system: 'https://hix.example.org/w', value: 'refs' }],
          encounter: { reference: `${BASE}/Encounter/e1` },
          performer: [{ reference: `Practitioner?identifier=${agb}|01099991` }, { reference: '#k' }],
          contained: [
            {
              resourceType: 'Practitioner',
              id: 'k',
              identifier: [{ system: agb, value: '01099992' }],
              name: [{ text: 'Dr. Proef' }],
            },
          ],
        }),
      ),
    ]);
    const answer = await push(bundle);
    expect([answer.status, issuesOf(answer)]).toEqual([202, []]);
    const all = await released();
    const observation = all.find((one) => JSON.stringify(one).includes('"refs"')) as unknown as Json;
    const names = ofType<Resource & { name?: { text?: string }[] }>(all, 'Practitioner' as never);
    const nameOf = (reference: unknown) => names.find((one) => `Practitioner/${one.id}` === reference)?.name?.[0]?.text;
    expect((observation.performer as Json[]).map((one) => nameOf(one.reference))).toEqual([
      'Dr. Voorbeeld',
      'Dr. Proef',
    ]);
    const visit = all.find(
      (one) => one.resourceType === 'Encounter' && `Encounter/${one.id}` === (observation.encounter as Json).reference,
    ) as unknown as Json;
    expect(visit.subject).toEqual(observation.subject);
    expect(JSON.stringify(all)).not.toContain('hix.example.org/fhir');
  });

  it('a letter as a Binary becomes the content of its DocumentReference', async () => {
    const bundle = transaction([
      entry(`${BASE}/DocumentReference/l1`, {
        resourceType: 'DocumentReference',
        id: 'l1',
        status: 'current',
        type: { coding: [{ system: LOINC, code: '11488-4' }] },
        subject: { reference: PATIENT },
        content: [{ attachment: { url: 'Binary/b1', title: 'Brief' } }],
      }),
      entry(`${BASE}/Binary/b1`, {
        resourceType: 'Binary',
        id: 'b1',
        contentType: 'application/pdf',
        data: 'JVBERi0xLjQK',
      }),
    ]);
    const answer = await push(bundle);
    expect([answer.status, issuesOf(answer)]).toEqual([202, []]);
    const [letter] = ofType(await released(), 'DocumentReference' as never) as unknown as [
      { content: { attachment: Json }[] },
    ];
    expect(letter.content[0]?.attachment).toMatchObject({ contentType: 'application/pdf', data: 'JVBERi0xLjQK' });
  });

  const observation = (more: Json, request?: Json) =>
    transaction([entry(`${BASE}/Observation/w1`, weight(more), request)]);
  it.each<[string, () => Json, number, string[]]>([
    ['invalid FHIR', () => observation({ status: 'x' }), 422, ['fhir-invalid Bundle.entry[1].resource.status']],
    [
      'what does not fit a profile that it claims',
      () => observation({ meta: { profile: ['http://gezinspoort.nl/fhir/StructureDefinition/shared-patient'] } }),
      422,
      ['fhir-invalid Bundle.entry[1].resource.meta.profile[0]'],
    ],
    [
      'DELETE',
      () => transaction([{ request: { method: 'DELETE', url: 'Observation/1' } }]),
      422,
      ['bundle-not-understood Bundle.entry[1].resource'],
    ],
    [
      'an update on a version',
      () => observation({}, { method: 'PUT', url: 'Observation/w1', ifMatch: 'W/"1"' }),
      422,
      ['bundle-not-understood Bundle.entry[1].request.ifMatch'],
    ],
    [
      'an update of something else',
      () => observation({}, { method: 'PUT', url: 'Observation/w2' }),
      422,
      ['bundle-not-understood Bundle.entry[1].request.url'],
    ],
    [
      'a condition that is no identifier',
      () => observation({}, { method: 'POST', url: 'Observation', ifNoneExist: 'code=1' }),
      422,
      ['bundle-not-understood Bundle.entry[1].request.ifNoneExist'],
    ],
    [
      'PATCH',
      () => observation({}, { method: 'PATCH', url: 'Observation/w1' }),
      422,
      ['bundle-not-understood Bundle.entry[1].request.method'],
    ],
    [
      'a modifier that nobody knows',
      () => observation({ modifierExtension: [{ url: 'https://hix.example.org/not', valueBoolean: true }] }),
      422,
      ['bundle-not-understood Bundle.entry[1].resource.modifierExtension'],
    ],
    [
      'a reference to what is not sent',
      () => observation({ performer: [{ reference: 'Practitioner/9' }] }),
      422,
      ['reference-unresolved Bundle.entry[1].resource.performer[0]'],
    ],
    [
      'a type that is not shared',
      () =>
        transaction([
          entry(`${BASE}/Coverage/1`, {
            resourceType: 'Coverage',
            status: 'active',
            beneficiary: { reference: PATIENT },
            payor: [{ identifier: { value: '1' } }],
          }),
        ]),
      422,
      ['label-missing Coverage'],
    ],
    [
      'a type that FHIR does not have',
      () => transaction([entry(`${BASE}/Idea/1`, { resourceType: 'Idea' })]),
      422,
      ['fhir-invalid Bundle.entry[1].resource'],
    ],
    [
      'two patients',
      () => transaction([entry(`${BASE}/Patient/2`, { resourceType: 'Patient' })]),
      422,
      ['identity-missing Patient.identifier'],
    ],
    [
      'no patient',
      () => ({
        ...observation({ subject: { display: 'x' } }),
        entry: [entry(`${BASE}/Observation/w1`, weight({ subject: { display: 'x' } }))],
      }),
      422,
      ['identity-missing Patient.identifier'],
    ],
    ['a searchset', () => ({ ...observation({}), type: 'searchset' }), 422, ['fhir-invalid Bundle.type']],
    ['a resource', () => weight(), 422, ['fhir-invalid Bundle.type']],
    [
      'custody',
      () =>
        transaction([
          entry(`${BASE}/RelatedPerson/1`, {
            resourceType: 'RelatedPerson',
            patient: { reference: PATIENT },
            extension: [{ url: 'http://gezinspoort.nl/fhir/StructureDefinition/custody', valueCode: 'yes' }],
          }),
        ]),
      403,
      ['not-allowed Bundle.entry[1].resource.extension[0]'],
    ],
    [
      'the poli',
      () =>
        transaction([
          entry(`${BASE}/EpisodeOfCare/1`, {
            resourceType: 'EpisodeOfCare',
            status: 'active',
            patient: { reference: PATIENT },
            type: [{ coding: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/poli', code: 'pop' }] }],
          }),
        ]),
      403,
      ['not-allowed Bundle.entry[1].resource.type[0].coding[0]'],
    ],
    [
      'custody in a contained resource',
      () =>
        transaction([
          entry(
            `${BASE}/Observation/c1`,
            weight({
              contained: [
                {
                  resourceType: 'RelatedPerson',
                  id: 'rp',
                  patient: { reference: PATIENT },
                  extension: [{ url: 'http://gezinspoort.nl/fhir/StructureDefinition/custody', valueCode: 'yes' }],
                },
              ],
              performer: [{ reference: '#rp' }],
            }),
          ),
        ]),
      403,
      ['not-allowed Bundle.entry[1].resource.contained[0].extension[0]'],
    ],
    [
      'an extension of the gateway that nobody knows, deep in a resource',
      () =>
        transaction([
          entry(
            `${BASE}/Observation/c2`,
            weight({
              valueQuantity: {
                value: 3,
                extension: [{ url: 'http://gezinspoort.nl/fhir/StructureDefinition/x', valueCode: 'y' }],
              },
            }),
          ),
        ]),
      403,
      ['not-allowed Bundle.entry[1].resource.valueQuantity.extension[0]'],
    ],
    [
      'a Binary in two attachments',
      () =>
        transaction([
          entry(`${BASE}/Binary/1`, { resourceType: 'Binary', contentType: 'text/plain', data: 'aGFsbG8=' }),
          entry(`${BASE}/DocumentReference/1`, {
            resourceType: 'DocumentReference',
            status: 'current',
            subject: { reference: PATIENT },
            content: [1, 2].map(() => ({ attachment: { contentType: 'text/plain', url: 'Binary/1' } })),
          }),
        ]),
      422,
      ['bundle-not-understood Bundle.entry[2].resource.content[1].attachment'],
    ],
    [
      'more than a message about one patient',
      () => transaction(Array.from({ length: 1000 }, (_, index) => entry(`${BASE}/Observation/n${index}`, weight()))),
      422,
      ['bundle-not-understood Bundle.entry'],
    ],
  ])('%s is refused on its path, and nothing is kept', async (_name, bundle, status, issues) => {
    const before = (await network.gateway.ports.counts()).exchanges;
    const answer = await push(JSON.parse(JSON.stringify(bundle())));
    expect([answer.status, issuesOf(answer)]).toEqual([status, issues]);
    expect((await network.gateway.ports.counts()).exchanges).toBe(before);
  });

  it('a consent that comes with a push goes to the register as a proposal, and never as a permission', async () => {
    const consent = familyBundle(luuk, new Date().toISOString()).entry?.find(
      (one) => one.resource?.resourceType === 'Consent',
    );
    const resource = {
      ...(consent?.resource as unknown as Json),
      patient: { reference: PATIENT },
      performer: [{ reference: PATIENT }],
      organization: undefined,
      provision: { type: 'permit' },
    };
    const answer = await push(transaction([entry(`${BASE}/Consent/1`, resource)]));
    expect(answer.status).toBe(202);
    const { id = '' } = (await released()).find((one) => one.resourceType === 'Patient') ?? {};
    const known = await network.doors.send('kdplus', 'GET', `/fhir/Consent?patient=${id}&status=proposed`);
    expect((known.body as Bundle).entry).toHaveLength(1);
  });

  it('a name that stands for two things names neither', async () => {
    const two = ['https://a.example.org/fhir', 'https://b.example.org/fhir'].map((base) =>
      entry(`${base}/Practitioner/1`, { resourceType: 'Practitioner', id: '1' }),
    );
    const bundle = transaction([
      ...two,
      entry(
        'urn:uuid:10000000-0000-4000-8000-000000000003',
        weight({ id: undefined, performer: [{ reference: 'Practitioner/1' }] }),
      ),
    ]);
    expect(issuesOf(await push(bundle))).toEqual(['reference-unresolved Bundle.entry[3].resource.performer[0]']);
  });
});

describe('a document', () => {
  const document = (): Json => ({
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` },
    timestamp: '2026-11-03T10:00:00+01:00',
    entry: [
      {
        fullUrl: `${BASE}/Composition/c1`,
        resource: {
          resourceType: 'Composition',
          id: 'c1',
          status: 'final',
          type: { coding: [{ system: LOINC, code: '11488-4' }] },
          subject: { reference: 'Patient/p1' },
          date: '2026-11-03',
          author: [
            {
              identifier: { system: 'http://fhir.nl/fhir/NamingSystem/agb-z', value: '01099991' },
              reference: 'Practitioner/far',
            },
          ],
          title: 'Verslag',
          section: [{ title: 'Groei', entry: [{ reference: 'Observation/w1' }] }],
        },
      },
      { fullUrl: `${BASE}/Patient/p1`, resource: { ...(luuk.patient as unknown as Json), id: 'p1' } },
      { fullUrl: `${BASE}/Observation/w1`, resource: weight({ subject: { reference: 'Patient/p1' } }) },
    ],
  });

  it('is taken like any push', async () => {
    const answer = await push(document());
    expect([answer.status, issuesOf(answer)]).toEqual([202, []]);
    const all = await released();
    const report = all.find(
      (one) => one.resourceType === 'Composition' && JSON.stringify(one).includes('Groei'),
    ) as unknown as Json;
    const [growth] = (report.section as { entry: Json[] }[])[0]?.entry ?? [];
    expect(all.some((one) => `Observation/${one.id}` === growth?.reference)).toBe(true);
  });

  it('a signed one is refused: the signature cannot be checked here', async () => {
    const signature = {
      type: [{ code: '1.2.840.10065.1.12.1.1' }],
      when: '2026-11-03T10:00:00Z',
      who: { display: 'x' },
    };
    expect(issuesOf(await push({ ...document(), signature }))).toEqual(['bundle-not-understood Bundle.signature']);
  });
});

/** A source's own door asks which version of FHIR it is. */
const R4 = 'application/fhir+json; fhirVersion=4.0';

describe('who pushes FHIR', () => {
  it('a source may use its own door as well; without consent nothing is taken', async () => {
    const bundle = transaction([entry(`${BASE}/Observation/w1`, weight())]);
    const answer = await network.doors.send('hix', 'POST', '/exchange/hix', bundle, { contentType: R4 });
    expect(answer.status).toBe(202);
    const stranger = transaction([entry(`${BASE}/Observation/w1`, weight())]) as { entry: Json[] };
    stranger.entry[0] = patient({
      identifier: [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '999990019' }],
    });
    expect(issuesOf(await push(stranger))).toEqual(['no-consent']);
  });

  it('a recorder that is a source too is understood by what it sends', async () => {
    const answer = await network.doors.send(
      'kdplus',
      'POST',
      '/fhir',
      transaction([entry('https://kd.example.org/fhir/Observation/1', weight())]),
    );
    expect([answer.status, issuesOf(answer)]).toEqual([202, []]);
    expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, undefined))).status).toBe(200);
  });

  it('who speaks for no source, or for several, may not at this door', async () => {
    const doors = await addClient(network, 'two', { organisation: 'ziekenhuis', sources: ['hix', 'kdplus'] });
    const bundle = transaction([entry(`${BASE}/Observation/w1`, weight())]);
    expect((await doors.send('two', 'POST', '/fhir', bundle)).status).toBe(403);
    expect((await doors.send('two', 'POST', '/exchange/hix', bundle, { contentType: R4 })).status).toBe(202);
    expect((await network.doors.send('huisarts', 'POST', '/fhir', bundle)).status).toBe(403);
    await doors.close();
  });

  it('another version of FHIR is not taken as R4', async () => {
    const contentType = 'application/fhir+json; fhirVersion=3.0';
    const answer = await network.doors.send('hix', 'POST', '/fhir', transaction([]), { contentType });
    expect(answer.status).toBe(403);
  });
});
