import { readFileSync } from 'node:fs';
import type { Bundle, Consent, OperationOutcome, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../src/consent/calendar.ts';
import { dutchDay } from '../src/consent/dutch-date.ts';
import { consentFor } from '../src/demo/families.ts';
import { BSN_SYSTEM } from '../src/fhir/extensions.ts';
import { type Network, openNetwork } from './support/network.ts';
import { adt, bsns, consult, type Story, type StoryFamily, storyOn } from './support/story.ts';

// A consent that comes with a record: what may be a refusal counts at once, a permit is a proposal (docs/decisions/0021).

const bsn = bsns(999_930_000);
let network: Network;
let story: Story;
let count = 0;
const message = () => `INKOMEND-${++count}`;
const code = (body: unknown): string => (body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code ?? '';

beforeAll(async () => {
  network = await openNetwork();
  story = storyOn(network);
});
afterAll(() => network?.close());

const baby = (more: Partial<StoryFamily> = {}): StoryFamily => ({
  bsn: bsn(),
  birthDate: addDays(dutchDay(Date.now()), -80),
  given: `Kind${count++}`,
  parents: [{ given: 'Jasmijn', custody: 'yes' }],
  team: ['jgz', 'ziekenhuis'],
  consentFor: ['jgz', 'ziekenhuis'],
  ...more,
});

interface Group {
  group: string;
  elements: { bdsNumber: number; value: unknown }[];
}
const CONTACT = JSON.parse(readFileSync('mappings/kdplus/samples/yonathan-contact.json', 'utf8')) as {
  client: { groups: Group[] };
};
/** A contact of the JGZ about somebody, with what the dossier says of informing third parties (BDS G012). */
function contact(family: StoryFamily, permits: boolean): string {
  const values: Record<number, unknown> = {
    7: family.bsn,
    6: family.given,
    4: 'Verhaalstra',
    5: family.given,
    20: family.birthDate,
  };
  const groups = CONTACT.client.groups
    .filter((one) => one.group === 'R003')
    .map((one) => ({
      ...one,
      elements: one.elements.map((each) => ({ ...each, value: values[each.bdsNumber] ?? each.value })),
    }));
  const said = [
    { bdsNumber: 1165, value: permits },
    { bdsNumber: 1166, value: '02' },
    { bdsNumber: 1350, value: '2026-11-02' },
    { bdsNumber: 1407, value: 'De nazorgpoli' },
  ];
  const client = { groups: [...groups, { group: 'G012', elements: said }] };
  return JSON.stringify({ ...CONTACT, messageId: message(), client });
}
const fromJgz = (body: string) =>
  network.doors.send('kdplus', 'POST', '/exchange/kdplus', body, { contentType: 'application/json' });
const registered = async (patient: string): Promise<Consent[]> => {
  const found = await network.doors.send('kdplus', 'GET', `/fhir/Consent?patient=${patient}`);
  return ((found.body as Bundle<Consent>).entry ?? []).flatMap((one) => one.resource ?? []);
};
const seen = async (own: string) => (await story.hospital(own, 'paediatrician')).status;
const reviewsOf = async (patient: string): Promise<Task[]> =>
  (((await story.officer('GET', '/fhir/$reviews')).body as Bundle<Task>).entry ?? [])
    .flatMap((one) => one.resource ?? [])
    .filter((one) => one.for?.reference === patient);

describe('the JGZ dossier says what parents said about informing others (BDS G012)', () => {
  it('a permit is a proposal in the register: it opens nothing, and the rest of the record goes where it may', async () => {
    const closed = await story.enter(baby({ consentFor: undefined }));
    const family = baby();
    const { patient } = await story.enter(family);
    const answer = await fromJgz(contact(family, true));
    expect(answer.status).toBe(202);
    expect(JSON.stringify(answer.body)).not.toContain('Consent');
    expect((await registered(patient)).map((one) => one.status).sort()).toEqual(['active', 'proposed']);
    expect(await reviewsOf(patient)).toEqual([]);
    expect(await seen(closed.own)).toBe(404);
  });

  it('a proposal counts once a recorder has made it a consent that is understood', async () => {
    const family = baby({ consentFor: undefined });
    const { patient, own } = await story.enter(family);
    // The proposal is kept although nothing else of the record may be: whoever asks the parents should know of it.
    expect((await fromJgz(contact(family, true))).status).toBe(202);
    const [proposal] = await registered(patient);
    expect(proposal?.status).toBe('proposed');
    expect(await seen(own)).toBe(404);
    const bare = await story.change(`Consent/${proposal?.id}`, (one) => ({ ...one, status: 'active' }));
    expect(bare.status).toBe(422);
    const mother = await network.gateway.ports.db
      .selectFrom('resource')
      .select('id')
      .where('patient', '=', own)
      .where('type', '=', 'RelatedPerson')
      .executeTakeFirstOrThrow();
    const performer = { reference: `RelatedPerson/${network.gateway.ports.vault.ids('jgz').out(mother.id)}` };
    const confirmed = await story.change(`Consent/${proposal?.id}`, () => ({
      ...consentFor({ reference: patient }, [performer], family.team, new Date(Date.now() - 60_000).toISOString()),
      id: proposal?.id,
    }));
    expect(confirmed.status).toBe(200);
    expect((await fromJgz(contact(family, true))).status).toBe(202);
    expect([await seen(own), await story.lastReasons(own)]).toMatchObject([200, { 0: 'CONSENT' }]);
  });

  it('a refusal counts at once, also where nothing else of its message may be kept; a recorder ends it when the family was asked', async () => {
    const family = baby();
    const { patient, own } = await story.enter(family);
    expect((await story.push(consult(family, message()))).status).toBe(202);
    expect((await story.nurse(patient)).status).toBe(200);
    const answer = await fromJgz(contact(family, false));
    expect([answer.status, answer.body]).toMatchObject([202, { state: 'accepted' }]);
    expect((await story.nurse(patient)).status).toBe(404);
    expect(await seen(own)).toBe(404);
    const [review] = await reviewsOf(patient);
    expect(review?.code?.coding?.[0]?.code).toBe('inbound-consent');
    // The same dossier again is the same refusal, and while it stands nothing else is taken.
    expect(code((await fromJgz(contact(family, false))).body)).toBe('no-consent');
    const refusals = (await registered(patient)).filter((one) => one.provision?.type === 'deny');
    expect(refusals).toHaveLength(1);
    const ended = await story.change(`Consent/${refusals[0]?.id}`, (one) => ({ ...one, status: 'inactive' }));
    expect(ended.status).toBe(200);
    expect((await story.nurse(patient)).status).toBe(200);
    // And it stays ended when the dossier comes again.
    expect((await fromJgz(contact(family, false))).status).toBe(202);
    expect((await story.nurse(patient)).status).toBe(200);
  });
});

describe('a source pushes a FHIR Consent', () => {
  const pushed = (family: StoryFamily, consent: Partial<Consent>) => {
    const patient = 'urn:uuid:7c2f5a10-0000-4000-8000-000000000001';
    const { organization: _kept, ...said } = consentFor(
      { reference: patient },
      [{ reference: patient }],
      ['jgz'],
      '2026-11-20T10:00:00Z',
    );
    // A source knows organisations by its own references, or by none.
    const resource = { ...said, provision: { type: 'permit' as const }, ...consent };
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: patient,
          resource: {
            resourceType: 'Patient',
            identifier: [{ system: BSN_SYSTEM, value: family.bsn }],
            name: [{ family: 'Verhaalstra', given: [family.given] }],
            birthDate: family.birthDate,
          },
          request: { method: 'POST', url: 'Patient' },
        },
        {
          fullUrl: 'urn:uuid:7c2f5a10-0000-4000-8000-000000000002',
          resource,
          request: { method: 'POST', url: 'Consent' },
        },
      ],
    };
    return network.doors.send('hix', 'POST', '/fhir', bundle, { headers: { 'idempotency-key': message() } });
  };

  it.each<[string, Partial<Consent>, number]>([
    ['a refusal stops', { provision: { type: 'deny' } }, 404],
    ['a rejected one stops', { status: 'rejected' }, 404],
    ['a withdrawal (inactive) stops, as a refusal in Mitz arrives', { status: 'inactive' }, 404],
    [
      'one that is not understood may be a refusal and stops',
      { provision: { type: 'deny', code: [{ text: 'x' }] } },
      404,
    ],
    [
      'a permit with an exception that refuses stops',
      { provision: { type: 'permit', provision: [{ type: 'deny' }] } },
      404,
    ],
    ['a permit is a proposal and changes nothing', {}, 200],
    ['a mistake (entered-in-error) changes nothing', { status: 'entered-in-error' }, 200],
  ])('%s', async (_what, consent, status) => {
    const family = baby();
    const { patient } = await story.enter(family);
    expect((await story.push(consult(family, message()))).status).toBe(202);
    const answer = await pushed(family, consent);
    expect([answer.status, code(answer.body)]).toEqual([answer.status < 300 ? answer.status : 202, '']);
    expect((await story.nurse(patient)).status).toBe(status);
  });

  it('opens nothing for a family that consented to nothing', async () => {
    const family = baby({ consentFor: undefined });
    const { patient } = await story.enter(family);
    await pushed(family, {});
    expect((await story.nurse(patient)).status).toBe(404);
    expect((await registered(patient)).map((one) => one.status)).toEqual(['proposed']);
  });
});

describe('a secret address that comes with a refused message', () => {
  it('is secret from then on', async () => {
    const family = baby();
    const { own, consent } = await story.enter(family);
    await story.change(consent, (one) => ({ ...one, status: 'inactive' }));
    // PD1-12: the patient asked for protection.
    const answer = await network.doors.mllp(adt(family, message(), { segments: [`PD1|${'|'.repeat(10)}|Y`] }));
    expect(answer.code).toBe('AA');
    const rows = await network.gateway.ports.db
      .selectFrom('audit')
      .select('event')
      .where('patient', '=', own)
      .where('kind', '=', 'family')
      .execute();
    expect(rows.length).toBeGreaterThan(1);
  });
});
