import type { Db } from '../store/database.ts';
import type { Plan } from './plan.ts';

/** The exchanges of a patient that still wait to be sent to a receiver of this organisation and discipline. */
export async function queuedFor(
  db: Db,
  patient: string,
  { organisation, discipline }: { readonly organisation: string; readonly discipline: string },
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('delivery')
    .innerJoin('receiver', 'receiver.id', 'delivery.receiver')
    .select('delivery.exchange')
    .where('delivery.patient', '=', patient)
    .where('receiver.organisation', '=', organisation)
    .where('receiver.discipline', '=', discipline)
    .where('delivery.state', 'in', ['queued', 'sending', 'retry'])
    .execute();
  return new Set(rows.map((one) => one.exchange));
}

/** Why items about a patient came in and were not kept, by category: at that time nobody might get them. */
export async function whyNotKept(db: Db, patient: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db
    .selectFrom('exchange')
    .select('outcome')
    .where('patient', '=', patient)
    .orderBy('received_at', 'desc')
    .limit(100)
    .execute();
  const reasons = new Map<string, Set<string>>();
  for (const { outcome } of rows) {
    for (const one of (outcome as { notKept?: Plan['dropped'] }).notKept ?? []) {
      const known = reasons.get(one.category) ?? new Set();
      for (const reason of one.reasons) known.add(reason);
      reasons.set(one.category, known);
    }
  }
  return new Map([...reasons].map(([category, all]) => [category, [...all]]));
}
