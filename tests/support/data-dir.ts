import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Makes an empty folder for one test. `mode` 0o711 lets the PostgreSQL account pass when the tests run as root. */
export async function temporaryFolder(mode = 0o711): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gezinspoort-test-'));
  await chmod(folder, mode);
  return folder;
}

/**
 * Removes a DATA_DIR and, where the cluster had to go elsewhere (as root, under a folder only root may enter), that
 * cluster too. Its gateway must have stopped.
 */
export async function removeDataDir(dataDir: string): Promise<void> {
  const pointer = await readFile(join(dataDir, 'postgres-location'), 'utf8').catch(() => undefined);
  if (pointer !== undefined) await rm(dirname(pointer.trim()), { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}
