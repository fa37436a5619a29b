import { randomUUID } from 'node:crypto';
import type { Db } from '../store/database.ts';
import type { Notice } from '../store/schema.ts';
import { newDelivery } from './ledger.ts';

/** Whom to tell what: one notice for each receiver. */
export type Notices = ReadonlyMap<string, Notice>;

/** Puts notices into the ledger as deliveries of an exchange of their own, in the receivers' lanes. Gives the deliveries. `cause` names what they come from, once. */
export async function queueNotices(
  trx: Db,
  { patient, sender, cause }: { readonly patient: string; readonly sender: string; readonly cause: string },
  notices: Notices,
  now: Date,
): Promise<string[]> {
  if (notices.size === 0) return [];
  const exchange = randomUUID();
  await trx
    .insertInto('exchange')
    .values({
      id: exchange,
      sender,
      source: 'register',
      message_id: cause,
      digest: null,
      patient,
      state: 'accepted',
      outcome: JSON.stringify({ messageId: cause }),
      received_at: now,
      raw: null,
      raw_expires_at: null,
    })
    .execute();
  const deliveries = [...notices].map(([receiver, notice]) => ({
    ...newDelivery(exchange, receiver, patient, now),
    notice: JSON.stringify(notice),
  }));
  await trx.insertInto('delivery').values(deliveries).execute();
  return deliveries.map((one) => one.id);
}
