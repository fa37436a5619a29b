import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import { removeDataDir, temporaryFolder } from './data-dir.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the PostgreSQL that serves the whole test run; see `freshDatabase`. */
    postgresUrl: string;
  }
}

/** Starts one embedded PostgreSQL for the whole test run and stops it afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await temporaryFolder();
  const server = await startEmbedded({ dataDir, log: () => {} }).catch(async (error) => {
    await removeDataDir(dataDir);
    throw error;
  });
  project.provide('postgresUrl', server.connectionString);
  return async () => {
    await server.stop();
    await removeDataDir(dataDir);
  };
}
