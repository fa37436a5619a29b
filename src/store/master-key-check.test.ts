import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../tests/support/postgres.ts';
import { type Db, migrate, openDatabase } from './database.ts';
import { checkMasterKey } from './master-key-check.ts';
import { createVault } from './vault.ts';

let fresh: FreshDatabase;
let db: Db;
beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url, () => undefined);
  await migrate(db);
});
afterAll(async () => {
  await db?.destroy();
  await fresh?.drop();
});

it('takes the key the store was made with, again and again, and no other', async () => {
  const own = createVault(Buffer.alloc(32, 1));
  await checkMasterKey(db, own);
  await checkMasterKey(db, own);
  await expect(checkMasterKey(db, createVault(Buffer.alloc(32, 2)))).rejects.toThrow(
    'not the one this store was made with',
  );
});
