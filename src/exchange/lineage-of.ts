import { randomUUID } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { contentTypeOf } from '../sources/content-type.ts';
import { provenanceOf } from '../sources/provenance.ts';
import { openRaw } from '../store/records.ts';
import type { AcceptPorts } from './push.ts';

/**
 * Where the elements of an exchange came from, for the organisation that sent it: mapped anew from the raw message that is kept for a while. Undefined where there
 * is no such exchange of theirs, or its message is kept no longer (or never was, because nobody may get a part of it). Looking is put on the log first.
 *
 * This is no release and passes none by: the answer holds places of the message and rules of the maps, which the sender has and this project publishes, and not one
 * value of the message or of the shared resources. No element is said to be in anybody's file.
 */
export async function lineageOf(ports: AcceptPorts, id: string, actor: AuditActor): Promise<Bundle | undefined> {
  const row = await ports.db
    .selectFrom('exchange')
    .innerJoin('patient', 'patient.id', 'exchange.patient')
    .select(['exchange.source', 'exchange.message_id', 'exchange.raw', 'exchange.patient', 'patient.wrapped_key'])
    .where('exchange.id', '=', id)
    .where('exchange.sender', '=', actor.organisation)
    .where('patient.erased_at', 'is', null)
    .executeTakeFirst();
  if (!row?.raw || !row.wrapped_key || row.patient === null) return undefined;
  const bytes = openRaw(ports.vault.dataKey(row.patient, row.wrapped_key), id, row.raw);
  const message = ports.sources.read(row.source, contentTypeOf(bytes), bytes);
  // Maps may have changed since: what they would refuse today has no lineage.
  const traced = message.ok ? ports.sources.trace(message, randomUUID) : message;
  if (!message.ok || !traced.ok) return undefined;
  const details: [string, string][] = [['source', row.source]];
  await record(ports.db, [{ kind: 'lineage', actor, patient: row.patient, exchange: id, details }], ports.now());
  const provenances = provenanceOf(message, traced, {
    author: { display: actor.organisation },
    message: { identifier: { value: row.message_id } },
    recorded: ports.now().toISOString(),
  });
  return { resourceType: 'Bundle', type: 'collection', entry: provenances.map((resource) => ({ resource })) };
}
