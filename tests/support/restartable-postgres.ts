import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { platformPackage, usableBinaries } from '../../src/store/embedded/binaries.ts';
import { findCluster, SYSTEM_FOLDER } from '../../src/store/embedded/cluster.ts';
import { connectionString } from '../../src/store/embedded/connection.ts';
import { isAlive } from '../../src/store/embedded/pidfile.ts';
import { launchServer, type Server, stopServer } from '../../src/store/embedded/server.ts';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import { removeDataDir, temporaryFolder } from './data-dir.ts';
import type { RestartableServer } from './restartable.ts';

/** Starts a PostgreSQL that a test can take away and bring back. `startEmbedded` itself would bring it back at once. */
export async function restartablePostgres(): Promise<RestartableServer> {
  const dataDir = await temporaryFolder();
  await (await startEmbedded({ dataDir, log: () => {} })).stop(); // makes the cluster and its database
  const cluster = await findCluster(dataDir);
  if (cluster === undefined) throw new Error('the cluster was not made');
  const binaries = await usableBinaries(
    await platformPackage(),
    cluster.account,
    cluster.account ? SYSTEM_FOLDER : dataDir,
  );
  const output = await open(join(dataDir, 'postgres.log'), 'a');

  async function launch(port?: number): Promise<Server> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const launched = cluster && (await launchServer(cluster, binaries, output.fd, port));
      if (launched) return launched;
      await pause(100); // after a kill, the server's children may need a moment to end
    }
    throw new Error('PostgreSQL did not start');
  }

  let server = await launch();
  let frozen: number[] = [];

  return {
    url: connectionString(cluster, server.port),
    async down(how) {
      if (how === 'stop') return stopServer(cluster, binaries, server);
      // The server's children too: one that serves a session notices the death of its parent only when it is idle.
      const all = [server.pid, ...(await childrenOf(server.pid))];
      for (const pid of all) process.kill(pid, how === 'hang' ? 'SIGSTOP' : 'SIGKILL');
      if (how === 'hang') frozen = all;
      else while (all.some(isAlive)) await pause(10);
    },
    async up() {
      for (const pid of frozen) process.kill(pid, 'SIGCONT');
      if (frozen.splice(0).length > 0) return;
      server = await launch(server.port);
    },
    async remove() {
      await stopServer(cluster, binaries, server);
      await output.close();
      await removeDataDir(dataDir);
    },
  };
}

/** The processes that PostgreSQL started: one for each session, and its helpers (Linux). */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').map(Number);
}
