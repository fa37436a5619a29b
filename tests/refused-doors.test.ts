import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES, familyBundle } from '../src/demo/families.ts';
import { loadFile } from '../src/store/records.ts';
import { type Network, openNetwork } from './support/network.ts';

const SIGNED = new Date(Date.now() - 60_000).toISOString();
let network: Network;
let consult: string;

beforeAll(async () => {
  network = await openNetwork();
  consult = await readFile('mappings/hix/samples/luuk-consult.json', 'utf8');
});
afterAll(() => network?.close());

const luuk = () => FAMILIES[1] as (typeof FAMILIES)[number];
const push = (body: string) =>
  network.doors.send('hix', 'POST', '/exchange/hix', body, { contentType: 'application/json' });
const kinds = async () =>
  (await network.gateway.ports.db.selectFrom('audit').select(['kind', 'event']).orderBy('seq').execute()).map(
    (one) => ({
      kind: one.kind,
      event: one.event,
    }),
  );

describe('A sender that the family has nothing to do with', () => {
  it('gets the same answer as for an unknown child, also with a wrong birth date', async () => {
    const without = { ...luuk(), organisations: ['jgz', 'huisarts'] };
    expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(without, SIGNED))).status).toBe(200);
    const known = await push(consult);
    const wrongDate = await push(consult.replace('2024-07-09', '2024-07-10').replace('000731', '000732'));
    const unknown = await push(consult.replace('999903238', '999990019').replace('000731', '000733'));
    expect(known.status).toBe(403);
    expect(wrongDate).toEqual(known);
    expect(unknown).toEqual(known);
  });
});

describe('A message that leaves open whose it is', () => {
  const hl7 = (text: string) => network.doors.mllp(Buffer.from(text, 'latin1'));
  let oru: string;
  beforeAll(async () => {
    oru = (await readFile('mappings/hix/samples/yonathan-oru.hl7')).toString('latin1');
  });
  it('two BSNs', async () => {
    const two = oru.replace('999903147^^^NLMINBIZA^NNNLD', '999903147^^^NLMINBIZA^NNNLD~999903238^^^NLMINBIZA^NNNLD');
    expect(await hl7(two)).toMatchObject({ code: 'AR' });
  });
  it('no birth date', async () => {
    expect(await hl7(oru.replace('||20260504|M|', '|||M|'))).toMatchObject({
      code: 'AR',
      reasons: ['identity-missing'],
    });
  });
  it('a test message', async () => {
    expect(await hl7(oru.replace('|P|2.5|', '|T|2.5|'))).toMatchObject({ code: 'AR', reasons: ['hl7-invalid'] });
  });
});

describe('What is not kept', () => {
  it('is not kept in the raw message either, and a message id that is a BSN is not kept in clear', async () => {
    await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(FAMILIES[0] as (typeof FAMILIES)[number], SIGNED));
    const contact = await readFile('mappings/kdplus/samples/yonathan-contact.json', 'utf8');
    const answer = await network.doors.send(
      'kdplus',
      'POST',
      '/exchange/kdplus',
      contact.replace('KD-2026-08-27-004410', '999903147'),
      { contentType: 'application/json' },
    );
    expect(answer).toMatchObject({ status: 202, body: { state: 'accepted' } });
    const row = await network.gateway.ports.db
      .selectFrom('exchange')
      .selectAll()
      .where('source', '=', 'kdplus')
      .executeTakeFirstOrThrow();
    expect(row.raw).toBeNull();
    expect(row.message_id).not.toContain('999903147');
  });
});

describe('The log', () => {
  it('has an entry for each refusal at a door', async () => {
    const before = (await kinds()).filter((one) => one.kind === 'refusal').length;
    await network.doors.send('hix', 'POST', '/fhir/Consent', {});
    await network.doors.send('hix', 'GET', '/fhir/AuditEvent?patient=x');
    await network.doors.send('hix', 'POST', '/exchange/kdplus', '{}', { contentType: 'application/json' });
    await expect.poll(async () => (await kinds()).filter((one) => one.kind === 'refusal').length).toBe(before + 3);
  });
  it('holds the reason of a break-glass sealed, and a caseload cannot be broken open', async () => {
    const iua = { subject_role: 'youth-nurse', purpose_of_use: 'BTG', btg_reason: 'bewusteloos kind op de stoep' };
    const caseload = await network.doors.send('kdplus', 'GET', '/fhir/Patient', undefined, { iua });
    expect(caseload).toMatchObject({ status: 200, body: { total: 0 } });
    const events = (await kinds()).map((one) => one.event).join('\n');
    expect(events).toContain('break-glass-reason');
    expect(events).not.toContain('bewusteloos');
  });
});

it('a category changed in the database changes nothing: the sealed one counts', async () => {
  const { db, vault } = network.gateway.ports;
  const { patient } = await db
    .selectFrom('resource')
    .select('patient')
    .where('type', '=', 'Patient')
    .executeTakeFirstOrThrow();
  await db
    .updateTable('resource')
    .set({ category: 'consult', labels: ['PSY'] })
    .where('patient', '=', patient)
    .execute();
  const file = await loadFile(db, vault, patient, new Date());
  const child = file?.resources.find((one) => one.type === 'Patient');
  expect(child).toMatchObject({ category: 'naw', labels: [] });
});
