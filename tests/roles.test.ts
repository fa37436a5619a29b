import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import { type Gateway, startGateway } from '../src/gateway.ts';
import { createLog } from '../src/log.ts';
import { type Network, openNetwork } from './support/network.ts';
import { hasRedis, REDIS_MISSING, redisForTests } from './support/redis.ts';

const [, luuk] = FAMILIES as [Family, Family];
const consult = await readFile('mappings/hix/samples/luuk-consult.json', 'utf8');
const redis = hasRedis();

describe.each([
  { backend: 'PostgreSQL', available: true },
  { backend: redis ? 'Redis' : `Redis (${REDIS_MISSING})`, available: redis },
])('The halves apart, with the queue on $backend', ({ backend, available }) => {
  describe.skipIf(!available)('', () => {
    let server: Awaited<ReturnType<typeof redisForTests>> | undefined;
    let network: Network;
    let folder: string;
    const workers: Gateway[] = [];

    async function startWorker(): Promise<Gateway> {
      const masterKeyFile = join(folder, 'master.key');
      await writeFile(masterKeyFile, 'ab'.repeat(32), { mode: 0o600 });
      const read = readConfig({
        DATABASE_URL: network.databaseUrl,
        REDIS_URL: server?.url,
        MASTER_KEY_FILE: masterKeyFile,
        DATA_DIR: folder,
      });
      if (!read.ok) throw new Error(read.problems.join());
      const worker = await startGateway(read.config, 'worker', createLog('silent'));
      workers.push(worker);
      return worker;
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gezinspoort-roles-'));
      server = backend === 'Redis' ? await redisForTests() : undefined;
      network = await openNetwork({ role: 'api', redisUrl: server?.url });
      const signedAt = new Date(Date.now() - 60_000).toISOString();
      expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, signedAt))).status).toBe(200);
    });
    afterAll(async () => {
      for (const worker of workers) await worker.stop();
      await network?.close();
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const push = async (messageId: string) =>
      (
        await network.doors.send('hix', 'POST', '/exchange/hix', consult.replace('HIX-2026-08-24-000731', messageId), {
          contentType: 'application/json',
        })
      ).status;
    const states = async () => (await network.gateway.ports.counts()).deliveries;

    it('the api accepts and delivers nothing', async () => {
      expect(await push('ROLE-1')).toBe(202);
      await new Promise((resolve) => setTimeout(resolve, 2_500)); // longer than a sweep would take to find it
      expect(await states()).toEqual({ queued: 2 });
      expect(network.inboxes.held('kdplus-inbox').size).toBe(0);
    });

    it('a worker that starts later delivers what was accepted, and opens no door', async () => {
      const worker = await startWorker();
      expect([worker.port, worker.mllpPort]).toEqual([0, 0]);
      await network.settled();
      expect(await states()).toEqual({ delivered: 2 });
      expect(network.inboxes.held('kdplus-inbox').size).toBeGreaterThan(5);
    });

    it('two workers deliver each thing once', async () => {
      await startWorker();
      for (let count = 2; count < 12; count += 1) expect(await push(`ROLE-${count}`)).toBe(202);
      await network.settled();
      const { db } = network.gateway.ports;
      const ends = await db.selectFrom('delivery').select(['state', 'attempts']).execute();
      expect(ends).toHaveLength(22);
      expect(ends.every((one) => ['delivered', 'superseded'].includes(one.state) && one.attempts === 1)).toBe(true);
      const sent = await db.selectFrom('audit').select('seq').where('kind', '=', 'delivery').execute();
      expect(sent).toHaveLength(ends.filter((one) => one.state === 'delivered').length);
    });
  });
});
