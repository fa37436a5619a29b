import { sql } from 'kysely';
import type { Db } from '../store/database.ts';
import type { DeliveryRow, ReceiverRow } from '../store/schema.ts';

/*
 * States of a delivery:
 *   queued     waits for its turn in its lane
 *   sending    claimed by a worker; whether the receiver got it is not known until it is settled
 *   retry      the receiver could not take it now; due at next_attempt_at
 *   delivered  the receiver confirmed it
 *   withheld   consent or view left nothing to send when its turn came
 *   superseded everything in it was replaced by a newer exchange, which has a delivery of its own
 *   failed     the receiver refused it for good; somebody must look
 */
type Settled = 'delivered' | 'withheld' | 'superseded' | 'failed' | 'retry';

/** A worker that has not settled its claim by then is gone; updates by id make sending again safe. */
const LEASE_SECONDS = 20;

/** Claims a delivery for sending, if it is due and nothing older waits in its lane (same receiver, same patient). */
export async function claim(
  db: Db,
  id: string,
  now: Date,
): Promise<{ delivery: DeliveryRow; receiver: ReceiverRow } | undefined> {
  const { rows } = await sql<DeliveryRow>`
    update delivery set state = 'sending', attempts = attempts + 1, updated_at = ${now}
    where id = (
      select d.id from delivery d where d.id = ${id} and d.state in ('queued', 'retry') and (d.next_attempt_at is null or d.next_attempt_at <= ${now})
        and not exists (select 1 from delivery older where older.receiver = d.receiver and older.patient = d.patient
          and older.sequence < d.sequence and older.state in ('queued', 'retry', 'sending'))
      for update skip locked)
    returning *`.execute(db);
  const delivery = rows[0];
  if (!delivery) return undefined;
  const receiver = await db
    .selectFrom('receiver')
    .selectAll()
    .where('id', '=', delivery.receiver)
    .executeTakeFirstOrThrow();
  return { delivery, receiver };
}

/** Writes the end of an attempt. */
export async function settle(
  trx: Db,
  id: string,
  end: { state: Settled; failure: string | null; receipt?: object; nextAttemptAt?: Date },
  now: Date,
): Promise<void> {
  await trx
    .updateTable('delivery')
    .set({
      state: end.state,
      failure: end.failure,
      receipt: end.receipt ? JSON.stringify(end.receipt) : null,
      next_attempt_at: end.nextAttemptAt ?? null,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute();
}

/** The oldest waiting delivery of a lane, once nothing in it is being sent. */
export async function nextInLane(db: Db, receiver: string, patient: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('delivery')
    .select('id')
    .where('receiver', '=', receiver)
    .where('patient', '=', patient)
    .where('state', 'in', ['queued', 'retry'])
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/**
 * Deliveries that should be on the queue: due ones, and those whose worker died. The queue holds nothing that is not here, so a queue that was lost
 * is filled again from this.
 */
export async function due(db: Db, now: Date, limit: number): Promise<string[]> {
  const lapsed = new Date(now.getTime() - LEASE_SECONDS * 1_000);
  await db
    .updateTable('delivery')
    .set({ state: 'retry', failure: 'worker-lost', next_attempt_at: now, updated_at: now })
    .where('state', '=', 'sending')
    .where('updated_at', '<', lapsed)
    .execute();
  const { rows } = await sql<{ id: string }>`
    select distinct on (receiver, patient) id from delivery where state in ('queued', 'retry') and (next_attempt_at is null or next_attempt_at <= ${now})
    order by receiver, patient, sequence limit ${limit}`.execute(db);
  return rows.map((row) => row.id);
}
