import { sql } from 'kysely';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { addDays } from '../consent/calendar.ts';
import { dutchDay } from '../consent/dutch-date.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/database.ts';
import { loadFile } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import { endedOn } from './term.ts';

export interface ErasePorts {
  readonly db: Db;
  readonly vault: Vault;
  policy(): Policy;
  now(): Date;
}

/** The gateway itself, where nobody asked. */
const GATEWAY: AuditActor = { client: 'gezinspoort', organisation: 'gezinspoort' };

const DAY_MS = 86_400_000;
/** Patients that are looked at in one go: the sweep comes by every second, so that millions have their turn each day. */
const AT_A_TIME = 20;

/**
 * Looks at patients of whom it was not looked today, and erases the copies of those whose term has ended: so many days (a setting) after the family left the IGP or the last consent ended. A record
 * with a review that is still open waits for it. Gives the patients that were erased.
 */
export async function eraseEnded(ports: ErasePorts): Promise<string[]> {
  const now = ports.now();
  const { rows } = await sql<{ id: string }>`
    update patient set looked_at = ${now} where id in (
      select id from patient where erased_at is null and (looked_at is null or looked_at < ${new Date(now.getTime() - DAY_MS)})
      order by looked_at nulls first limit ${AT_A_TIME} for update skip locked)
    returning id`.execute(ports.db);
  const erased: string[] = [];
  for (const { id } of rows) if (await eraseWhenEnded(ports, id, now)) erased.push(id);
  return erased;
}

async function eraseWhenEnded(ports: ErasePorts, patient: string, now: Date): Promise<boolean> {
  const { copiesKeptDays } = ports.policy().settings;
  return ports.db.transaction().execute(async (trx) => {
    await sql`select 1 from patient where id = ${patient} for update`.execute(trx);
    const file = await loadFile(trx, ports.vault, patient, now, {});
    const ended = file && endedOn(file, now);
    if (!ended || addDays(ended, copiesKeptDays) > dutchDay(now.getTime())) return false;
    const open = await trx
      .selectFrom('review')
      .select('id')
      .where('closed_at', 'is', null)
      .where((either) => either.or([either('patient', '=', patient), either('subject', '=', patient)]))
      .executeTakeFirst();
    if (open) return false;
    await eraseRecord(trx, patient, now);
    const details = [
      ['because', 'term-ended'],
      ['ended-on', ended],
    ] as const;
    await record(trx, [{ kind: 'erasure', actor: GATEWAY, patient, details }], now);
    return true;
  });
}

/**
 * Erases everything that is kept of a patient: the data key is destroyed, and the rows it opened go too, with the numbers by which sources knew the patient. The ledger and the log stay: they hold ids and codes,
 * and prove what was done. The source keeps the record. Call with the patient locked.
 */
export async function eraseRecord(trx: Db, patient: string, now: Date): Promise<void> {
  for (const table of ['resource', 'consent', 'consent_paper', 'mitz_statement', 'patient_number'] as const)
    await trx.deleteFrom(table).where('patient', '=', patient).execute();
  await trx.updateTable('exchange').set({ raw: null }).where('patient', '=', patient).execute();
  await trx
    .updateTable('delivery')
    .set({ state: 'withheld', next_attempt_at: null, updated_at: now })
    .where('patient', '=', patient)
    .where('state', 'in', ['queued', 'retry'])
    .where('notice', 'is', null)
    .execute();
  await trx
    .updateTable('treatment_relation')
    .set({ until: now })
    .where('patient', '=', patient)
    .where('until', 'is', null)
    .execute();
  await trx
    .updateTable('patient')
    .set({ wrapped_key: null, bsn_index: null, erased_at: now })
    .where('id', '=', patient)
    .execute();
  await sql`update patient set gate = gate + 1 where id = ${patient}`.execute(trx);
}
