import { randomBytes, randomUUID } from 'node:crypto';
import { chown, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Account, canEnter, run } from './account.ts';
import type { Binaries } from './binaries.ts';
import { embeddedFailure } from './failure.ts';

/** The superuser of the cluster, and the database the gateway works in. */
export const DATABASE = 'gezinspoort';

/** Where clusters and copies of the programs go when DATA_DIR lies where the PostgreSQL account cannot come. */
export const SYSTEM_FOLDER = '/var/lib/gezinspoort';

/** A PostgreSQL cluster on disk: its folder, the account it runs under (undefined: ourselves), its password. */
export interface Cluster {
  readonly folder: string;
  readonly account: Account | undefined;
  readonly password: string;
}

/**
 * Opens the cluster of a DATA_DIR. Rejects with `embedded-incomplete`, `embedded-unreachable` or `embedded-version`;
 * resolves to undefined only where none was ever made, so that lost data are never mistaken for a first start.
 */
export async function findCluster(dataDir: string): Promise<Cluster | undefined> {
  const pointer = await readIfThere(locationFile(dataDir));
  const folder = pointer?.trim() ?? join(dataDir, 'postgres');
  const major = await readIfThere(join(folder, 'PG_VERSION'));
  if (major === undefined) {
    if (pointer === undefined && !(await isThere(folder))) return undefined;
    throw embeddedFailure(
      'embedded-incomplete',
      `${folder} should hold the PostgreSQL data of ${dataDir}, but does not. ` +
        'Put the data back, or start with another DATA_DIR.',
    );
  }
  if (major.trim() !== '18') {
    throw embeddedFailure(
      'embedded-version',
      `The data in ${folder} are of PostgreSQL ${major.trim()}; this gateway brings PostgreSQL 18. ` +
        'Start the release of the gateway that made them, or move the data over.',
    );
  }
  const password = await readIfThere(passwordFile(dataDir));
  if (password === undefined) {
    throw embeddedFailure('embedded-incomplete', `${passwordFile(dataDir)} is missing. Put it back from a backup.`);
  }
  const account = await ownerOf(folder);
  if (!(await canEnter(folder, account))) {
    throw embeddedFailure(
      'embedded-unreachable',
      `The account that owns ${folder} can no longer enter it. Give it access to every folder above (chmod o+x).`,
    );
  }
  return { folder, account, password: password.trim() };
}

/**
 * Makes the cluster of a DATA_DIR: in DATA_DIR where `account` can come, else under `systemFolder` with a
 * `postgres-location` file that points there. It gets its name only when it is whole, so a start that was
 * interrupted, or two at the same time, do no harm. Rejects with `embedded-start`.
 */
export async function createCluster(
  dataDir: string,
  account: Account | undefined,
  binaries: Binaries,
  output: number,
  systemFolder = SYSTEM_FOLDER,
): Promise<void> {
  const password = await keepOnce(passwordFile(dataDir), randomBytes(32).toString('base64url'));
  const home = (await canEnter(dataDir, account)) ? dataDir : join(systemFolder, randomUUID());
  if (home !== dataDir) await mkdir(home, { recursive: true, mode: 0o711 });
  const unfinished = join(home, `postgres.init-${randomUUID()}`);
  try {
    await initialise(unfinished, password, account, binaries, output);
    await rename(unfinished, join(home, 'postgres'));
    if (home !== dataDir) {
      const chosen = await keepOnce(locationFile(dataDir), join(home, 'postgres'));
      if (dirname(chosen) !== home) await rm(home, { recursive: true, force: true });
    }
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (home !== dataDir) await rm(home, { recursive: true, force: true });
    // ENOTEMPTY: another gateway made its cluster first; the owner check decides between us.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}

async function initialise(
  folder: string,
  password: string,
  account: Account | undefined,
  binaries: Binaries,
  output: number,
): Promise<void> {
  const passwordCopy = `${folder}.password`;
  await mkdir(folder, { mode: 0o700 });
  try {
    await writeFile(passwordCopy, password, { mode: 0o600, flag: 'wx' });
    if (account) {
      await chown(folder, account.uid, account.gid);
      await chown(passwordCopy, account.uid, account.gid);
    }
    // The builtin C.UTF-8 locale sorts and folds alike on every machine, whatever its C library.
    const code = await run(
      binaries.initdb,
      [
        ...['-D', folder, '-U', DATABASE, `--pwfile=${passwordCopy}`, '--auth=scram-sha-256', '--encoding=UTF8'],
        ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
      ],
      account,
      output,
    );
    if (code !== 0) {
      throw embeddedFailure('embedded-start', 'initdb could not make the PostgreSQL data folder; see postgres.log.');
    }
  } finally {
    await rm(passwordCopy, { force: true });
  }
}

/** A cluster runs as the account that owns it; only root can, and need, become another. */
async function ownerOf(folder: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(folder);
  return { uid, gid };
}

/** Writes a file once and for all, whole or not at all; returns what it holds, ours or an earlier one's. */
async function keepOnce(path: string, text: string): Promise<string> {
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, `${text}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}

const passwordFile = (dataDir: string) => join(dataDir, 'postgres.password');
const locationFile = (dataDir: string) => join(dataDir, 'postgres-location');

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw embeddedFailure(
      'embedded-unreachable',
      `${path} belongs to another account. Start the gateway as that account or as root.`,
    );
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
