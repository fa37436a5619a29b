import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClient } from '../../tests/support/client.ts';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import type { Answer } from '../demo/doors.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import type { Receipt } from '../exchange/receipt.ts';

const [yonathan, luuk] = FAMILIES as [Family, Family];
const consult = JSON.parse(await readFile('mappings/hix/samples/luuk-consult.json', 'utf8')) as Record<string, unknown>;
const oru = await readFile('mappings/hix/samples/yonathan-oru.hl7', 'latin1');
let network: Network;

beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  for (const family of [yonathan, luuk])
    expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(family, signedAt))).status).toBe(200);
});
afterAll(() => network?.close());

const push = (body: unknown, options: { contentType?: string; headers?: Record<string, string> } = {}) =>
  network.doors.send('hix', 'POST', '/exchange/hix', body, { contentType: 'application/json', ...options });
const codeOf = (answer: Answer): string =>
  (answer.body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code ?? '';
const receipt = (answer: Answer) => answer.body as Receipt;
const fresh = (more: object = {}) => ({ ...consult, messageId: `M-${randomUUID()}`, ...more });

describe('a push', () => {
  it('is answered with a receipt that can be followed until the delivery has ended', async () => {
    const answer = await push(fresh());
    expect(answer.status).toBe(202);
    const { id } = receipt(answer);
    expect(receipt(answer)).toMatchObject({ state: 'accepted', messageId: expect.stringMatching(/^M-/) });
    expect(receipt(answer).deliveries.map((one) => one.receiver)).toEqual(['huisarts-inbox', 'kdplus-inbox']);
    await network.settled();
    const followed = await network.doors.send('hix', 'GET', `/exchange/${id}`);
    expect(followed.status).toBe(200);
    expect(receipt(followed).deliveries.map((one) => [one.state, one.attempts])).toEqual([
      ['delivered', 1],
      ['delivered', 1],
    ]);
    expect(JSON.stringify(followed.body)).not.toContain('999903238');
  });

  it('takes HL7 v2 over HTTP as well', async () => {
    expect((await push(oru, { contentType: 'application/hl7-v2' })).status).toBe(202);
  });

  it('takes FHIR STU3 where the content type says so, and a single resource with an Idempotency-Key', async () => {
    const stu3 = await readFile('mappings/hix/samples/yonathan-stu3.json', 'utf8');
    const single = await readFile('mappings/hix/samples/luuk-stu3-single.json', 'utf8');
    const contentType = 'application/fhir+json; fhirVersion=3.0';
    expect((await push(stu3, { contentType })).status).toBe(202);
    expect((await push(stu3, { contentType: 'application/fhir+json' })).status).toBe(415);
    expect(codeOf(await push(single, { contentType }))).toBe('message-id-missing');
    expect((await push(single, { contentType, headers: { 'idempotency-key': 'stu3-1' } })).status).toBe(202);
  });

  it('with an Idempotency-Key beside an id of its own goes by its own', async () => {
    const message = fresh();
    const first = await push(message, { headers: { 'idempotency-key': 'A-1' } });
    const again = await push(message, { headers: { 'idempotency-key': 'A-2' } });
    expect(receipt(again).id).toBe(receipt(first).id);
  });

  it('two sources or senders may use the same message id', async () => {
    const doors = await addClient(network, 'second-hospital', { organisation: 'second', sources: ['hix'] });
    const message = fresh({ messageId: 'SAME-1' });
    const { ura: _ura, ...anonymous } = message as Record<string, unknown>;
    expect((await push(message)).status).toBe(202);
    const other = await doors.send('second-hospital', 'POST', '/exchange/hix', anonymous, {
      contentType: 'application/json',
    });
    expect(codeOf(other)).not.toBe('message-conflict');
    await doors.close();
  });

  it.each([
    ['the name of a JavaScript object', '/exchange/__proto__', 404],
    ['a path into the file system', '/exchange/..%2fhix', 404],
    ['capitals', '/exchange/HIX', 404],
  ])('to a source that does not exist: %s', async (_name, path, status) => {
    expect((await network.doors.send('hix', 'POST', path, fresh(), { contentType: 'application/json' })).status).toBe(
      status,
    );
  });
});

describe('a refusal', () => {
  // A referral that the family knows of would need no consent of its own; these say nothing of one.
  const withoutConsent = fresh({
    referrals: undefined,
    patient: { ...(consult.patient as object), bsn: '999903032', birthDate: '1999-02-14' },
  });
  const unknown = fresh({ referrals: undefined, patient: { ...(consult.patient as object), bsn: '999990019' } });

  it('for want of consent and for an unknown patient are the same, and no message id is used up', async () => {
    await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(FAMILIES[2] as Family, undefined));
    for (const message of [withoutConsent, unknown, withoutConsent]) {
      const answer = await push(message);
      expect([answer.status, codeOf(answer)]).toEqual([403, 'no-consent']);
    }
    expect((await push(withoutConsent)).body).toEqual((await push(unknown)).body);
  });

  it('has no receipt that could be asked for, and is on the log with source and reason', async () => {
    const { db } = network.gateway.ports;
    const rows = await db.selectFrom('exchange').selectAll().where('state', '=', 'refused').execute();
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) {
      expect(row).toMatchObject({ raw: null, digest: null, patient: null, source: 'hix' });
      expect(await db.selectFrom('delivery').select('id').where('exchange', '=', row.id).execute()).toEqual([]);
    }
    const audited = await db.selectFrom('audit').select('event').where('kind', '=', 'refusal').execute();
    expect(audited.some((one) => one.event.includes('NO_CONSENT'))).toBe(true);
  });
});

describe('a receipt', () => {
  let id: string;
  beforeAll(async () => {
    id = receipt(await push(fresh())).id;
  });
  it('is there for the sender', async () => {
    expect((await network.doors.send('hix', 'GET', `/exchange/${id}`)).status).toBe(200);
  });
  it.each(['kdplus', 'huisarts', 'jgz-privacy'])('is not there for %s', async (client) => {
    expect((await network.doors.send(client, 'GET', `/exchange/${id}`)).status).toBe(404);
  });
  it.each([randomUUID(), 'x', '%00', "1' or '1'='1"])('%s has none', async (other) => {
    expect((await network.doors.send('hix', 'GET', `/exchange/${encodeURIComponent(other)}`)).status).toBe(404);
  });
});

describe('who may push', () => {
  it('a client that lost its source may not, with the token it has', async () => {
    const doors = await addClient(network, 'losing', { organisation: 'ziekenhuis', sources: ['hix'] });
    const send = () => doors.send('losing', 'POST', '/exchange/hix', fresh(), { contentType: 'application/json' });
    expect((await send()).status).toBe(202);
    await network.gateway.ports.db.updateTable('client').set({ sources: [] }).where('id', '=', 'losing').execute();
    await network.gateway.refreshDirectory();
    expect((await send()).status).toBe(403);
    await doors.close();
  });
});
