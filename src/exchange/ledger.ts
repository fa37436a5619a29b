import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { AuditFact } from '../audit/event.ts';
import { auditRows } from '../audit/log.ts';
import type { Db } from '../store/database.ts';
import type { DeliveryRow } from '../store/schema.ts';

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

/** What is on the queue is taken up long before; what is older was lost with a queue or an enqueue that failed. */
const OVERDUE_SECONDS = 2;

/** A claimed delivery, and whether its message says that the family knows of the referral. */
export type Claimed = DeliveryRow & { readonly referral_known: boolean };

/** Claims a delivery for sending, if it is due and nothing older waits in its lane (same receiver, same patient). */
export async function claim(db: Db, id: string, now: Date): Promise<Claimed | undefined> {
  const { rows } = await sql<Claimed>`
    update delivery set state = 'sending', attempts = attempts + 1, updated_at = ${now}
    where id = (
      select d.id from delivery d where d.id = ${id} and d.state in ('queued', 'retry') and (d.next_attempt_at is null or d.next_attempt_at <= ${now})
        and not exists (select 1 from delivery older where older.receiver = d.receiver and older.patient = d.patient
          and older.sequence < d.sequence and older.state in ('queued', 'retry', 'sending'))
      for update skip locked)
    returning *, (select referral_known from exchange e where e.id = delivery.exchange) as referral_known`.execute(db);
  return rows[0];
}

export interface Ending {
  readonly state: Settled;
  readonly failure: string | null;
  readonly receipt?: object;
  readonly nextAttemptAt?: Date;
}

/** Writes the end of an attempt with its audit, and gives the next waiting delivery of the lane. One statement: both or neither. */
export async function settle(
  db: Db,
  delivery: DeliveryRow,
  end: Ending,
  facts: readonly AuditFact[],
  now: Date,
): Promise<string | undefined> {
  const set = {
    state: end.state,
    failure: end.failure,
    receipt: end.receipt ? JSON.stringify(end.receipt) : null,
    next_attempt_at: end.nextAttemptAt ?? null,
    updated_at: now,
  };
  const settled = db.with('settled', (one) =>
    one
      .updateTable('delivery')
      .set(set)
      .where('id', '=', delivery.id)
      .where('state', '=', 'sending')
      // Only this claim: a worker that was thought dead may not end what another one has taken over.
      .where('attempts', '=', delivery.attempts),
  );
  const rows = auditRows(facts, now);
  const recorded = rows.length > 0 ? settled.with('recorded', (one) => one.insertInto('audit').values(rows)) : settled;
  const row = await recorded
    .selectFrom('delivery')
    .select('id')
    .where('receiver', '=', delivery.receiver)
    .where('patient', '=', delivery.patient)
    .where('state', 'in', ['queued', 'retry'])
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/**
 * Deliveries that should be on the queue and may not be: waiting for longer than the queue ever takes, or with a worker that died. The queue holds nothing that is not here, so a queue that was lost
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
  const overdue = new Date(now.getTime() - OVERDUE_SECONDS * 1_000);
  // The head of each lane first, then what is due: otherwise the lanes of one receiver that is down would fill the list.
  const { rows } = await sql<{ id: string }>`
    select id from (
      select distinct on (receiver, patient) id, state, coalesce(next_attempt_at, created_at) as since from delivery
      where state in ('queued', 'retry', 'sending') order by receiver, patient, sequence) as head
    where state <> 'sending' and since <= ${overdue} order by since limit ${limit}`.execute(db);
  return rows.map((row) => row.id);
}

/** Raw messages are kept for a while to look at a mapping that turns out wrong; then they go. */
export async function forgetRawMessages(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('exchange')
    .set({ raw: null })
    .where('raw', 'is not', null)
    .where('raw_expires_at', '<', now)
    .execute();
  // What waited for its patient until now is forgotten whole; its message id is free again.
  await db
    .with('late', (trx) =>
      trx
        .updateTable('exchange')
        .set({ state: 'refused', digest: null })
        .where('state', '=', 'waiting-for-identity')
        .where('raw', 'is', null)
        .returning('id'),
    )
    .deleteFrom('waiting_exchange')
    .where('exchange', 'in', (late) => late.selectFrom('late').select('id'))
    .execute();
}

/** A delivery as it begins: waiting for its turn in the lane. */
export const newDelivery = (exchange: string, receiver: string, patient: string, now: Date) => ({
  id: randomUUID(),
  exchange,
  receiver,
  patient,
  state: 'queued',
  next_attempt_at: null,
  failure: null,
  receipt: null,
  created_at: now,
  updated_at: now,
});
