import type { Db } from './database.ts';
import type { Vault } from './vault.ts';

const NAME = 'master-key-check';

/**
 * Proves at the start that the master key is the one this store was made with, by a value that only that key opens. With another key the index of BSNs would
 * differ, and every known child would silently be entered a second time.
 */
export async function checkMasterKey(db: Db, vault: Vault): Promise<void> {
  const value = vault.sealSecret(NAME, Buffer.from(NAME));
  await db
    .insertInto('secret')
    .values({ name: NAME, value })
    .onConflict((on) => on.doNothing())
    .execute();
  const row = await db.selectFrom('secret').select('value').where('name', '=', NAME).executeTakeFirstOrThrow();
  try {
    vault.openSecret(NAME, row.value);
  } catch {
    throw new Error(
      'The master key is not the one this store was made with. Give the right MASTER_KEY_FILE; nothing was changed.',
    );
  }
}
