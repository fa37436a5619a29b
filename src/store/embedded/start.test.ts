import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { removeDataDir, temporaryFolder } from '../../../tests/support/data-dir.ts';
import { isAlive, readPidFile } from './pidfile.ts';
import { SERVER_SETTINGS } from './settings.ts';
import { type EmbeddedPostgres, startEmbedded } from './start.ts';

const asRoot = process.getuid?.() === 0;
const OWNER = fileURLToPath(new URL('../../../tests/support/embedded-owner.ts', import.meta.url));
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** A DATA_DIR inside a folder with the given mode; both go after the test. */
async function newDataDir(mode?: number): Promise<string> {
  const folder = await temporaryFolder(mode);
  const dataDir = join(folder, 'data');
  cleanups.push(async () => {
    await removeDataDir(dataDir);
    await rm(folder, { recursive: true, force: true });
  });
  return dataDir;
}

async function start(dataDir: string, lines: string[] = []): Promise<EmbeddedPostgres> {
  const server = await startEmbedded({ dataDir, log: (line) => lines.push(line) });
  cleanups.push(() => server.stop());
  return server;
}

/** Starts a process of its own that owns the server of a DATA_DIR; resolves to what it said and to itself. */
async function startOwner(dataDir: string): Promise<{ said: Record<string, string>; child: ChildProcess }> {
  const child = spawn(process.execPath, [OWNER, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  cleanups.push(async () => {
    if (child.exitCode === null && child.signalCode === null) await kill(child);
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { said: JSON.parse(line), child };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function query(url: string, statement: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement, values)).rows;
  } finally {
    await client.end();
  }
}

async function clusterOf(dataDir: string): Promise<string> {
  const pointer = await readFile(join(dataDir, 'postgres-location'), 'utf8').catch(() => undefined);
  return pointer?.trim() ?? join(dataDir, 'postgres');
}

async function pidOf(dataDir: string): Promise<number> {
  return (await readPidFile(await clusterOf(dataDir)))?.pid ?? 0;
}

describe('startEmbedded', () => {
  it('makes an empty UTF-8 database at the first start and finds its data at the second', async () => {
    const dataDir = await newDataDir();
    const first = await start(dataDir);
    expect(first.adopted).toBe(false);
    await query(first.connectionString, 'create table kept (word text)');
    await query(first.connectionString, 'insert into kept values ($1)', ['gebleven ë']);
    await first.stop();

    const second = await start(dataDir);
    expect(second.adopted).toBe(false);
    expect(await query(second.connectionString, 'select word from kept')).toEqual([{ word: 'gebleven ë' }]);
    const [database] = await query(
      second.connectionString,
      `select datname, pg_encoding_to_char(encoding) as encoding, datlocprovider, datlocale
         from pg_database where datname = current_database()`,
    );
    expect(database).toEqual({ datname: 'gezinspoort', encoding: 'UTF8', datlocprovider: 'b', datlocale: 'C.UTF-8' });
  });

  it('leaves no process and no lock file after stop, and stop may be called twice', async () => {
    const dataDir = await newDataDir();
    const server = await start(dataDir);
    const pid = await pidOf(dataDir);
    expect(isAlive(pid)).toBe(true);
    await Promise.all([server.stop(), server.stop()]);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(await clusterOf(dataDir), 'postmaster.pid'))).toBe(false);
    await expect(query(server.connectionString, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('stops within seconds while sessions are open and a transaction is running', async () => {
    const server = await start(await newDataDir());
    const client = new pg.Client({ connectionString: server.connectionString });
    client.on('error', () => {});
    await client.connect();
    await client.query('begin');
    await client.query('create table half (id int)');
    const since = performance.now();
    await server.stop();
    expect(performance.now() - since).toBeLessThan(5_000);
  });

  it('asks a password on every connection and listens on the loopback address only', async () => {
    const dataDir = await newDataDir();
    const { connectionString } = await start(dataDir);
    const wrong = new URL(connectionString);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(await query(connectionString, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
  });

  it('runs with the settings that keep what was committed', async () => {
    const { connectionString } = await start(await newDataDir());
    const rows = await query(connectionString, 'select name, current_setting(name) as value from pg_settings');
    const running = new Map(rows.map((row) => [row.name, row.value]));
    for (const [name, value] of Object.entries(SERVER_SETTINGS)) {
      expect([name, running.get(name === 'timezone' ? 'TimeZone' : name)]).toEqual([name, value]);
    }
    expect(running.get('data_checksums')).toBe('on');
  });

  it('never writes the values of a failing statement to its log', async () => {
    const dataDir = await newDataDir();
    const { connectionString, stop } = await start(dataDir);
    const secret = 'Sentinel-Pietersen';
    await query(connectionString, 'create table person (name text primary key)');
    await query(connectionString, 'insert into person values ($1)', [secret]);
    await expect(query(connectionString, 'insert into person values ($1)', [secret])).rejects.toMatchObject({
      code: '23505',
    });
    await expect(query(connectionString, `select '${secret}'::uuid`)).rejects.toMatchObject({ code: '22P02' });
    await expect(query(connectionString, 'select $1::uuid', [secret])).rejects.toMatchObject({ code: '22P02' });
    await expect(query(connectionString, `selectt '${secret}'`)).rejects.toMatchObject({ code: '42601' });
    await stop();
    const log = await readFile(join(dataDir, 'postgres.log'), 'utf8');
    expect(log).toContain('database system is ready to accept connections'); // the log was really captured
    expect(log).not.toContain(secret);
  });

  it('adopts the server that a killed gateway left, with all that was committed', async () => {
    const dataDir = await newDataDir();
    const { said, child } = await startOwner(dataDir);
    await query(said.connectionString ?? '', 'create table kept as select 42 as answer');
    const pid = await pidOf(dataDir);
    await kill(child);
    expect(isAlive(pid)).toBe(true); // a process group of its own

    const adopter = await start(dataDir);
    expect(adopter.adopted).toBe(true);
    expect(await pidOf(dataDir)).toBe(pid);
    expect(await query(adopter.connectionString, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await adopter.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('refuses a second gateway on the same DATA_DIR and leaves the first one alone', async () => {
    const dataDir = await newDataDir();
    const { connectionString } = await start(dataDir);
    const { said } = await startOwner(dataDir);
    expect(said.code).toBe('embedded-in-use');
    expect(said.message).toContain(`process ${process.pid}`);
    expect(said.message).toContain(dataDir);
    expect(await query(connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('lets exactly one of several first starts at the same moment win', async () => {
    const dataDir = await newDataDir();
    const all = await Promise.all([startOwner(dataDir), startOwner(dataDir), startOwner(dataDir)]);
    const winners = all.filter(({ said }) => said.connectionString);
    expect(winners).toHaveLength(1);
    expect(all.filter(({ said }) => said.code === 'embedded-in-use')).toHaveLength(2);
    const pid = await pidOf(dataDir);
    const winner = winners[0]?.child;
    winner?.stdin?.write('stop\n');
    if (winner) await once(winner, 'exit');
    expect(isAlive(pid)).toBe(false);
  });

  it('is not confused by a pid file whose process number went to another program', async () => {
    const dataDir = await newDataDir();
    const first = await start(dataDir);
    await query(first.connectionString, 'create table kept as select 1 as one');
    const cluster = await clusterOf(dataDir);
    const pidFile = await readFile(join(cluster, 'postmaster.pid'), 'utf8');
    await first.stop();
    // A bystander under PostgreSQL's own account: the case PostgreSQL by itself takes for a running server.
    const { uid, gid } = await stat(cluster);
    const bystander = spawn('sleep', ['60'], { cwd: '/', ...(asRoot ? { uid, gid } : {}) });
    cleanups.push(() => kill(bystander));
    const stale = pidFile.replace(/^\d+/, String(bystander.pid));
    await writeFile(join(cluster, 'postmaster.pid'), stale, { mode: 0o600 });
    if (asRoot) await chown(join(cluster, 'postmaster.pid'), uid, gid);

    const second = await start(dataDir);
    expect(second.adopted).toBe(false);
    expect(await query(second.connectionString, 'select one from kept')).toEqual([{ one: 1 }]);
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
  });

  it('brings a server that was killed back on the same address and stays its owner', async () => {
    const dataDir = await newDataDir();
    const lines: string[] = [];
    const server = await start(dataDir, lines);
    await query(server.connectionString, 'create table kept as select 7 as seven');
    const pid = await pidOf(dataDir);
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => query(server.connectionString, 'select seven from kept').catch(() => []), { timeout: 20_000 })
      .toEqual([{ seven: 7 }]);
    await expect.poll(() => lines.at(-1), { timeout: 10_000 }).toMatch(/^PostgreSQL is back/);
    const { said } = await startOwner(dataDir);
    expect(said.code).toBe('embedded-in-use');
    const back = await pidOf(dataDir);
    expect(back).not.toBe(pid);
    await server.stop();
    expect(isAlive(back)).toBe(false);
  });

  it('does not take lost data for a first start', async () => {
    const dataDir = await newDataDir();
    await (await start(dataDir)).stop();
    const cluster = await clusterOf(dataDir);
    await rm(join(cluster, 'PG_VERSION'));
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'embedded-incomplete' });
    await writeFile(join(cluster, 'PG_VERSION'), '16\n');
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'embedded-version' });
    await writeFile(join(cluster, 'PG_VERSION'), '18\n');
    await rm(join(dataDir, 'postgres.password'));
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'embedded-incomplete' });
    await rm(cluster, { recursive: true });
    await writeFile(join(dataDir, 'postgres-location'), `${cluster}\n`);
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'embedded-incomplete' });
  });

  it('is not stopped by what an interrupted first start left', async () => {
    const dataDir = await newDataDir();
    await mkdir(join(dataDir, 'postgres.init-0'), { recursive: true });
    expect((await start(dataDir)).adopted).toBe(false);
  });
});

describe.skipIf(!asRoot)('startEmbedded as root (skipped for other users)', () => {
  it('keeps the cluster elsewhere when DATA_DIR lies under a folder only root may enter', async () => {
    const dataDir = await newDataDir(0o700);
    const first = await start(dataDir);
    await query(first.connectionString, 'create table kept as select 3 as three');
    const pointer = join(dataDir, 'postgres-location');
    const cluster = (await readFile(pointer, 'utf8')).trim();
    expect(cluster).toMatch(/^\/var\/lib\/gezinspoort\/[0-9a-f-]{36}\/postgres$/);
    expect((await stat(pointer)).mode & 0o777).toBe(0o600);
    expect((await stat(cluster)).mode & 0o777).toBe(0o700);
    expect((await stat(cluster)).uid).not.toBe(0);
    await first.stop();
    const second = await start(dataDir);
    expect(await query(second.connectionString, 'select three from kept')).toEqual([{ three: 3 }]);
  });

  it('adopts that one too after a kill', async () => {
    const dataDir = await newDataDir(0o700);
    const { child } = await startOwner(dataDir);
    await kill(child);
    expect((await start(dataDir)).adopted).toBe(true);
  });

  it('runs PostgreSQL under an account that is not root', async () => {
    const dataDir = await newDataDir();
    await start(dataDir);
    const status = await readFile(`/proc/${await pidOf(dataDir)}/status`, 'utf8');
    expect(status.match(/^Uid:\t(\d+)/m)?.[1]).not.toBe('0');
    expect(status.match(/^Groups:\t(.*)$/m)?.[1]?.trim()).not.toMatch(/(^| )0( |$)/);
  });
});
