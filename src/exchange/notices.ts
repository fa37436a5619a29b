import { randomUUID } from 'node:crypto';
import type { Db } from '../store/database.ts';
import type { Notice } from '../store/schema.ts';

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
    id: randomUUID(),
    exchange,
    receiver,
    patient,
    state: 'queued',
    next_attempt_at: null,
    failure: null,
    receipt: null,
    notice: JSON.stringify(notice),
    created_at: now,
    updated_at: now,
  }));
  await trx.insertInto('delivery').values(deliveries).execute();
  return deliveries.map((one) => one.id);
}
