import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type pg from 'pg';
import { postgresAccount } from './account.ts';
import { type Binaries, platformPackage, usableBinaries } from './binaries.ts';
import { type Cluster, createCluster, DATABASE, findCluster, SYSTEM_FOLDER } from './cluster.ts';
import { connect, connectionString } from './connection.ts';
import { embeddedFailure } from './failure.ts';
import { keepRunning } from './keep.ts';
import { openServerLog } from './logfile.ts';
import { currentOwner, takeOwnership } from './owner.ts';
import { findServer, launchServer, type Server, stopServer } from './server.ts';

/** A running PostgreSQL that this process owns. `adopted`: it still ran, left by a gateway that was killed. */
export interface EmbeddedPostgres {
  /** URL of the database `gezinspoort`, with its password: never log it. */
  readonly connectionString: string;
  readonly adopted: boolean;
  /** Stops the server and waits until it is gone. */
  stop(): Promise<void>;
}

interface Options {
  readonly dataDir: string;
  readonly log: (line: string) => void;
}

/** Makes the data folder of `dataDir` where there is none, a second or two of initdb; `startEmbedded` is quick after it. `log` gets a line when that begins. */
export async function prepareEmbedded(options: Options): Promise<void> {
  const { dataDir, output } = await openFolder(options);
  try {
    await prepare(dataDir, output.fd, options.log);
  } finally {
    await output.close();
  }
}

/**
 * Starts the PostgreSQL that belongs to `dataDir` (made at the first start), or adopts it where it still runs. `log`
 * gets a line for a person, never data. Rejects with an `EmbeddedFailure`.
 */
export async function startEmbedded(options: Options): Promise<EmbeddedPostgres> {
  const { dataDir, output } = await openFolder(options);
  try {
    const { cluster, binaries } = await prepare(dataDir, output.fd, options.log);
    const { server, adopted } = await reachServer(cluster, binaries, output.fd);
    const session = await own(cluster, server, dataDir);
    await createDatabase(session).catch(async (error) => {
      await stopServer(cluster, binaries, server); // it is ours, and nobody would stop it
      throw error;
    });
    options.log(`PostgreSQL ${adopted ? 'adopted' : 'started'} on 127.0.0.1:${server.port}, data in ${cluster.folder}`);
    const { stop } = keepRunning(dataDir, cluster, binaries, { server, session }, options.log);
    return { connectionString: connectionString(cluster, server.port), adopted, stop };
  } finally {
    await output.close();
  }
}

async function openFolder({ dataDir }: Options) {
  const folder = resolve(dataDir);
  // As root, PostgreSQL's account must be able to pass; every file in here guards itself.
  await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  return { dataDir: folder, output: await openServerLog(folder) };
}

/** Finds or makes the cluster, and the programs that its account can run. */
async function prepare(
  dataDir: string,
  output: number,
  log: (line: string) => void,
): Promise<{ cluster: Cluster; binaries: Binaries }> {
  const found = await platformPackage();
  const known = await findCluster(dataDir);
  const account = known ? known.account : await postgresAccount();
  const binaries = await usableBinaries(found, account, account ? SYSTEM_FOLDER : dataDir);
  if (known) return { cluster: known, binaries };
  log(`Making a PostgreSQL data folder for ${dataDir}`);
  await createCluster(dataDir, account, binaries, output);
  const made = await findCluster(dataDir);
  if (made) return { cluster: made, binaries };
  throw embeddedFailure(
    'embedded-incomplete',
    `The PostgreSQL data folder of ${dataDir} was removed during the start.`,
  );
}

/** Adopts the server that runs, else starts one; a lost race for the port or the cluster is tried again. */
async function reachServer(
  cluster: Cluster,
  binaries: Binaries,
  output: number,
): Promise<{ server: Server; adopted: boolean }> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const running = await findServer(cluster);
    if (running) return { server: running, adopted: true };
    const launched = await launchServer(cluster, binaries, output);
    if (launched) return { server: launched, adopted: false };
  }
  throw embeddedFailure(
    'embedded-start',
    'The embedded PostgreSQL ended while it started; see postgres.log in DATA_DIR.',
  );
}

/** Opens the session that owns the cluster. Rejects with `embedded-in-use` where another gateway does. */
async function own(cluster: Cluster, server: Server, dataDir: string): Promise<pg.Client> {
  const session = await connect(cluster, server.port);
  if (await takeOwnership(session)) return session;
  const owner = await currentOwner(session);
  await session.end();
  throw embeddedFailure(
    'embedded-in-use',
    `Another gateway${owner ? ` (process ${owner})` : ''} works in ${dataDir}. ` +
      'Stop that one first, or give this one a DATA_DIR of its own.',
  );
}

async function createDatabase(session: pg.Client): Promise<void> {
  const { rowCount } = await session.query('select 1 from pg_database where datname = $1', [DATABASE]);
  if (rowCount === 0) await session.query(`create database ${DATABASE}`);
}
