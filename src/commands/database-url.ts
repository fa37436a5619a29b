import { readConfig } from '../config.ts';

/** DATABASE_URL, for commands that work on the store without a gateway. Throws a sentence for the person when it is missing. */
export function databaseUrl(): string {
  const read = readConfig({
    DATABASE_URL: process.env.DATABASE_URL,
    MASTER_KEY_FILE: process.env.MASTER_KEY_FILE ?? '-',
  });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  if (!read.config.databaseUrl)
    throw new Error('Set DATABASE_URL: this command works on the database of a running or stopped gateway.');
  return read.config.databaseUrl;
}
