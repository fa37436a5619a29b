import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { describeOutage, describeQueue } from '../../tests/support/queue-behaviour.ts';
import { hasRedis, hasRedisServer, REDIS_MISSING, redisForTests, restartableRedis } from '../../tests/support/redis.ts';
import { openQueue } from './queue.ts';

const title = (name: string, present: boolean) => (present ? name : `${name}: ${REDIS_MISSING}`);

describe.skipIf(!hasRedis())(title('on Redis', hasRedis()), () => {
  describeQueue('the queue on Redis', async () => {
    const redis = await redisForTests();
    return { address: { redisUrl: redis.url }, close: () => redis.close() };
  });
});

describe.skipIf(!hasRedisServer())(title('on a Redis of our own', hasRedisServer()), () => {
  describeOutage('the queue while Redis is away', restartableRedis, (redisUrl) => ({ redisUrl }), false);

  it('keeps all keys in one slot of a cluster, and in them ids and no text of a handler', async () => {
    const server = await restartableRedis();
    const queue = await openQueue({ redisUrl: server.url, name: 'traces' });
    let runs = 0;
    queue.work(
      async () => {
        runs += 1;
        throw new Error('Sentinel-Pietersen');
      },
      { concurrency: 1 },
    );
    await queue.add(randomUUID(), { dedupe: 'lane:one' });
    await queue.add(randomUUID());
    await expect.poll(() => runs).toBe(2);
    await expect.poll(() => queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
    await queue.add(randomUUID(), { delayMs: 60_000 });
    await queue.close();

    const client = new Redis(server.url);
    const keys = await client.keys('*');
    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) expect(key).toMatch(/^\{gezinspoort\}:traces:/);
    const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
    const dump = Buffer.concat(dumps.filter((part) => part !== null)).toString('latin1');
    expect(dump).toContain('completed');
    expect(dump).not.toContain('Sentinel');
    client.disconnect();
    await server.remove();
  });
});
