import type { AuditActor, AuditFact } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/database.ts';
import type { Directory } from '../store/directory.ts';
import type { PatientFile, StoredResource } from '../store/records.ts';
import type { Notice, ReceiverRow } from '../store/schema.ts';
import type { Vault } from '../store/vault.ts';
import { holdingsOf } from './holdings.ts';
import { judge } from './judge.ts';
import { queueNotices } from './notices.ts';
import { pushMode } from './push-mode.ts';
import { type Family, loadFamily, withRelatives } from './relatives.ts';

interface ChangePorts {
  readonly vault: Vault;
  policy(): Policy;
  directory(): Promise<Directory>;
}

/** A change to a family: what it was before, who made it, and what receivers are told who may no longer have what they hold. */
export interface Change {
  readonly before: PatientFile;
  readonly actor: AuditActor;
  readonly code: Notice['code'];
  /** Names the change, once: it becomes the message id of the exchange that carries the notices. */
  readonly cause: string;
}

/**
 * What follows at once when consent, custody, relations or a death change what may be shared: deliveries that wait and may give nothing any more are stopped, and every receiver
 * that holds what it might have before and may not have now is told which copies that are. Call it in the transaction of the change, after it, with the patient locked. Gives
 * the deliveries to be put on the queue.
 */
export async function followChange(trx: Db, ports: ChangePorts, change: Change, now: Date): Promise<string[]> {
  const { patient } = change.before;
  const changed = await loadFamily(trx, ports.vault, patient, now);
  if (!changed) return [];
  // A hold for review is no change of what may be shared: what waits goes on waiting.
  const after = { ...changed, file: { ...changed.file, held: false } };
  const { receivers, organisations } = await ports.directory();
  const known = new Map(receivers.map((one) => [one.id, one]));
  const sector = (one: ReceiverRow): string => organisations.get(one.organisation)?.sector ?? '';
  const may = (family: Family, one: ReceiverRow, mode: Mode, resources: readonly StoredResource[]) =>
    released(family, one, sector(one), mode, ports.policy(), resources, now);
  const facts: AuditFact[] = [];
  for (const waiting of await waitingOf(trx, patient)) {
    const receiver = known.get(waiting.receiver);
    const own = after.file.resources.filter(
      (one) => one.exchange === waiting.exchange && receiver?.categories.includes(one.category),
    );
    // What another exchange replaced, and whoever was switched off, is for the delivery itself to find.
    if (!receiver || own.length === 0) continue;
    if (may(after, receiver, modeOf(after.file, waiting.referral_known), own).size > 0) continue;
    await stop(trx, waiting.id, now);
    facts.push({
      kind: 'decision',
      actor: change.actor,
      patient,
      exchange: waiting.exchange,
      details: [
        ['decision', 'deny'],
        ['receiver', receiver.id],
        ['stopped', waiting.id],
        ['because', change.code],
      ],
    });
  }
  const before = await withRelatives(trx, ports.vault, { ...change.before, held: false }, now);
  const notices = new Map<string, Notice>();
  for (const [id, held] of await holdingsOf(trx, patient)) {
    const receiver = known.get(id);
    if (!receiver) continue;
    const copies = before.file.resources.filter((one) => held.has(refOf(one)));
    const had = may(before, receiver, 'deliver', copies);
    const has = may(after, receiver, 'deliver', copies);
    const lost = [...had].filter((one) => !has.has(one)).sort();
    if (lost.length > 0) notices.set(id, { code: change.code, items: lost });
  }
  if (facts.length > 0) await record(trx, facts, now);
  const { cause, actor } = change;
  return queueNotices(trx, { patient, sender: actor.organisation, cause }, notices, now);
}

type Mode = 'deliver' | 'push-referral';

const modeOf = (file: PatientFile, referralKnown: boolean): Mode =>
  referralKnown && pushMode(file, true) === 'push-referral' ? 'push-referral' : 'deliver';

const refOf = (one: StoredResource): string => `${one.type}/${one.id}`;

function released(
  family: Family,
  { organisation, discipline }: ReceiverRow,
  sector: string,
  mode: Mode,
  policy: Policy,
  resources: readonly StoredResource[],
  now: Date,
): Set<string> {
  const question = { mode, organisation, sector, discipline, purpose: 'TREAT', at: now.toISOString(), env: OWN };
  return new Set(
    judge(family.file, family.relatives, question, policy, resources).released.map(({ stored }) => refOf(stored)),
  );
}

/** What changed is what is on record here; Mitz is asked when something is to leave. */
const OWN = { mitz: 'permit' } as const;

const waitingOf = (trx: Db, patient: string) =>
  trx
    .selectFrom('delivery')
    .innerJoin('exchange', 'exchange.id', 'delivery.exchange')
    .select(['delivery.id', 'delivery.receiver', 'delivery.exchange', 'exchange.referral_known'])
    .where('delivery.patient', '=', patient)
    .where('delivery.state', 'in', ['queued', 'retry'])
    .where('delivery.notice', 'is', null)
    .execute();

const stop = (trx: Db, id: string, now: Date) =>
  trx
    .updateTable('delivery')
    .set({ state: 'withheld', failure: null, next_attempt_at: null, updated_at: now })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'retry'])
    .execute();
