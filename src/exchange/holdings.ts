import type { AuditEvent } from '@medplum/fhirtypes';
import type { Db } from '../store/database.ts';

/** What each receiver was sent of a patient, as far as the log knows (`Type/id`). A release that was never confirmed counts too: it may have arrived. */
export type Holdings = ReadonlyMap<string, ReadonlySet<string>>;

const RECEIVER = 'receiver/';

/** Reads from the log what receivers hold of a patient: they are told when it was wrong or may be shared no longer (GDPR art. 19). */
export async function holdingsOf(db: Db, patient: string): Promise<Holdings> {
  const rows = await db
    .selectFrom('audit')
    .select('event')
    .where('patient', '=', patient)
    .where('kind', '=', 'release')
    .where('event', 'like', `%"${RECEIVER}%`)
    .execute();
  const holdings = new Map<string, Set<string>>();
  for (const { event } of rows) {
    const { agent, entity } = JSON.parse(event) as AuditEvent;
    const client = agent.map((one) => one.who?.identifier?.value ?? '').find((one) => one.startsWith(RECEIVER));
    if (client === undefined) continue;
    const receiver = client.slice(RECEIVER.length);
    const held = holdings.get(receiver) ?? new Set();
    holdings.set(receiver, held);
    for (const { what, role } of entity ?? [])
      if (role?.code === '4' && what?.reference) held.add(what.reference.replace(/\/_history\/.*$/, ''));
  }
  return holdings;
}
