import { readFile } from 'node:fs/promises';
import type { AuditEvent } from '@medplum/fhirtypes';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import { find } from '../demo/play.ts';
import { keptPolicies } from '../policy/kept.ts';
import type { Policy } from '../policy/policy.ts';
import { knownElements } from '../views/testing/test-views.ts';
import { type Replayed, type ReplayPorts, replay } from './replay.ts';

const [yonathan, luuk] = FAMILIES as [Family, Family];
let network: Network;
let ports: ReplayPorts;
let patient: string;

const fetched = async (client: string, path: string, discipline: string | undefined, form?: string) => {
  const iua = discipline ? { subject_role: discipline, purpose_of_use: 'TREAT' } : undefined;
  const response = await fetch(network.base + path, {
    method: form ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${await network.doors.token(client, iua)}`,
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    body: form,
  });
  const receipt = response.headers.get('gezinspoort-receipt') ?? '';
  return { status: response.status, receipt, headers: response.headers, body: await response.text() };
};
const kinds = (all: readonly Replayed[]) => all.map((one) => (one.kind === 'impossible' ? one.why : one.kind));
const rows = (receipt: string) =>
  network.gateway.ports.db.selectFrom('receipt').selectAll().where('id', '=', receipt).execute();

beforeAll(async () => {
  network = await openNetwork();
  const { db, vault } = network.gateway.ports;
  ports = { db, vault, policyOf: keptPolicies(db, await knownElements()) };
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  for (const family of [yonathan, luuk])
    expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(family, signedAt))).status).toBe(200);
  const consult = await readFile('mappings/hix/samples/luuk-consult.json', 'utf8');
  const pushed = await network.doors.send('hix', 'POST', '/exchange/hix', consult, { contentType: 'application/json' });
  expect(pushed.status).toBe(202);
  await network.settled();
  patient = (await find(network.doors, 'kdplus', 'youth-nurse', luuk)) ?? '';
});
afterAll(() => network?.close());

describe('the header', () => {
  it('is of one shape whether something is released, all of it withheld, or the patient unknown', async () => {
    const seen = [
      await fetched('kdplus', `/fhir/Patient/${patient}/$everything`, 'youth-nurse'),
      await fetched('kdplus', '/fhir/Patient/00000000-0000-4000-8000-000000000000/$everything', 'youth-nurse'),
      await fetched('kdplus', `/fhir/Medication/${patient}`, 'youth-nurse'),
      await fetched('buurtgezin', `/fhir/Observation?patient=${patient}`, 'volunteer'),
      await fetched('kdplus', '/fhir/Patient', 'youth-nurse'),
      await fetched('kdplus', '/fhir/nonsense', 'youth-nurse'),
    ];
    for (const { receipt, headers } of seen) {
      expect(receipt).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      expect(headers.get('link')).toBe(`<${network.base}/fhir/$explain>; rel="http://gezinspoort.nl/fhir/rel/explain"`);
    }
    expect(new Set(seen.map((one) => one.receipt)).size).toBe(seen.length);
    expect(seen.map((one) => one.status)).toEqual([200, 404, 404, 200, 200, 400]);
  });
});

describe('a receipt', () => {
  it('stands beside its audit entry, which proves it', async () => {
    const { receipt } = await fetched('kdplus', `/fhir/Patient/${patient}/$everything`, 'youth-nurse');
    const [row] = await rows(receipt);
    if (!row) throw new Error('no receipt');
    expect(row).toMatchObject({ organisation: 'jgz', discipline: 'youth-nurse', purpose: 'TREAT', mode: 'pull' });
    const { rows: found } = await sql<{
      event: string;
    }>`select event from audit where kind = 'decision' and event like ${`%${receipt}%`}`.execute(ports.db);
    const details = found
      .flatMap((one) => (JSON.parse(one.event) as AuditEvent).entity ?? [])
      .flatMap((one) => one.detail ?? []);
    expect(details).toContainEqual({ type: 'output', valueString: row.output.toString('hex') });
    expect(details).toContainEqual({ type: 'policy', valueString: row.policy });
    const policy = network.gateway.ports.policy();
    expect(row.policy).toBe(policy.version);
  });

  it('of an answer about several patients has a row for each', async () => {
    const { receipt, body } = await fetched('kdplus', '/fhir/Patient', 'youth-nurse');
    expect(JSON.parse(body).total).toBe(2);
    expect(new Set((await rows(receipt)).map((one) => one.patient)).size).toBe(2);
    expect(kinds(await replay(ports, receipt))).toEqual(['same', 'same']);
  });

  it('of a delivery stands in its audit entry and in the receipt of the exchange', async () => {
    const exchange = await ports.db
      .selectFrom('exchange')
      .select('id')
      .where('source', '=', 'hix')
      .executeTakeFirstOrThrow();
    const { body } = (await network.doors.send('hix', 'GET', `/exchange/${exchange.id}`)) as {
      body: { deliveries: { state: string; decision?: string }[] };
    };
    const delivered = body.deliveries.filter((one) => one.state === 'delivered');
    expect(delivered.length).toBeGreaterThan(0);
    for (const { decision = '' } of delivered) {
      const all = await replay(ports, decision);
      expect(kinds(all)).toEqual(['same']);
      expect(all[0]?.row.mode).toMatch(/^(deliver|push-referral)$/);
      const { rows: found } = await sql<{
        kind: string;
      }>`select kind from audit where event like ${`%${decision}%`} order by seq`.execute(ports.db);
      expect(found.map((one) => one.kind)).toEqual(['decision', 'release', 'delivery']);
    }
  });
});

describe('replay', () => {
  it.each(['youth-nurse', 'paediatrician', 'gp', 'social-domain', 'volunteer'])(
    'of what the %s got is the same, later too',
    async (discipline) => {
      const client =
        {
          'youth-nurse': 'kdplus',
          paediatrician: 'hix',
          gp: 'huisarts',
          'social-domain': 'wijkteam',
          volunteer: 'buurtgezin',
        }[discipline] ?? '';
      const inside = network.gateway.ports.vault;
      const own = inside
        .ids(client === 'kdplus' ? 'jgz' : client === 'hix' ? 'ziekenhuis' : client)
        .out(inside.ids('jgz').in(patient) ?? '');
      const { receipt, status } = await fetched(client, `/fhir/Patient/${own}/$everything`, discipline);
      expect(status).toBe(200);
      const [done] = await replay(ports, receipt);
      expect(done).toMatchObject({ kind: 'same' });
      // Time goes on: a new version, another relation.
      await ports.db.updateTable('resource').set({ current: false }).where('type', '=', 'Encounter').execute();
      expect(kinds(await replay(ports, receipt))).toEqual(['same']);
      await ports.db.updateTable('resource').set({ current: true }).where('type', '=', 'Encounter').execute();
    },
  );

  it('under a stricter policy tells which items differ, by element and never by value', async () => {
    const { receipt, body } = await fetched('kdplus', `/fhir/Patient/${patient}/$everything`, 'youth-nurse');
    const strict: Policy = {
      ...knowledge.policy,
      views: {
        ...knowledge.views,
        policies: new Map(
          [...knowledge.views.policies].map(([name, one]) => [
            name,
            { ...one, categories: { naw: 'minimum' }, polis: {} },
          ]),
        ),
      },
    };
    const [done] = await replay({ ...ports, policyOf: async () => strict }, receipt);
    if (done?.kind !== 'different') throw new Error('not different');
    expect(done.differences.some((one) => one.after.startsWith('withheld; VIEW_NOT_ENTITLED'))).toBe(true);
    expect(done.differences.some((one) => one.after.includes('without Patient.'))).toBe(true);
    expect(body).toContain('Proefhoeve');
    expect(JSON.stringify(done.differences)).not.toContain('Proefhoeve');
  });

  it('says why it cannot be: changed receipt, version gone, policy gone, patient erased; nothing for an unknown id', async () => {
    const { receipt } = await fetched('kdplus', `/fhir/Patient/${patient}/$everything`, 'youth-nurse');
    const [row] = await rows(receipt);
    if (!row) throw new Error('no receipt');
    expect(await replay(ports, patient)).toEqual([]);
    expect(kinds(await replay({ ...ports, policyOf: async () => undefined }, receipt))).toEqual(['policy-gone']);

    const other = await fetched('kdplus', `/fhir/Patient/${patient}/$everything`, 'youth-nurse');
    const [donor] = await rows(other.receipt);
    await ports.db
      .updateTable('receipt')
      .set({ body: donor?.body as Buffer })
      .where('seq', '=', row.seq)
      .execute();
    expect(kinds(await replay(ports, receipt))).toEqual(['not-readable']);
    await ports.db.updateTable('receipt').set({ body: row.body }).where('seq', '=', row.seq).execute();
    expect(kinds(await replay(ports, receipt))).toEqual(['same']);

    await ports.db.deleteFrom('resource').where('patient', '=', row.patient).where('type', '=', 'Encounter').execute();
    expect(kinds(await replay(ports, receipt))).toEqual(['version-gone']);
    await ports.db
      .updateTable('patient')
      .set({ wrapped_key: null, erased_at: new Date() })
      .where('id', '=', row.patient)
      .execute();
    expect(kinds(await replay(ports, receipt))).toEqual(['erased']);
  });
});
