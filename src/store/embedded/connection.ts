import pg from 'pg';
import { type Cluster, DATABASE } from './cluster.ts';

/** The database in which the gateway proves that it owns the cluster; nothing is stored there. */
export const MAINTENANCE_DATABASE = 'postgres';

/** The URL of one database of a running cluster. It holds the password: never log it. */
export function connectionString(cluster: Cluster, port: number, database = DATABASE): string {
  return `postgresql://${DATABASE}:${cluster.password}@127.0.0.1:${port}/${database}`;
}

/**
 * Opens one session in the maintenance database. Rejects with the driver's error (its `code` is an errno name or an
 * SQLSTATE); once open, losing the connection only emits `end`.
 */
export async function connect(cluster: Cluster, port: number): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: connectionString(cluster, port, MAINTENANCE_DATABASE),
    application_name: `gezinspoort owner ${process.pid}`,
    connectionTimeoutMillis: 3_000,
    keepAlive: true,
  });
  client.on('error', () => {}); // `end` follows, and is what the owner listens to
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** The code of a refused connection: an errno name such as ECONNREFUSED, or an SQLSTATE such as 57P03. */
export function refusalCode(error: unknown): string {
  return (error as { code?: string }).code ?? 'unknown';
}
