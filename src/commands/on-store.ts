import { readConfig } from '../config.ts';
import { type Db, openDatabase } from '../store/database.ts';
import { findCluster } from '../store/embedded/cluster.ts';
import { connectionString } from '../store/embedded/connection.ts';
import { findServer } from '../store/embedded/server.ts';
import { readMasterKey } from '../store/master-key.ts';
import { createVault, type Vault } from '../store/vault.ts';

/**
 * Runs something on the store of a gateway: that of DATABASE_URL, else the embedded one of DATA_DIR, whose gateway must be running. Throws a sentence for the
 * person when there is none.
 */
export async function onStore<T>(run: (db: Db) => Promise<T>): Promise<T> {
  const db = openDatabase(await databaseUrl(), () => undefined);
  try {
    return await run(db);
  } finally {
    await db.destroy();
  }
}

/** The same with the vault of that store open: for commands that must read what is sealed, and print none of it. */
export async function onVault<T>(run: (db: Db, vault: Vault) => Promise<T>): Promise<T> {
  const { DATABASE_URL, DATA_DIR, MASTER_KEY_FILE } = process.env;
  const read = readConfig({ DATABASE_URL, DATA_DIR, MASTER_KEY_FILE });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const vault = createVault(await readMasterKey(read.config.masterKeyFile, read.config.dataDir));
  return onStore((db) => run(db, vault));
}

async function databaseUrl(): Promise<string> {
  const { DATABASE_URL, DATA_DIR, MASTER_KEY_FILE = '-' } = process.env;
  const read = readConfig({ DATABASE_URL, DATA_DIR, MASTER_KEY_FILE });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  if (read.config.databaseUrl) return read.config.databaseUrl;
  const cluster = await findCluster(read.config.dataDir);
  const server = cluster && (await findServer(cluster));
  if (!server) throw new Error('No store found: start the gateway (npm start), or set DATABASE_URL.');
  return connectionString(cluster, server.port);
}
