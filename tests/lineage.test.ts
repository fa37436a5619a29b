import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import type { Receipt } from '../src/exchange/receipt.ts';
import { unreadElements } from '../src/store/unread-elements.ts';
import { type Network, openNetwork } from './support/network.ts';

const [yonathan, luuk] = FAMILIES as [Family, Family];
const consult = JSON.parse(await readFile('mappings/hix/samples/luuk-consult.json', 'utf8'));
let network: Network;
beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  for (const family of [yonathan, luuk])
    expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(family, signedAt))).status).toBe(200);
});
afterAll(() => network?.close());

const push = (body: unknown, contentType = 'application/json') =>
  network.doors.send('hix', 'POST', '/exchange/hix', body, { contentType });
const events = async (exchange: string) =>
  (await network.gateway.ports.db.selectFrom('audit').select('kind').where('exchange', '=', exchange).execute()).map(
    (one) => one.kind,
  );

it('a sender sees where each element of its message came from, without a value; nobody else does, and the look is on the log', async () => {
  const { id } = (await push(consult)).body as Receipt;
  const answer = await network.doors.send('hix', 'GET', `/exchange/${id}/lineage`);
  expect(answer.status).toBe(200);
  const bundle = answer.body as Bundle;
  expect(bundle.entry?.map((one) => one.resource?.resourceType)).toContain('Provenance');
  expect(bundle.entry?.length).toBeGreaterThan(5);
  const text = JSON.stringify(bundle);
  expect(text).toContain('/patient/birthDate');
  for (const value of [consult.patient.bsn, consult.patient.birthDate, consult.patient.name.surname, consult.reason])
    expect(text).not.toContain(value);
  expect((await network.doors.send('kdplus', 'GET', `/exchange/${id}/lineage`)).status).toBe(404);
  expect((await network.doors.send('hix', 'GET', '/exchange/x/lineage')).status).toBe(404);
  expect((await events(id)).filter((kind) => kind === 'lineage')).toEqual(['lineage']);
});

it('a refusal that FHIR gives names the place in the message', async () => {
  const wrong = { ...consult, messageId: 'WRONG-BSN', patient: { ...consult.patient, bsn: '999903239' } };
  const outcome = (await push(wrong)).body as OperationOutcome;
  expect(outcome.issue?.[0]).toMatchObject({ expression: ['/patient/bsn'], diagnostics: 'Patient.identifier.value' });
  expect(outcome.issue?.[0]?.details?.coding?.[0]?.code).toBe('bsn-invalid');
  const other = { ...consult, messageId: 'WRONG-BIRTH', patient: { ...consult.patient, birthDate: '2024-07-10' } };
  const conflict = (await push(other)).body as OperationOutcome;
  expect(conflict.issue?.[0]).toMatchObject({ expression: ['/patient/birthDate'] });
});

it('what an accepted message held and no rule read is counted', async () => {
  const mdm = await readFile('mappings/hix/samples/yonathan-mdm.hl7', 'latin1');
  expect((await push(mdm, 'application/hl7-v2')).status).toBe(202);
  const { db } = network.gateway.ports;
  for (let wait = 0; wait < 60 && (await unreadElements(db, 'hix')).length === 0; wait += 1) await pause(250);
  const paths = (await unreadElements(db, 'hix')).map((one) => one.path);
  expect(paths.some((path) => path.startsWith('PV1.location'))).toBe(true);
  expect(paths).not.toContain('PID.birthDate');
}, 30_000);
