import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './api/app.ts';
import { allowsPeer, mllpDoor } from './api/mllp-door.ts';
import { createMetrics } from './api/operations.ts';
import type { ApiPorts } from './api/ports.ts';
import type { Config, TlsFiles } from './config.ts';
import { startUnread } from './exchange/note-unread.ts';
import { loadKnowledge } from './knowledge.ts';
import { createLog, errorCode, type Log } from './log.ts';
import { createMitz } from './mitz/client.ts';
import { startPolicies } from './policy/in-force.ts';
import { openQueue } from './queue/queue.ts';
import { startMllp } from './sources/hl7v2/mllp-server.ts';
import { createAuthStore } from './store/auth-store.ts';
import { counts } from './store/counts.ts';
import { healthy, migrate, openDatabase } from './store/database.ts';
import { type HeldDirectory, heldDirectory } from './store/directory.ts';
import { prepareEmbedded, startEmbedded } from './store/embedded/start.ts';
import { readMasterKey } from './store/master-key.ts';
import { checkMasterKey } from './store/master-key-check.ts';
import { createVault } from './store/vault.ts';
import { startWork } from './work.ts';

export type Role = 'api' | 'worker' | 'all';

/** A running gateway. `stop` ends everything it started, in reverse order. */
export interface Gateway {
  readonly ports: ApiPorts;
  readonly port: number;
  readonly mllpPort: number;
  /** Makes a changed registration count at once. */
  refreshDirectory(): Promise<void>;
  stop(): Promise<void>;
}

/** How long a read of the directory of clients and receivers is held. */
const DIRECTORY_MS = 2_000;

/**
 * The composition root: builds the parts from the ground up, opens the doors last. Each part that was started is stopped in reverse order, also when a later
 * one fails to start.
 */
export async function startGateway(
  config: Config,
  role: Role,
  log: Log = createLog(config.logLevel),
): Promise<Gateway> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of started.reverse().splice(0))
      await end().catch((error) => log.error({ event: 'stop-failed', code: errorCode(error) }));
  };
  try {
    const learn = () => loadKnowledge(config.fhirPackages);
    const knowledge = config.databaseUrl ? await learn() : await whileMakingFolder(config.dataDir, learn);
    const databaseUrl = config.databaseUrl ?? (await embedded(config, log, started));
    const db = openDatabase(databaseUrl, (error) =>
      log.warn({ event: 'database-connection-lost', code: errorCode(error) }),
    );
    started.push(() => db.destroy());
    await migrate(db);
    const vault = createVault(await readMasterKey(config.masterKeyFile, config.dataDir));
    await checkMasterKey(db, vault);
    const directory = heldDirectory(db, DIRECTORY_MS, Date.now);
    const queue = await openQueue({
      databaseUrl,
      redisUrl: config.redisUrl,
      name: 'delivery',
      onError: (code) => log.warn({ event: 'queue-trouble', code }),
    });
    started.push(() => queue.close());
    const ready = async () => (await healthy(db)) && (await queue.healthy());
    const policies = await startPolicies({
      db,
      shipped: knowledge.policy,
      isElement: knowledge.isElement,
      now: () => new Date(),
      onProblem: (code) => log.warn({ event: 'policy-trouble', code }),
    });
    started.push(policies.stop);
    const policy = policies.inForce;
    const mitz = config.mitz && createMitz({ url: config.mitz.url, tls: await tlsOf(config.mitz.tls) });
    const work = startWork({
      db,
      vault,
      policy,
      queue,
      log,
      directory: directory.get,
      now: () => new Date(),
      mitz,
      publicUrl: config.publicUrl,
      deliver: role !== 'api',
      watchQueue: config.redisUrl !== undefined,
    });
    started.push(work.stop);
    const unread = startUnread({ db, sources: knowledge.sources, log, now: () => new Date() });
    started.push(unread.stop);
    const ports: ApiPorts = {
      db,
      vault,
      ...knowledge,
      policy,
      policyOf: policies.policyOf,
      noteUnread: unread.note,
      log,
      publicUrl: config.publicUrl,
      mitz,
      directory: directory.get,
      now: () => new Date(),
      ready,
      queueAway: work.queueAway,
      enqueue: work.enqueue,
      counts: () => counts(db),
    };
    const doors =
      role === 'worker' ? { port: 0, mllpPort: 0 } : await openDoors(config, ports, directory, log, started);
    log.info({ event: 'ready', role, port: doors.port, backend: config.redisUrl ? 'redis' : 'postgres' });
    return { ports, ...doors, refreshDirectory: directory.refresh, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Learns while PostgreSQL makes its data folder, which it does in a process of its own. Nothing that counts seconds may run beside it: learning keeps this process
 * from everything else.
 */
async function whileMakingFolder<Learned>(dataDir: string, learn: () => Promise<Learned>): Promise<Learned> {
  const atWork = Promise.withResolvers<void>();
  const making = prepareEmbedded({ dataDir, log: () => atWork.resolve() });
  making.then(atWork.resolve, atWork.resolve);
  await atWork.promise;
  const [learned] = await Promise.all([learn(), making]);
  return learned;
}

async function embedded(config: Config, log: Log, started: (() => Promise<void>)[]): Promise<string> {
  const postgres = await startEmbedded({ dataDir: config.dataDir, log: () => undefined });
  started.push(postgres.stop);
  log.info({ event: 'embedded-postgres', state: postgres.adopted ? 'adopted' : 'started' });
  return postgres.connectionString;
}

async function openDoors(
  config: Config,
  ports: ApiPorts,
  directory: HeldDirectory,
  log: Log,
  started: (() => Promise<void>)[],
): Promise<{ port: number; mllpPort: number }> {
  const metrics = createMetrics();
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
  const port = await listen(server, config.port, config.host);
  started.push(() => closeServer(server));
  // With PORT=0 the address is known only now; tokens and links must name the real one.
  const publicUrl = config.port === 0 ? config.publicUrl.replace(/:0$/, `:${port}`) : config.publicUrl;
  const own = { ...ports, publicUrl };
  Object.assign(ports, { publicUrl });
  server.on('request', createApp(own, createAuthStore(ports.db, ports.vault, ports.directory), metrics));
  const tls = await tlsOf(config.mllpTls);
  await directory.refresh();
  const mllp = await startMllp({
    port: config.mllpPort,
    host: config.host,
    tls,
    maxBytes: 5 * 1024 * 1024,
    idleTimeoutMs: 300_000,
    frameTimeoutMs: 30_000,
    maxConnections: 200,
    allowPeer(address) {
      const known = directory.last();
      return known !== undefined && allowsPeer(known, address);
    },
    onProblem: (problem) => log.warn({ event: 'mllp-connection', code: problem }),
    handle: mllpDoor(own, (code) => metrics.messages.inc({ code })),
  });
  started.push(() => mllp.close());
  return { port, mllpPort: mllp.port };
}

async function tlsOf(files: TlsFiles | undefined) {
  if (!files) return undefined;
  const { keyFile, certFile, caFile } = files;
  return { key: await readFile(keyFile), cert: await readFile(certFile), ca: await readFile(caFile) };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 5_000).unref();
  });
}
