import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The master key: 32 bytes as 64 hexadecimal digits in a file that only its owner may read. Given a file, it must exist and be private. Without one (embedded
 * store) a key is made beside the data on first use. Losing it is losing everything in the vault: that is also how a whole store is erased.
 */
export async function readMasterKey(file: string | undefined, dataDir: string): Promise<Buffer> {
  const path = file ?? join(dataDir, 'master.key');
  if (!file) await makeKey(path);
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && mode & 0o077)
    throw new Error(`The master key file may be read by others: chmod 600 ${path}`);
  const text = (await readFile(path, 'utf8')).trim();
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new Error(`The master key file must hold exactly 64 hexadecimal digits: ${path}`);
  return Buffer.from(text, 'hex');
}

async function makeKey(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
