import { migrate } from '../store/database.ts';
import { onStore } from './on-store.ts';

/** Brings the schema up to date and names what was done. */
export async function migrateCommand(): Promise<number> {
  const done = await onStore(migrate);
  console.log(done.length > 0 ? `Applied: ${done.join(', ')}` : 'The schema is up to date.');
  return 0;
}
