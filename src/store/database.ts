import { setTimeout as pause } from 'node:timers/promises';
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';
import * as groundFloor from './migrations/0001-ground-floor.ts';
import * as hospitalNumbers from './migrations/0002-hospital-numbers.ts';
import * as unreadElement from './migrations/0003-unread-element.ts';
import * as receipt from './migrations/0004-receipt.ts';
import * as policyRelease from './migrations/0005-policy-release.ts';
import * as consentRegister from './migrations/0006-consent-register.ts';
import * as reviews from './migrations/0007-reviews.ts';
import * as terms from './migrations/0008-terms.ts';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;

const MIGRATIONS: Record<string, Migration> = {
  '0001-ground-floor': groundFloor,
  '0002-hospital-numbers': hospitalNumbers,
  '0003-unread-element': unreadElement,
  '0004-receipt': receipt,
  '0005-policy-release': policyRelease,
  '0006-consent-register': consentRegister,
  '0007-reviews': reviews,
  '0008-terms': terms,
};

/** Connections a process holds: few, because every one costs PostgreSQL memory and two cores serve no more than this at once. */
const POOL = 10;

/**
 * Opens the database. Every statement has a time limit, in the database and here, so that a database that hangs becomes a 503 and not a queue of
 * waiting requests.
 * `onError` hears of connections that broke (by code); the pool replaces them itself.
 */
export function openDatabase(connectionString: string, onError: (error: unknown) => void): Db {
  const pool = new pg.Pool({
    connectionString,
    max: POOL,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 8_000,
    query_timeout: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  pool.on('error', onError);
  // The pool listens to idle connections only: one that breaks between two statements of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  pools.set(db, pool);
  return db;
}

const pools = new WeakMap<Db, pg.Pool>();

/**
 * Runs one of the few statements that every request needs, prepared once per connection under its name: planning a statement over the partitions costs PostgreSQL longer than running it. In a transaction
 * it runs as any other.
 */
export async function prepared<Row extends object>(
  db: Db,
  statement: { readonly name: string; readonly text: string; readonly values: readonly unknown[] },
): Promise<{ rows: Row[]; count: number }> {
  const pool = pools.get(db);
  if (pool) {
    const { rows, rowCount } = await pool.query<Row>({ ...statement, values: [...statement.values] });
    return { rows, count: rowCount ?? 0 };
  }
  const { rows, numAffectedRows } = await db.executeQuery<Row>(
    CompiledQuery.raw(statement.text, [...statement.values]),
  );
  return { rows, count: Number(numAffectedRows ?? rows.length) };
}

/** Brings the schema up to date. Safe on several nodes at once: the migrator takes a lock. */
export async function migrate(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) throw error;
  return (results ?? []).filter((one) => one.status === 'Success').map((one) => one.migrationName);
}

const HEALTHY_MS = 2_000;

/** Whether the database answers within two seconds. */
export async function healthy(db: Db): Promise<boolean> {
  const answers = sql`select 1`.execute(db).then(
    () => true,
    () => false,
  );
  return Promise.race([answers, pause(HEALTHY_MS, false, { ref: false })]);
}
