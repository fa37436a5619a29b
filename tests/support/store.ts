import type { Patient } from '@medplum/fhirtypes';
import { BSN_SYSTEM } from '../../src/fhir/extensions.ts';
import { type Db, migrate, openDatabase } from '../../src/store/database.ts';
import { createVault, type Vault } from '../../src/store/vault.ts';
import { freshDatabase } from './postgres.ts';

/** A migrated, empty store on the PostgreSQL of this test run. */
export interface TestStore {
  readonly db: Db;
  readonly vault: Vault;
  readonly url: string;
  /** Registers organisations that others refer to. */
  organisations(...ids: string[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens a store of its own for one test file. */
export async function openStore(): Promise<TestStore> {
  const { url, drop } = await freshDatabase();
  const db = openDatabase(url, () => undefined);
  await migrate(db);
  return {
    db,
    url,
    vault: createVault(Buffer.alloc(32, 0xab)),
    async organisations(...ids) {
      await db
        .insertInto('organisation')
        .values(ids.map((id) => ({ id, ura: null, name: id, sector: 'hospital' })))
        .execute();
    },
    async close() {
      await db.destroy();
      await drop();
    },
  };
}

/** An invented child, with a BSN of the test range. */
export const child = (id: string, bsn = '999903147'): Patient & { id: string } => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: BSN_SYSTEM, value: bsn }],
  name: [{ family: 'Proefkind', given: ['Noor'] }],
  birthDate: '2026-05-04',
});
