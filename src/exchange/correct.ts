import type { AuditActor } from '../audit/event.ts';
import type { Db } from '../store/database.ts';
import type { Directory } from '../store/directory.ts';
import type { Notice } from '../store/schema.ts';
import { holdingsOf } from './holdings.ts';
import { queueNotices } from './notices.ts';

/**
 * Something that was shared before comes corrected: receivers that hold it and are not sent the correction itself (their consent has ended, their relation, their category) are told that their copy is
 * no longer right (GDPR art. 19). Gives the deliveries. `corrected`: what the message replaces (`Type/id`); `sent`: the receivers that get it.
 */
export async function tellHolders(
  trx: Db,
  { patient, actor, cause }: { readonly patient: string; readonly actor: AuditActor; readonly cause: string },
  corrected: ReadonlySet<string>,
  sent: readonly string[],
  { receivers }: Directory,
  now: Date,
): Promise<string[]> {
  if (corrected.size === 0) return [];
  const notices = new Map<string, Notice>();
  for (const [receiver, held] of await holdingsOf(trx, patient)) {
    const known = receivers.find((one) => one.id === receiver);
    if (!known || sent.includes(receiver) || known.organisation === actor.organisation) continue;
    const items = [...held].filter((one) => corrected.has(one)).sort();
    if (items.length > 0) notices.set(receiver, { code: 'corrected', items });
  }
  return queueNotices(trx, { patient, sender: actor.organisation, cause }, notices, now);
}
