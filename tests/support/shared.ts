import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The folder with the project's shared material (SHARED_DIR, else `../shared` beside the repository), or undefined
 * where it is not there. Tests that read it skip visibly without: `describe.skipIf(sharedDir() === undefined)`.
 */
export function sharedDir(): string | undefined {
  const folder = process.env.SHARED_DIR ?? fileURLToPath(new URL('../../../shared', import.meta.url));
  return existsSync(folder) ? folder : undefined;
}
