import type { AuditActor } from '../audit/event.ts';
import { eventsOf, record } from '../audit/log.ts';
import { isId } from '../store/pairwise.ts';
import { type Released, type ReleasePorts, releaseEvents } from './release.ts';

/** The log about one patient, for a privacy officer, in the ids of the officer's organisation. Undefined when the id is none of theirs. */
export async function readLog(
  ports: ReleasePorts,
  patientId: string,
  actor: AuditActor,
): Promise<Released | undefined> {
  const patient = ports.vault.ids(actor.organisation).in(patientId);
  if (!patient || !isId(patient)) return undefined;
  const events = await eventsOf(ports.db, patient);
  if (events.length === 0) return undefined;
  await record(
    ports.db,
    [{ kind: 'log-read', actor, patient, details: [['events', String(events.length)]] }],
    ports.now(),
  );
  return releaseEvents(ports, events, actor.organisation);
}
