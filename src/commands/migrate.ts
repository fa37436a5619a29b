import { migrate, openDatabase } from '../store/database.ts';
import { databaseUrl } from './database-url.ts';

/** Brings the schema up to date and names what was done. */
export async function migrateCommand(): Promise<number> {
  const db = openDatabase(databaseUrl(), () => undefined);
  try {
    const done = await migrate(db);
    console.log(done.length > 0 ? `Applied: ${done.join(', ')}` : 'The schema is up to date.');
    return 0;
  } finally {
    await db.destroy();
  }
}
