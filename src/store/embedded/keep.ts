import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { connect } from './connection.ts';
import { openServerLog } from './logfile.ts';
import { takeOwnership } from './owner.ts';
import { findServer, launchServer, type Server, stopServer } from './server.ts';

/** A server that is ours, and the session whose lock says so. */
interface Owned {
  readonly server: Server;
  readonly session: pg.Client;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/**
 * Keeps an owned server running: when the owning session ends, the server had a crash or was killed, so it is
 * started again on the same port (the connection string stays true) and owned again. `stop` ends that and the server.
 */
export function keepRunning(
  dataDir: string,
  cluster: Cluster,
  binaries: Binaries,
  first: Owned,
  log: (line: string) => void,
): { stop(): Promise<void> } {
  let owned = first;
  const stopping = new AbortController();
  const watching = watch();

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await once(owned.session, 'end', { signal: stopping.signal }).catch(() => {});
      for (let wait = FIRST_WAIT_MS; !stopping.signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
        log('PostgreSQL went away: bringing it back');
        const again = await recover().catch(() => undefined);
        if (again) {
          owned = again;
          log(`PostgreSQL is back on 127.0.0.1:${owned.server.port}`);
          break;
        }
        await pause(wait, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  async function recover(): Promise<Owned | undefined> {
    const { port } = owned.server;
    const server = (await findServer(cluster)) ?? (await relaunch(port));
    if (server === undefined) return undefined;
    owned = { ...owned, server }; // from here on `stop` must end this one
    const session = await connect(cluster, server.port);
    if (await takeOwnership(session)) return { server, session };
    await session.end();
    return undefined;
  }

  async function relaunch(port: number): Promise<Server | undefined> {
    const output = await openServerLog(dataDir);
    try {
      return await launchServer(cluster, binaries, output.fd, port);
    } finally {
      await output.close();
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await stopServer(cluster, binaries, owned.server);
    await watching;
    await stopServer(cluster, binaries, owned.server); // one that came back meanwhile
    await owned.session.end().catch(() => {});
  }

  let stopped: Promise<void> | undefined;
  return {
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
