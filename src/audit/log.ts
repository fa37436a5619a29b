import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AuditEvent } from '@medplum/fhirtypes';
import { type Insertable, sql } from 'kysely';
import { type Db, prepared } from '../store/database.ts';
import type { Database, NewReceipt } from '../store/schema.ts';
import { type AuditFact, toAuditEvent } from './event.ts';
import { inOrder } from './in-order.ts';

/** A fact names at most this many items; more are spread over several events, so that one entry stays under the 65,535 bytes of C2SP tlog-tiles. */
const ITEMS_PER_EVENT = 200;

export type AuditInsert = Insertable<Database['audit']>;

/**
 * Audit entries as rows, to be written in the transaction of what they record.
 * Leaf = SHA-256(0x00 ‖ salt ‖ canonical event) (RFC 6962 §2.1, RFC 8785): after its term an entry and its salt can go and the tree stays provable.
 */
export function auditRows(facts: readonly AuditFact[], now: Date): AuditInsert[] {
  return facts.flatMap(spread).map((fact) => {
    const event = JSON.stringify(inOrder(toAuditEvent(fact, randomUUID(), now.toISOString())));
    const salt = randomBytes(32);
    const leaf = createHash('sha256').update(PREFIX).update(salt).update(event).digest();
    return {
      index: null,
      kind: fact.kind,
      patient: fact.patient ?? null,
      exchange: fact.exchange ?? null,
      recorded_at: now,
      salt,
      event,
      leaf,
    };
  });
}

const PREFIX = Buffer.from([0]);

/** Writes audit entries. Call it inside the transaction of what it records, or, for a release, let it commit before the first byte leaves. */
export async function record(trx: Db, facts: readonly AuditFact[], now: Date): Promise<void> {
  const rows = auditRows(facts, now);
  if (rows.length > 0) await trx.insertInto('audit').values(rows).execute();
}

/**
 * Writes the audit entries of a release and its receipt, but only while the decision still holds: the patient's gate is the one it was made with. A change of consent that is
 * being written is waited for (share lock), so nothing is released after it. False: judge again. One statement, one round trip.
 */
export async function recordWhile(
  db: Db,
  gate: { readonly patient: string; readonly gate: number },
  facts: readonly AuditFact[],
  receipt: NewReceipt,
  now: Date,
): Promise<boolean> {
  const rows = auditRows(facts, now);
  const { id, organisation, discipline, purpose, mode, policy, code, input, output, gate: at, body } = receipt;
  const values: unknown[] = [gate.patient, gate.gate, now];
  values.push(id, organisation, discipline, purpose, mode, policy, code, input, output, at, body);
  for (const { kind, patient, exchange, salt, event, leaf } of rows)
    values.push(kind, patient, exchange, salt, event, leaf);
  const { count } = await prepared(db, {
    name: `record-while-${rows.length}`,
    text: recordStatement(rows.length),
    values,
  });
  return count > 0;
}

/** One statement for each number of entries; a release has two, a very large one some more. */
function recordStatement(entries: number): string {
  let text = statements.get(entries);
  if (text === undefined) {
    const row = (_: unknown, at: number): string => {
      const [kind, patient, exchange, salt, event, leaf] = [15, 16, 17, 18, 19, 20].map((one) => `$${one + 6 * at}`);
      return `(${kind}::text, ${patient}::uuid, ${exchange}::uuid, ${salt}::bytea, ${event}::text, ${leaf}::bytea)`;
    };
    text = `
      with held as (select id from patient where id = $1 and gate = $2 and erased_at is null for share),
      kept as (
        insert into receipt (id, patient, at, organisation, discipline, purpose, mode, policy, code, input, output, gate, body)
        select $4, held.id, $3, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 from held)
      insert into audit (kind, patient, exchange, recorded_at, salt, event, leaf)
      select r.kind, r.patient, r.exchange, $3, r.salt, r.event, r.leaf
      from held, (values ${Array.from({ length: entries }, row).join(', ')}) as r(kind, patient, exchange, salt, event, leaf)`;
    statements.set(entries, text);
  }
  return text;
}

const statements = new Map<number, string>();

function spread(fact: AuditFact): AuditFact[] {
  const items = fact.items ?? [];
  if (items.length <= ITEMS_PER_EVENT) return [fact];
  const facts: AuditFact[] = [];
  for (let start = 0; start < items.length; start += ITEMS_PER_EVENT)
    facts.push({ ...fact, items: items.slice(start, start + ITEMS_PER_EVENT) });
  return facts;
}

/**
 * Gives committed entries their place in the log: gapless, in the order they were written, by one sequencer at a time (an advisory
 * lock; on a second node it does nothing). A sequence column alone would show gaps for transactions that were rolled back.
 */
export async function sequence(db: Db): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const lock = await sql<{
      free: boolean;
    }>`select pg_try_advisory_xact_lock(hashtext('gezinspoort/audit-sequencer')) as free`.execute(trx);
    if (!lock.rows[0]?.free) return 0;
    const result = await sql`
      update audit set index = numbered.index from (
        select seq, (select coalesce(max(index), -1) from audit) + row_number() over (order by seq) as index
        from audit where index is null order by seq limit 10000) as numbered
      where audit.seq = numbered.seq`.execute(trx);
    return Number(result.numAffectedRows ?? 0);
  });
}

/** The events about one patient, oldest first. Reading the log is itself an event: the caller records it. */
export async function eventsOf(db: Db, patient: string): Promise<AuditEvent[]> {
  const rows = await db
    .selectFrom('audit')
    .select('event')
    .where('patient', '=', patient)
    .orderBy('seq')
    .limit(5_000)
    .execute();
  return rows.map((row) => JSON.parse(row.event) as AuditEvent);
}
