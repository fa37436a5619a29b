import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AuditEvent } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import { type Insertable, sql } from 'kysely';
import type { Db } from '../store/database.ts';
import type { Database, NewReceipt } from '../store/schema.ts';
import { type AuditFact, toAuditEvent } from './event.ts';

/** A fact names at most this many items; more are spread over several events, so that one entry stays under the 65,535 bytes of C2SP tlog-tiles. */
const ITEMS_PER_EVENT = 200;

export type AuditInsert = Insertable<Database['audit']>;

/**
 * Audit entries as rows, to be written in the transaction of what they record.
 * Leaf = SHA-256(0x00 ‖ salt ‖ canonical event) (RFC 6962 §2.1, RFC 8785): after its term an entry and its salt can go and the tree stays provable.
 */
export function auditRows(facts: readonly AuditFact[], now: Date): AuditInsert[] {
  return facts.flatMap(spread).map((fact) => {
    const event = canonicalize(toAuditEvent(fact, randomUUID(), now.toISOString())) ?? '';
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
  const rows = auditRows(facts, now).map(({ salt, leaf, ...row }) => ({
    ...row,
    salt: salt.toString('hex'),
    leaf: leaf.toString('hex'),
  }));
  const r = receipt;
  const result = await sql`
    with held as (select id from patient where id = ${gate.patient} and gate = ${gate.gate} and erased_at is null for share),
    kept as (
      insert into receipt (id, patient, at, organisation, discipline, purpose, mode, policy, code, input, output, gate, body)
      select ${r.id}::uuid, held.id, ${now}, ${r.organisation}, ${r.discipline}, ${r.purpose}, ${r.mode}, ${r.policy}, ${r.code}, ${r.input}, ${r.output}, ${r.gate}, ${r.body}
      from held)
    insert into audit (kind, patient, exchange, recorded_at, salt, event, leaf)
    select r.kind, r.patient, r.exchange, ${now}, decode(r.salt, 'hex'), r.event, decode(r.leaf, 'hex')
    from held, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(kind text, patient uuid, exchange uuid, salt text, event text, leaf text)`.execute(
    db,
  );
  return (result.numAffectedRows ?? 0n) > 0n;
}

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
