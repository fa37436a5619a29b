import type { Consent, Resource } from '@medplum/fhirtypes';
import { sql } from 'kysely';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import {
  loadFile,
  lockPatient,
  type NewRecord,
  type PatientFile,
  raiseGate,
  sealRecords,
  writeConsent,
  writeRecords,
} from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import { eraseRecord } from './erase.ts';
import { openReview } from './open-review.ts';

/**
 * A source says that two of our patients are one (A40). Nothing is merged on a message alone: two people in one record would harm both. Of neither anything is released until a privacy officer
 * has looked. Call with `file`'s patient locked.
 */
export async function holdForMerge(
  trx: Db,
  file: PatientFile,
  others: readonly string[],
  actor: AuditActor,
  now: Date,
): Promise<void> {
  for (const other of others) {
    const opened = await openReview(
      trx,
      file,
      { kind: 'merge', organisation: actor.organisation, subject: other, details: { saidBy: actor.client } },
      now,
    );
    if (!opened) continue;
    await trx.updateTable('patient').set({ held: true }).where('id', 'in', [file.patient, other]).execute();
    for (const one of [file.patient, other]) await raiseGate(trx, one);
    const details = [['held', 'merge']] as const;
    await record(
      trx,
      [file.patient, other].map((patient) => ({ kind: 'review' as const, actor, patient, details })),
      now,
    );
  }
}

/**
 * What the officer found: two persons go on as they were; of one person the other record moves into this one, with its relatives and consents, so that an objection in either counts and
 * everybody with custody in either has a say. Care team and poli stay those of this record. Undefined when it is done.
 */
export async function settleMerge(
  trx: Db,
  { vault }: { readonly vault: Vault },
  file: PatientFile,
  other: string,
  outcome: string,
  actor: AuditActor,
  now: Date,
): Promise<Refusal | undefined> {
  await lockPatient(trx, other);
  if (outcome === 'one-person') {
    const unsettled = await move(trx, vault, file, other, actor, now);
    if (unsettled) return unsettled;
  }
  await release(trx, [file.patient, other], file.patient, other);
  return undefined;
}

/** A patient who is in another merge that nobody has looked at stays held. */
async function release(trx: Db, patients: readonly string[], patient: string, other: string): Promise<void> {
  for (const one of patients) {
    await sql`
      update patient set held = exists (
        select 1 from review where kind = 'merge' and closed_at is null and (patient = ${one} or subject = ${one})
          and not (patient = ${patient} and subject = ${other}))
      where id = ${one}`.execute(trx);
    await raiseGate(trx, one);
  }
}

const STAYS = new Set(['Patient', 'CareTeam', 'EpisodeOfCare']);

async function move(
  trx: Db,
  vault: Vault,
  file: PatientFile,
  other: string,
  actor: AuditActor,
  now: Date,
): Promise<Refusal | undefined> {
  const { patient, dataKey } = file;
  const moving = await loadFile(trx, vault, other, now);
  if (!moving) return undefined;
  const open = await trx
    .selectFrom('review')
    .select('id')
    .where('patient', '=', other)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  // What an officer still has to judge opens only with the key of that record.
  if (open) return refuse('review-incomplete', 'outcome', 'first close the other reviews of both records');
  const own = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value).replaceAll(`"Patient/${other}"`, `"Patient/${patient}"`)) as T;
  const records = moving.resources
    .filter((one) => !STAYS.has(one.type))
    .map(
      ({ resource, category, labels, author, exchange }): NewRecord => ({
        resource: own(resource) as Resource & { id: string },
        category,
        labels,
        author,
        source: 'merge',
        exchange,
      }),
    );
  await writeRecords(trx, sealRecords(dataKey, patient, records, file.resources, now));
  for (const consent of moving.consents)
    await writeConsent(
      trx,
      dataKey,
      patient,
      own(consent) as Consent & { id: string },
      Number(consent.meta?.versionId ?? 1),
      actor.organisation,
      now,
    );
  await trx.updateTable('patient_number').set({ patient }).where('patient', '=', other).execute();
  await eraseRecord(trx, other, now);
  const items = records.map((one) => `${one.resource.resourceType}/${one.resource.id}`);
  const consents = moving.consents.map((one) => `Consent/${one.id}/_history/${one.meta?.versionId}`);
  await record(
    trx,
    [
      { kind: 'family', actor, patient, items, consents, details: [['merged', 'taken-up']] },
      { kind: 'erasure', actor, patient: other, details: [['because', 'merged']] },
    ],
    now,
  );
  return undefined;
}
