import { spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { run, spawnAs } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { connect, refusalCode } from './connection.ts';
import { embeddedFailure } from './failure.ts';
import { disownPidFile, isAlive, readPidFile } from './pidfile.ts';
import { serverArguments } from './settings.ts';

/** A server that accepts connections for its cluster. */
export interface Server {
  readonly pid: number;
  readonly port: number;
}

const POLL_MS = 25;
/** A server that has its pid file but not yet its port answers within this time. */
const SILENCE_MS = 1_500;
/** Recovery after a crash, or the last checkpoint of a stop, may take this long. */
const PATIENCE_MS = 120_000;

/**
 * Finds the server that already runs for this cluster, waiting for one that is starting or stopping. Undefined when
 * there is none; a pid file left by a dead one is then harmless.
 */
export async function findServer(cluster: Cluster): Promise<Server | undefined> {
  const since = performance.now();
  while (true) {
    const file = await readPidFile(cluster.folder);
    if (file === undefined || !isAlive(file.pid)) return undefined;
    const answer = await ask(cluster, file.port);
    const waited = performance.now() - since;
    if (answer === 'ours') return file;
    if (answer === 'other' || (answer === 'silent' && waited > SILENCE_MS)) {
      await disownPidFile(cluster.folder);
      return undefined;
    }
    if (waited > PATIENCE_MS) throw notAnswering(file.pid);
    await pause(POLL_MS);
  }
}

/**
 * Starts a server for the cluster on a free port (or on `port`), in a process group of its own, so that Ctrl-C in the
 * terminal does not reach it before the gateway has finished its work. Resolves when it accepts connections, to
 * undefined when it ended before (the port was taken, or another server got the cluster first).
 */
export async function launchServer(
  cluster: Cluster,
  binaries: Binaries,
  output: number,
  port?: number,
): Promise<Server | undefined> {
  const chosen = port ?? (await freePort());
  const child = spawn(binaries.postgres, serverArguments(cluster.folder, chosen), {
    ...spawnAs(cluster.account),
    stdio: ['ignore', output, output],
    detached: true,
  });
  let ended = false;
  child.on('error', () => {
    ended = true;
  });
  child.on('exit', () => {
    ended = true;
  });
  child.unref();
  const since = performance.now();
  while (!ended && child.pid !== undefined) {
    if ((await ask(cluster, chosen)) === 'ours' && !ended) return { pid: child.pid, port: chosen };
    if (performance.now() - since > PATIENCE_MS) throw notAnswering(child.pid);
    await pause(POLL_MS);
  }
  return undefined;
}

/**
 * Stops the server and waits until its process is gone: open transactions are rolled back, everything is written.
 * Where that takes over half a minute it is stopped at once, which loses nothing either (it recovers at the next start).
 */
export async function stopServer(cluster: Cluster, binaries: Binaries, server: Server): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    if (!isAlive(server.pid)) return;
    await run(binaries.pgCtl, ['stop', '-D', cluster.folder, '-m', mode, '-w', '-t', '30'], cluster.account);
    const since = performance.now();
    while (isAlive(server.pid) && performance.now() - since < 2_000) await pause(POLL_MS);
  }
  if (isAlive(server.pid)) throw notAnswering(server.pid);
}

/** Who answers on a port: our cluster's server, it but not ready, nobody, or something else. */
async function ask(cluster: Cluster, port: number): Promise<'ours' | 'busy' | 'silent' | 'other'> {
  if (port === 0) return 'silent';
  try {
    const client = await connect(cluster, port);
    try {
      const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
      return (await realpath(rows[0]?.folder ?? '')) === (await realpath(cluster.folder)) ? 'ours' : 'other';
    } finally {
      await client.end().catch(() => {});
    }
  } catch (error) {
    const code = refusalCode(error);
    if (code === 'ECONNREFUSED') return 'silent';
    // cannot_connect_now, admin_shutdown, crash_shutdown, too_many_connections, or cut off halfway
    return ['57P03', '57P01', '57P02', '53300', 'ECONNRESET', 'EPIPE'].includes(code) ? 'busy' : 'other';
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function notAnswering(pid: number) {
  return embeddedFailure(
    'embedded-start',
    `The embedded PostgreSQL (process ${pid}) does not answer; see postgres.log. End that process and start again.`,
  );
}
