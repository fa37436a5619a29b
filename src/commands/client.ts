import { readFile } from 'node:fs/promises';
import { parseRegistration, register } from '../store/register.ts';
import { onStore } from './on-store.ts';

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
  const { registration } = parsed;
  await onStore((db) => register(db, registration));
  console.log(`Client ${registration.id} of ${registration.organisation.id} is registered.`);
  return 0;
}
