import { readFile } from 'node:fs/promises';
import { openDatabase } from '../store/database.ts';
import { parseRegistration, register } from '../store/register.ts';
import { databaseUrl } from './database-url.ts';

/** `client add <file>`: registers an organisation and a client of it, or replaces the registration. */
export async function client([what, file]: string[]): Promise<number> {
  if (what !== 'add' || !file) {
    console.error('Usage: gezinspoort client add <file.json>');
    return 2;
  }
  const parsed = parseRegistration(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.ok) {
    console.error(parsed.problems.join('\n'));
    return 1;
  }
  const db = openDatabase(databaseUrl(), () => undefined);
  try {
    await register(db, parsed.registration);
    console.log(`Client ${parsed.registration.id} of ${parsed.registration.organisation.id} is registered.`);
    return 0;
  } finally {
    await db.destroy();
  }
}
