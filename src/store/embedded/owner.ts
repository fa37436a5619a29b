import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/** Any fixed number: the advisory lock that says "a gateway that lives owns this cluster". */
const OWNER_LOCK = 4_395_018_277;

/** How long the lock of a gateway that was killed a moment ago may linger. */
const PATIENCE_MS = 2_000;

/**
 * Takes the ownership of a cluster for as long as this session lives: PostgreSQL lets it go by itself when the process
 * ends in whatever way. False when another session keeps it.
 */
export async function takeOwnership(session: pg.Client): Promise<boolean> {
  const since = performance.now();
  while (true) {
    const { rows } = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [OWNER_LOCK]);
    if (rows[0]?.taken) return true;
    if (performance.now() - since > PATIENCE_MS) return false;
    await pause(100);
  }
}

/** The process id of the gateway that owns the cluster, where it can be told. */
export async function currentOwner(session: pg.Client): Promise<string | undefined> {
  const { rows } = await session.query<{ name: string }>(
    `select application_name as name from pg_stat_activity
      where pid in (select pid from pg_locks where locktype = 'advisory' and granted
                       and (classid::bigint << 32) + objid::bigint = $1)`,
    [OWNER_LOCK],
  );
  return rows[0]?.name.match(/^gezinspoort owner (\d+)$/)?.[1];
}
