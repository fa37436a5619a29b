import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAMILIES, familyBundle } from '../src/demo/families.ts';
import { find } from '../src/demo/play.ts';
import { lockPatient, raiseGate } from '../src/store/records.ts';
import { type Network, openNetwork } from './support/network.ts';

let network: Network;
beforeAll(async () => {
  network = await openNetwork();
});
afterAll(() => network?.close());

it('a pull that was judged before a withdrawal commits gives nothing after it', async () => {
  const luuk = FAMILIES[1] as (typeof FAMILIES)[number];
  await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, new Date(Date.now() - 60_000).toISOString()));
  const id = (await find(network.doors, 'huisarts', 'gp', luuk)) ?? '';
  expect((await network.doors.everything('huisarts', 'gp', id)).status).toBe(200);
  const { db, vault } = network.gateway.ports;
  const patient = vault.ids('huisarts').in(id) ?? '';
  let pulled: Promise<{ status: number }> | undefined;
  await db.transaction().execute(async (trx) => {
    await lockPatient(trx, patient);
    await trx.updateTable('consent').set({ current: false }).where('patient', '=', patient).execute();
    await raiseGate(trx, patient);
    // The pull reads the consent as it still stands, judges, and then has to wait for this transaction.
    pulled = network.doors.everything('huisarts', 'gp', id);
    await expect
      .poll(async () => {
        const waiting = await sql<{
          count: string;
        }>`select count(*) as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(
          db,
        );
        return Number(waiting.rows[0]?.count);
      })
      .toBe(1);
  });
  expect((await pulled)?.status).toBe(404);
});
