import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES, familyBundle } from '../src/demo/families.ts';
import { type Network, openNetwork } from './support/network.ts';
import { hasRedisServer, REDIS_MISSING, restartableRedis } from './support/redis.ts';
import type { RestartableServer } from './support/restartable.ts';
import { restartablePostgres } from './support/restartable-postgres.ts';

const consult = await readFile('mappings/hix/samples/luuk-consult.json', 'utf8');
const oru = await readFile('mappings/hix/samples/yonathan-oru.hl7');

async function enterFamilies(network: Network): Promise<void> {
  for (const family of FAMILIES.slice(0, 2)) {
    const answer = await network.doors.send(
      'kdplus',
      'POST',
      '/fhir',
      familyBundle(family, new Date(Date.now() - 60_000).toISOString()),
    );
    expect(answer.status).toBe(200);
  }
}

/** Pushes the consult under a message id; the token is asked beforehand, so that only the push meets the outage. */
async function push(network: Network, token: string, messageId: string): Promise<Response> {
  return fetch(`${network.base}/exchange/hix`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: consult.replace('HIX-2026-08-24-000731', messageId),
  });
}

describe('PostgreSQL goes away', () => {
  let server: RestartableServer;
  let network: Network;

  beforeAll(async () => {
    server = await restartablePostgres();
    network = await openNetwork({ databaseUrl: server.url });
    await enterFamilies(network);
  });
  afterAll(async () => {
    await network?.close();
    await server?.remove();
  });

  it('pushes are 503 with Retry-After and AE, and what was acknowledged is delivered when it is back', async () => {
    const token = await network.doors.token('hix');
    expect((await push(network, token, 'BEFORE-1')).status).toBe(202);
    await server.down('kill');
    const refused = await push(network, token, 'DURING-1');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await network.doors.mllp(oru)).code).toBe('AE');
    expect((await fetch(`${network.base}/readyz`)).status).toBe(503);
    await server.up();
    await expect.poll(async () => (await fetch(`${network.base}/readyz`)).status, { timeout: 20_000 }).toBe(200);
    expect((await push(network, token, 'DURING-1')).status).toBe(202);
    expect((await network.doors.mllp(oru)).code).toBe('AA');
    await expect.poll(() => network.inboxes.held('kdplus-inbox').size, { timeout: 25_000 }).toBeGreaterThan(10);
  }, 90_000);

  it('when it hangs, senders get 503 and not silence, and the message is taken once when it goes on', async () => {
    const token = await network.doors.token('hix');
    await server.down('hang');
    const [refused, ready] = await Promise.all([push(network, token, 'HANG-1'), fetch(`${network.base}/readyz`)]);
    expect([refused.status, ready.status]).toEqual([503, 503]);
    await server.up();
    await expect.poll(async () => (await fetch(`${network.base}/readyz`)).status, { timeout: 20_000 }).toBe(200);
    expect((await push(network, token, 'HANG-1')).status).toBe(202);
    expect((await push(network, token, 'HANG-1')).status).toBe(202);
    const { db } = network.gateway.ports;
    const taken = await db.selectFrom('exchange').select('id').where('message_id', '=', 'HANG-1').execute();
    expect(taken).toHaveLength(1);
  }, 90_000);
});

describe.skipIf(!hasRedisServer())(`Redis goes away${hasRedisServer() ? '' : ` (${REDIS_MISSING})`}`, () => {
  let server: RestartableServer;
  let network: Network;

  beforeAll(async () => {
    server = await restartableRedis();
    network = await openNetwork({ redisUrl: server.url });
    await enterFamilies(network);
  });
  afterAll(async () => {
    await network?.close();
    await server?.remove();
  });

  it('pushes are 503 and AE, and what was acknowledged is delivered although Redis lost everything', async () => {
    const token = await network.doors.token('hix');
    await server.down('kill');
    // Between the outage and its discovery (a second) a push may still be accepted: it is in the ledger, so it counts.
    const statuses: number[] = [];
    for (let index = 0; index < 40 && statuses.at(-1) !== 503; index += 1) {
      statuses.push((await push(network, token, `AWAY-${index}`)).status);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(statuses.at(-1)).toBe(503);
    expect((await network.doors.mllp(oru)).code).toBe('AE');
    await server.up();
    await expect.poll(async () => (await network.doors.mllp(oru)).code, { timeout: 20_000 }).toBe('AA');
    // Each push corrects the same consult, so of those that came in quick succession only the last has something left to deliver.
    await network.settled();
    const { deliveries } = await network.gateway.ports.counts();
    expect(Object.keys(deliveries).filter((state) => !['delivered', 'superseded'].includes(state))).toEqual([]);
    expect(network.inboxes.held('kdplus-inbox').size).toBeGreaterThan(10);
  }, 90_000);
});
