import { chmod, cp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/support/data-dir.ts';
import { postgresAccount, run } from './account.ts';
import { type PlatformPackage, platformPackage, usableBinaries } from './binaries.ts';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function folder(mode?: number): Promise<string> {
  const made = await temporaryFolder(mode);
  folders.push(made);
  return made;
}

/** The platform package as npm lays it down without install scripts: no links; and closed to others by its umask. */
async function packageWithoutLinks(mode: number): Promise<PlatformPackage> {
  const { root, release } = await platformPackage();
  const copy = await folder(mode);
  await cp(join(root, 'native'), join(copy, 'native'), { recursive: true, verbatimSymlinks: true });
  const lib = join(copy, 'native', 'lib');
  for (const entry of await readdir(lib, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(lib, entry.name));
  }
  return { root: copy, release };
}

describe('usableBinaries', () => {
  it('makes the links of the libraries in place when npm ran without scripts', async () => {
    const found = await packageWithoutLinks(0o711);
    const account = await postgresAccount();
    expect(await run(join(found.root, 'native', 'bin', 'initdb'), ['--version'], account)).not.toBe(0);
    const copies = await folder();
    const binaries = await usableBinaries(found, account, copies);
    expect(binaries.initdb).toBe(join(found.root, 'native', 'bin', 'initdb'));
    expect(await readdir(copies)).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'copies them once when the account cannot enter their folder (as root)',
    async () => {
      const found = await packageWithoutLinks(0o700);
      await chmod(join(found.root, 'native', 'share'), 0o700);
      const account = await postgresAccount();
      const copies = await folder();
      const both = await Promise.all([usableBinaries(found, account, copies), usableBinaries(found, account, copies)]);
      const copy = join(copies, `postgres-${found.release}`);
      expect(both.map(({ postgres }) => postgres)).toEqual(Array(2).fill(join(copy, 'native', 'bin', 'postgres')));
      expect(await run(join(copy, 'native', 'bin', 'initdb'), ['--version'], account)).toBe(0);
      expect((await stat(join(copy, 'native', 'share'))).mode & 0o777).toBe(0o755);
      expect(await readdir(copies)).toEqual([`postgres-${found.release}`]); // nothing half made is left

      const made = (await stat(copy)).ctimeMs;
      await usableBinaries(found, account, copies);
      expect((await stat(copy)).ctimeMs).toBe(made);
    },
  );

  it('says what to do when nothing runs', async () => {
    const broken = { root: await folder(), release: 'none' };
    await expect(usableBinaries(broken, undefined, await folder())).rejects.toThrow();
  });
});
