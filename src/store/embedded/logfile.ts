import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

const LIMIT_BYTES = 10_000_000;

/**
 * Opens PostgreSQL's log in `dataDir` for appending, readable by its owner only. One over 10 MB makes place first; the
 * last one of those is kept beside it.
 */
export async function openServerLog(dataDir: string): Promise<FileHandle> {
  const path = join(dataDir, 'postgres.log');
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LIMIT_BYTES) await rename(path, `${path}.1`);
  return open(path, 'a', 0o600);
}
