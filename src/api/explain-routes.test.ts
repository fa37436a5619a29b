import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Bundle, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import { find } from '../demo/play.ts';

const [, luuk] = FAMILIES as [Family, Family];
const as = (discipline: string) => ({ subject_role: discipline, purpose_of_use: 'TREAT' });
let network: Network;
let patient: string;
let gpPatient: string;

const ask = async (client: string, discipline: string | undefined, values: Record<string, string>) => {
  const body = {
    resourceType: 'Parameters',
    parameter: Object.entries(values).map(([name, valueString]) => ({ name, valueString })),
  };
  const answer = await network.doors.send(
    client,
    'POST',
    '/fhir/$explain',
    body,
    discipline ? { iua: as(discipline) } : {},
  );
  return { status: answer.status, body: answer.body as Parameters };
};
const parts = (one: ParametersParameter | undefined, name: string) =>
  (one?.part ?? []).filter((part) => part.name === name);
const value = (one: ParametersParameter | undefined, name: string) => {
  const [found] = parts(one, name);
  return (
    found?.valueCode ??
    found?.valueString ??
    found?.valueId ??
    found?.valueReference?.reference ??
    found?.valueUnsignedInt
  );
};
const outcomes = (body: Parameters) =>
  Object.fromEntries(
    parts(body.parameter?.[0], 'category').map((one) => [value(one, 'category'), value(one, 'outcome')]),
  );
const everything = async (client: string, discipline: string, id: string) => {
  const token = await network.doors.token(client, as(discipline));
  const response = await fetch(`${network.base}/fhir/Patient/${id}/$everything`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { receipt: response.headers.get('gezinspoort-receipt') ?? '', body: (await response.json()) as Bundle };
};

beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, signedAt))).status).toBe(200);
  const consult = await readFile('mappings/hix/samples/luuk-consult.json', 'utf8');
  expect(
    (await network.doors.send('hix', 'POST', '/exchange/hix', consult, { contentType: 'application/json' })).status,
  ).toBe(202);
  await network.settled();
  patient = (await find(network.doors, 'kdplus', 'youth-nurse', luuk)) ?? '';
  gpPatient = (await find(network.doors, 'huisarts', 'gp', luuk)) ?? '';
});
afterAll(() => network?.close());

describe('a professional', () => {
  it('reads of each item and category that went out why, in two languages, and nothing of what did not', async () => {
    const { status, body } = await ask('huisarts', 'gp', { patient: gpPatient });
    expect(status).toBe(200);
    expect(knowledge.validate(body)).toEqual([]);
    const [decision] = body.parameter ?? [];
    const items = parts(decision, 'item');
    expect(items.length).toBeGreaterThan(3);
    expect(items.map((one) => value(one, 'outcome'))).toEqual(items.map(() => 'released'));
    // That an element was left out says that it was there.
    expect(items.flatMap((one) => parts(one, 'field'))).toEqual([]);
    const why = parts(parts(items[0], 'reason').at(-1), 'why')[0] as unknown as {
      valueString: string;
      _valueString: { extension: unknown[] };
    };
    expect(why.valueString).toBe('Of this item you get only what your discipline needs.');
    expect(JSON.stringify(why._valueString)).toContain('alleen wat uw functie nodig heeft');
  });

  it('reads the same about an answer by its receipt', async () => {
    const { receipt, body: bundle } = await everything('huisarts', 'gp', gpPatient);
    const { body } = await ask('huisarts', 'gp', { receipt });
    const references = parts(body.parameter?.[0], 'item').map((one) => value(one, 'reference'));
    const got = (bundle.entry ?? []).map(({ resource }) => `${resource?.resourceType}/${resource?.id}`);
    expect([...references].sort()).toEqual([...got].sort());
    expect(value(body.parameter?.[0], 'receipt')).toBe(receipt);
  });

  it('cannot tell withheld from unknown: another’s receipt, one of nothing, an unknown patient and receipt', async () => {
    const { receipt: nurses } = await everything('kdplus', 'youth-nurse', patient);
    const { receipt: nothing } = await everything('huisarts', 'gp', randomUUID());
    const bodies = [
      await ask('huisarts', 'gp', { receipt: nurses }),
      await ask('huisarts', 'gp', { receipt: nothing }),
      await ask('huisarts', 'gp', { receipt: randomUUID() }),
      await ask('huisarts', 'gp', { patient: randomUUID() }),
      await ask('huisarts', 'gp', { patient }),
    ].map(({ status, body }) => {
      const part = body.parameter?.[0]?.part?.filter((one) => !['at', 'receipt'].includes(one.name ?? ''));
      return { status, part };
    });
    for (const one of bodies) expect(one).toEqual(bodies[0]);
    expect(bodies[0]?.part?.some((one) => one.name === 'patient' || one.name === 'item')).toBe(false);
  });

  it('of a withheld family reads what one reads of nobody', async () => {
    const { db, vault } = network.gateway.ports;
    const own = vault.ids('huisarts').in(gpPatient) ?? '';
    await db
      .updateTable('treatment_relation')
      .set({ until: new Date() })
      .where('patient', '=', own)
      .where('organisation', '=', 'huisarts')
      .execute();
    const without = (body: Parameters) => body.parameter?.[0]?.part?.filter((one) => one.name !== 'at');
    const withheld = await ask('huisarts', 'gp', { patient: gpPatient });
    const unknown = await ask('huisarts', 'gp', { patient: randomUUID() });
    await db
      .updateTable('treatment_relation')
      .set({ until: null })
      .where('patient', '=', own)
      .where('organisation', '=', 'huisarts')
      .execute();
    expect(without(withheld.body)).toEqual(without(unknown.body));
  });

  it('may not ask for others, and not without a discipline', async () => {
    expect((await ask('huisarts', 'gp', { patient: gpPatient, discipline: 'paediatrician' })).status).toBe(403);
    expect((await ask('huisarts', undefined, { patient: gpPatient })).status).toBe(403);
  });
});

describe('the privacy officer', () => {
  it('reads for any discipline what was withheld and why, by item', async () => {
    const { status, body } = await ask('jgz-privacy', undefined, {
      patient,
      organisation: 'wijkteam',
      discipline: 'social-domain',
    });
    expect(status).toBe(200);
    expect(outcomes(body)).toMatchObject({
      naw: 'redacted',
      development: 'not-permitted',
      medication: expect.stringMatching(/not-/),
    });
    const items = parts(body.parameter?.[0], 'item');
    expect(items.some((one) => value(one, 'outcome') === 'withheld')).toBe(true);
    expect(JSON.stringify(body)).not.toContain('Proefhoeve');
  });
  it('reads any answer by its receipt, and says for whom otherwise', async () => {
    const { receipt } = await everything(
      'wijkteam',
      'social-domain',
      (await find(network.doors, 'wijkteam', 'social-domain', luuk)) ?? '',
    );
    const { body } = await ask('jgz-privacy', undefined, { receipt });
    expect(value(body.parameter?.[0], 'discipline')).toBe('social-domain');
    expect(value(body.parameter?.[0], 'patient')).toBe(`Patient/${patient}`);
    expect((await ask('jgz-privacy', undefined, { patient })).status).toBe(403);
  });
  it('can narrow it to a category, a type or an item', async () => {
    const all = { patient, organisation: 'wijkteam', discipline: 'social-domain' };
    const { body } = await ask('jgz-privacy', undefined, { ...all, category: 'development' });
    expect(Object.keys(outcomes(body))).toEqual(['development']);
    const [first] = parts(body.parameter?.[0], 'item');
    const [type = '', id = ''] = String(value(first, 'reference')).split('/');
    const one = await ask('jgz-privacy', undefined, { ...all, type, id });
    expect(parts(one.body.parameter?.[0], 'item').map((item) => value(item, 'reference'))).toEqual([`${type}/${id}`]);
  });
  it('reads the smallest change that would turn an outcome, and whose it would be', async () => {
    const { db } = network.gateway.ports;
    const own = network.gateway.ports.vault.ids('jgz').in(patient) ?? '';
    const consents = await db.selectFrom('consent').selectAll().where('patient', '=', own).execute();
    await db.deleteFrom('consent').where('patient', '=', own).execute();
    const { body } = await ask('jgz-privacy', undefined, {
      patient,
      organisation: 'huisarts',
      discipline: 'gp',
      category: 'naw',
    });
    await db.insertInto('consent').values(consents).execute();
    const [item] = parts(body.parameter?.[0], 'item');
    expect(value(item, 'outcome')).toBe('withheld');
    const changes = parts(item, 'change');
    expect(changes.map((one) => value(one, 'code'))).toEqual(['permits', 'permits']);
    expect(changes.map((one) => value(one, 'text'))).toEqual(
      Array(2).fill('Needed is consent of someone with custody.'),
    );
    expect(new Set(changes.map((one) => value(one, 'person'))).size).toBe(2);
  });
  it('leaves the look on the log', async () => {
    const { rows } = await network.gateway.ports.db
      .selectFrom('audit')
      .select('event')
      .where('kind', '=', 'explain')
      .execute()
      .then((rows) => ({ rows }));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.some((one) => one.event.includes('jgz-privacy') && one.event.includes('everything'))).toBe(true);
    expect(rows.some((one) => one.event.includes('"released"'))).toBe(true);
  });
});

describe('what is no question', () => {
  it.each<[string, unknown]>([
    ['no Parameters', { resourceType: 'Bundle' }],
    [
      'neither receipt nor patient',
      { resourceType: 'Parameters', parameter: [{ name: 'category', valueCode: 'naw' }] },
    ],
    [
      'both',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'receipt', valueId: randomUUID() },
          { name: 'patient', valueId: randomUUID() },
        ],
      },
    ],
    ['an unknown name', { resourceType: 'Parameters', parameter: [{ name: 'bsn', valueString: '999903147' }] }],
    [
      'a name twice',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'receipt', valueId: randomUUID() },
          { name: 'receipt', valueId: randomUUID() },
        ],
      },
    ],
    ['null as a part', { resourceType: 'Parameters', parameter: [null] }],
  ])('%s is refused', async (_, body) => {
    const answer = await network.doors.send('huisarts', 'POST', '/fhir/$explain', body, { iua: as('gp') });
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).not.toContain('999903147');
  });
});
