import type { Db } from '../store/database.ts';
import { register } from '../store/register.ts';
import { type DemoKeys, publicJwks } from './keys.ts';
import { PARTIES, RECEIVERS } from './network.ts';

/** Whether nobody was ever registered here. */
export async function isEmpty(db: Db): Promise<boolean> {
  return (await db.selectFrom('organisation').select('id').limit(1).execute()).length === 0;
}

/** Whether this store holds the demo network. */
export async function isDemo(db: Db): Promise<boolean> {
  const found = await db.selectFrom('receiver').select('id').where('id', '=', RECEIVERS[0].id).execute();
  return found.length > 0;
}

/** Registers the demo's organisations and clients. */
export async function registerParties(db: Db, keys: DemoKeys): Promise<void> {
  for (const party of PARTIES) {
    const key = keys[party.id];
    if (key) await register(db, { ...party, jwks: publicJwks(key) });
  }
}

/** Points the demo's receivers to where the inboxes listen now. */
export async function registerReceivers(db: Db, port: number): Promise<void> {
  for (const { categories, ...one } of RECEIVERS) {
    const receiver = {
      ...one,
      categories: [...categories],
      kind: 'fhir',
      address: `http://127.0.0.1:${port}/${one.id}`,
    };
    await db
      .insertInto('receiver')
      .values(receiver)
      .onConflict((on) => on.column('id').doUpdateSet(receiver))
      .execute();
  }
}
