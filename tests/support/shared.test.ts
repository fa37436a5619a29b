import { rm } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from './data-dir.ts';
import { sharedDir } from './shared.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('gives the folder of SHARED_DIR where it exists, and nothing where it does not', async () => {
  const folder = await temporaryFolder();
  vi.stubEnv('SHARED_DIR', folder);
  expect(sharedDir()).toBe(folder);
  await rm(folder, { recursive: true });
  expect(sharedDir()).toBeUndefined();
});
