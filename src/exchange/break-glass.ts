import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import type { Db } from '../store/database.ts';
import { lockPatient, type PatientFile } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import { openReview } from './open-review.ts';

/** Characters of a reason that can be judged afterwards. */
const LEAST = 10;

/**
 * The clock of break-glass (consent.md §G): the first use with a reason opens a session of so many minutes for this person and this patient, puts it before the privacy officer, and says so on
 * the log; until it ends, or the privacy officer has closed the review, every further pull is within it; afterwards the same reason opens nothing: the person has to say anew why. False: it has ended, or no named person gave a reason of some words.
 */
export async function breakGlass(
  ports: { readonly db: Db; readonly vault: Vault },
  file: PatientFile,
  { reason, minutes }: { readonly reason: string; readonly minutes: number },
  actor: AuditActor,
  now: Date,
): Promise<boolean> {
  const { client, organisation, person = '', discipline = '' } = actor;
  const unfit =
    person === '' ? 'break-glass-nobody' : reason.trim().length < LEAST ? 'break-glass-reason-short' : undefined;
  if (unfit) {
    await record(ports.db, [{ kind: 'refusal', actor, patient: file.patient, details: [['code', unfit]] }], now);
    return false;
  }
  const asker = ports.vault.stableId('break-glass', client, organisation, person, discipline);
  const subject = ports.vault.stableId('break-glass-reason', asker, reason.trim().toLowerCase());
  return ports.db.transaction().execute(async (trx) => {
    await lockPatient(trx, file.patient);
    const running = await trx
      .selectFrom('review')
      .select('id')
      .where('patient', '=', file.patient)
      .where('asker', '=', asker)
      .where('until', '>', now)
      .where('closed_at', 'is', null)
      .executeTakeFirst();
    if (running) return true;
    const until = new Date(now.getTime() + minutes * 60_000);
    const details = { reason, client, discipline, ...(person && { person }) };
    const opened = await openReview(
      trx,
      file,
      { kind: 'break-glass', organisation, subject, asker, until, details },
      now,
    );
    const facts = opened
      ? ([
          ['until', until.toISOString()],
          ['obligation', 'notify:privacy-officer'],
          ['obligation', 'inform:patient'],
        ] as const)
      : ([['code', 'break-glass-ended']] as const);
    await record(
      trx,
      [{ kind: opened ? 'break-glass' : 'refusal', actor, patient: file.patient, details: facts }],
      now,
    );
    return opened !== undefined;
  });
}
