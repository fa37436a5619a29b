import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClient } from '../../tests/support/client.ts';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import { find } from '../demo/play.ts';

const [, luuk] = FAMILIES as [Family, Family];
let network: Network;
let patient: string;

beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, signedAt))).status).toBe(200);
  const consult = await readFile('mappings/hix/samples/luuk-consult.json', 'utf8');
  const pushed = await network.doors.send('hix', 'POST', '/exchange/hix', consult, { contentType: 'application/json' });
  expect(pushed.status).toBe(202);
  patient = (await find(network.doors, 'kdplus', 'youth-nurse', luuk)) ?? '';
  await network.settled();
});
afterAll(() => network?.close());

const read = (id = patient, client = 'jgz-privacy') =>
  network.doors.send(client, 'GET', `/fhir/AuditEvent?patient=${id}`);
const eventsOf = (body: unknown): AuditEvent[] =>
  ((body as Bundle<AuditEvent>).entry ?? []).flatMap((one) => one.resource ?? []);

describe('the log about one patient', () => {
  it('tells the privacy officer what happened, in order: entered, pushed, decided, released, delivered', async () => {
    const kinds = eventsOf((await read()).body).map((one) => one.subtype?.[1]?.code);
    expect(kinds.slice(0, 4)).toEqual(['family', 'consent', 'push', 'decision']);
    expect(kinds).toEqual(expect.arrayContaining(['release', 'delivery']));
  });

  it('speaks in the ids of the officer’s organisation: none of the inside, and the same as others there see', async () => {
    const answer = await read();
    const text = JSON.stringify(answer.body);
    expect(text).toContain(`Patient/${patient}`);
    const { db } = network.gateway.ports;
    const inner = [
      ...(await db.selectFrom('resource').select('id').execute()),
      ...(await db.selectFrom('patient').select('id').execute()),
      ...(await db.selectFrom('consent').select('id').execute()),
    ];
    expect(inner.length).toBeGreaterThan(8);
    for (const { id } of inner) expect(text).not.toContain(id);
  });

  it('holds references and codes, no number, name or text', async () => {
    const text = JSON.stringify((await read()).body);
    for (const secret of [luuk.bsn, 'Luuk', 'Proefhoeve', '2024-07-09', 'Weigert vast voedsel'])
      expect(text).not.toContain(secret);
  });

  it('records the look itself', async () => {
    const before = eventsOf((await read()).body).length;
    const after = eventsOf((await read()).body);
    expect(after).toHaveLength(before + 1);
    expect(after.at(-1)?.subtype?.[1]?.code).toBe('log-read');
    expect(JSON.stringify(after.at(-1))).toContain('jgz-privacy');
  });

  it('nobody else may read it, and an unknown patient has none', async () => {
    for (const client of ['hix', 'kdplus', 'wijkteam', 'huisarts', 'buurtgezin'])
      expect((await read(patient, client)).status).toBe(403);
    for (const id of [randomUUID(), 'x', '']) expect((await read(id)).status).toBe(404);
  });

  it('the officer of another organisation does not get in with this organisation’s id', async () => {
    const doors = await addClient(network, 'other-officer', {
      organisation: 'ziekenhuis',
      roles: ['privacy-officer'],
      scopes: ['system/AuditEvent.s'],
    });
    expect((await doors.send('other-officer', 'GET', `/fhir/AuditEvent?patient=${patient}`)).status).toBe(404);
    await doors.close();
  });
});

describe('operation', () => {
  it('says that it lives and is ready, and counts without naming anybody', async () => {
    const get = async (path: string) => {
      const response = await fetch(`${network.base}${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await get('/healthz')).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect(await get('/readyz')).toEqual({ status: 200, text: '{"status":"ready"}' });
    await get('/fhir/Patient/11111111-1111-4111-8111-111111111111');
    const metrics = await get('/metrics');
    expect(metrics.text).toContain(
      'gezinspoort_http_seconds_count{method="POST",route="/exchange/:source",status="202"} 1',
    );
    expect(metrics.text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Uitwisselingen');
    expect(page.text).not.toContain('Luuk');
  });
});
