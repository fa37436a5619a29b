import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../src/config.ts';
import { type Doors, openDoors } from '../../src/demo/doors.ts';
import { type Inboxes, openInboxes } from '../../src/demo/inbox.ts';
import { type DemoKeys, demoKeys } from '../../src/demo/keys.ts';
import { PARTIES, RECEIVERS } from '../../src/demo/network.ts';
import { registerParties, registerReceivers } from '../../src/demo/setup.ts';
import { type Gateway, type Role, startGateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { freshDatabase } from './postgres.ts';

/** A gateway with the demo's parties around it, on real parts, with nothing played yet. */
export interface Network {
  readonly gateway: Gateway;
  readonly doors: Doors;
  readonly inboxes: Inboxes;
  readonly keys: DemoKeys;
  readonly databaseUrl: string;
  readonly base: string;
  /** Everything the gateway logged. */
  readonly log: string[];
  /** Waits until every delivery has come to an end. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a gateway on a fresh database (or the given one) and a queue in PostgreSQL or Redis, and registers the parties of the demo. */
export async function openNetwork(
  options: { redisUrl?: string; databaseUrl?: string; role?: Role } = {},
): Promise<Network> {
  const folder = await mkdtemp(join(tmpdir(), 'gezinspoort-network-'));
  const database =
    options.databaseUrl === undefined
      ? await freshDatabase()
      : { url: options.databaseUrl, drop: async () => undefined };
  const log: string[] = [];
  const gateway = await startGateway(
    await configFor(folder, database.url, options.redisUrl),
    options.role ?? 'all',
    createLog('info', { write: (line) => log.push(line) }),
  );
  const keys = await demoKeys(
    folder,
    PARTIES.map((one) => one.id),
  );
  const inboxes = await openInboxes(
    folder,
    RECEIVERS.map((one) => one.id),
  );
  await registerParties(gateway.ports.db, keys);
  await registerReceivers(gateway.ports.db, inboxes.port);
  await gateway.refreshDirectory();
  const base = gateway.ports.publicUrl;
  const doors = openDoors(base, gateway.mllpPort, keys);
  return {
    gateway,
    doors,
    inboxes,
    keys,
    databaseUrl: database.url,
    base,
    log,
    settled: () => settled(gateway),
    async close() {
      await doors.close();
      await gateway.stop();
      await inboxes.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configFor(folder: string, databaseUrl: string, redisUrl: string | undefined): Promise<Config> {
  const masterKeyFile = join(folder, 'master.key');
  await writeFile(masterKeyFile, 'ab'.repeat(32), { mode: 0o600 });
  const read = readConfig({
    PORT: '0',
    MLLP_PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    MASTER_KEY_FILE: masterKeyFile,
    DATA_DIR: folder,
  });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.config;
}

async function settled(gateway: Gateway): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const { deliveries } = await gateway.ports.counts();
    if (!deliveries.queued && !deliveries.sending && !deliveries.retry) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('Deliveries did not come to an end within ten seconds.');
}
