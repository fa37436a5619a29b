import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from './data-dir.ts';
import type { RestartableServer } from './restartable.ts';

/** What a skipped suite says in its title. */
export const REDIS_MISSING = 'skipped: set REDIS_URL, or put redis-server on the PATH (apt-get install redis-server)';

/** Whether there is a `redis-server` on the PATH to start. Where CI=true a missing one is a failure. */
export function hasRedisServer(): boolean {
  return present(spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0);
}

/** Whether tests can reach Redis at all: REDIS_URL, or a server to start. Where CI=true without is a failure. */
export function hasRedis(): boolean {
  return present(process.env.REDIS_URL !== undefined || spawnSync('redis-server', ['--version']).status === 0);
}

function present(found: boolean): boolean {
  if (!found && process.env.CI === 'true') throw new Error(`CI=true but there is no Redis. ${REDIS_MISSING}`);
  return found;
}

/** The Redis for a test: that of REDIS_URL, else a server of its own. `close` stops what was started. */
export async function redisForTests(): Promise<{ readonly url: string; close(): Promise<void> }> {
  if (process.env.REDIS_URL !== undefined) return { url: process.env.REDIS_URL, close: async () => {} };
  const server = await restartableRedis();
  return { url: server.url, close: () => server.remove() };
}

/** Starts a Redis on a free port that a test can take away and bring back; it keeps nothing over a restart. */
export async function restartableRedis(): Promise<RestartableServer> {
  const folder = await temporaryFolder();
  const port = await freePort();
  let child = await launch(port, folder);

  async function down(how: 'stop' | 'kill' | 'hang'): Promise<void> {
    if (how === 'hang') {
      child.kill('SIGSTOP');
      return;
    }
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await once(child, 'exit');
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    down,
    async up() {
      child.kill('SIGCONT');
      if (child.exitCode === null && child.signalCode === null) return;
      child = await launch(port, folder);
    },
    async remove() {
      await down('stop');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, folder: string): Promise<ChildProcess> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', settings, { stdio: 'ignore' });
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await answers(port)) return child;
    await pause(25);
  }
  child.kill('SIGKILL');
  throw new Error('redis-server did not start');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
