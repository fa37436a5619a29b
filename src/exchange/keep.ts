import { randomUUID } from 'node:crypto';
import type { Patient } from '@medplum/fhirtypes';
import type { Insertable } from 'kysely';
import type { AuditFact } from '../audit/event.ts';
import { auditRows } from '../audit/log.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import type { Directory } from '../store/directory.ts';
import {
  loadFile,
  lockPatientByBsn,
  type NewRecord,
  type PatientFile,
  type ResourceInsert,
  type StoredResource,
  sealRaw,
  sealRecords,
  writeRecords,
} from '../store/records.ts';
import type { Database } from '../store/schema.ts';
import { withClaims } from './claims.ts';
import { tellHolders } from './correct.ts';
import { type Intake, withSubject } from './intake.ts';
import { labelled, withLabels } from './label.ts';
import { newDelivery } from './ledger.ts';
import { mergePatient } from './merge-patient.ts';
import { holdForMerge } from './merge-records.ts';
import { claimNumbers, mergedWith } from './patient-numbers.ts';
import { type Plan, plan } from './plan.ts';
import type { Accepted, AcceptPorts, Push } from './push.ts';
import { pushMode } from './push-mode.ts';
import { receiptOf } from './receipt.ts';
import { withRelatives } from './relatives.ts';
import { restrict, restrictionsOf } from './restrict.ts';
import { withdrawn } from './withdraw.ts';

/** A message that was read, mapped, validated and labelled, waiting for its patient. */
export interface Readied {
  readonly messageId: string;
  readonly digest: Buffer;
  /** The message says that the family knows of the referral in it. */
  readonly referralKnown: boolean;
  /** What could not be checked of it: places and reasons, for the receipt. */
  readonly unchecked: readonly string[];
  readonly taken: Intake;
  readonly directory: Directory;
  /** The exchange under which this message waited for its patient. */
  readonly waiting?: string;
}

/** How long the raw message is kept, to be looked at when a mapping turns out wrong. */
const RAW_MS = 30 * 86_400_000;

/**
 * Identifies the patient, asks the consent gate and keeps what somebody may get, with the patient held from the first look to the commit: consent cannot
 * change in between. `again`: the same message id was taken meanwhile.
 */
export async function keep(ports: AcceptPorts, push: Push, ready: Readied): Promise<Accepted | Refusal | 'again'> {
  const now = ports.now();
  const sender = push.actor.organisation;
  const id = ready.waiting ?? randomUUID();
  try {
    return await ports.db.transaction().execute(async (trx): Promise<Accepted | Refusal> => {
      const patient = await lockPatientByBsn(trx, ports.vault, ready.taken.bsn);
      const part = takesBack(ready.taken) ? 'all' : { ids: ready.taken.items.map((one) => one.resource.id) };
      const known = patient ? await loadFile(trx, ports.vault, patient, now, part) : undefined;
      // A patient that nobody entered, one without consent and one the sender has no relation with get the same answer.
      if (!patient || !known?.relations.includes(sender)) return refuse('no-consent', undefined, 'NO_CONSENT');
      const restricted = await restrictFirst(trx, ports, push, known, ready, id, now);
      const changed = restricted.kept > 0 ? ((await loadFile(trx, ports.vault, patient, now, part)) ?? known) : known;
      // What comes while nothing may be released is kept, and waits: it must not be lost.
      const file = { ...changed, held: false };
      const current = file.resources.find((one) => one.type === 'Patient');
      const sent = toStored(ports, shared(ready.taken), patient, current, sender, id);
      const incoming = [...sent, ...withdrawn(sent, file.resources, id)];
      const replaced = new Set(incoming.map(refOf));
      const others = file.resources.filter((one) => !replaced.has(refOf(one)));
      const family = await withRelatives(trx, ports.vault, { ...file, resources: [...others, ...incoming] }, now);
      const planned = plan(
        family,
        incoming,
        pushMode(file, ready.referralKnown),
        sender,
        ready.directory,
        ports.policy(),
        now.toISOString(),
      );
      const corrected = new Set(
        file.resources.map(refOf).filter((one) => one !== `Patient/${patient}` && replaced.has(one)),
      );
      const holders = { patient, actor: push.actor, cause: `${id}/corrected` };
      const told = await tellHolders(trx, holders, corrected, planned.receivers, ready.directory, now);
      if (planned.kept.size === 0 && restricted.kept === 0)
        return refuse('no-consent', undefined, planned.reasons.join(' '));
      if (conflicts(current?.resource as Patient | undefined, ready.taken.patient)) {
        return refuse('identity-conflict', 'Patient.birthDate');
      }
      const whose = { sender, patient, bsn: ready.taken.bsn };
      const conflict = await claimNumbers(trx, ports.vault, whose, ready.taken.patient, now);
      if (conflict) {
        if (conflict.issues[0].code === 'merge-conflict')
          await holdForMerge(
            trx,
            file,
            await mergedWith(trx, ports.vault, whose, ready.taken.patient),
            push.actor,
            now,
          );
        return conflict;
      }
      const records = incoming
        .filter((one) => one.exchange === id && planned.kept.has(refOf(one)))
        .map((one) => toRecord(one, push.source));
      const { messageId, unchecked } = ready;
      const outcome = { messageId, notKept: planned.dropped, ...(unchecked.length > 0 && { unchecked }) };
      const deliveries = planned.receivers.map((receiver) => newDelivery(id, receiver, patient, now));
      await write(trx, {
        exchange: {
          id,
          sender,
          source: push.source,
          message_id: messageId,
          digest: ready.digest,
          patient,
          state: 'accepted',
          outcome: JSON.stringify(outcome),
          received_at: now,
          referral_known: ready.referralKnown,
          // What nobody may get is not kept in the raw message either.
          raw: planned.dropped.length > 0 ? null : sealRaw(file.dataKey, id, push.bytes),
          raw_expires_at: new Date(now.getTime() + RAW_MS),
        },
        records: sealRecords(file.dataKey, patient, records, file.resources, now),
        deliveries,
        facts: pushFacts(push, id, patient, records, planned),
        waited: ready.waiting !== undefined,
        now,
      });
      const receipt = receiptOf({ id, state: 'accepted', outcome, deliveries });
      const queued = [...restricted.deliveries, ...told, ...deliveries.map((one) => one.id)];
      return { ok: true, receipt, deliveries: queued };
    });
  } catch (error) {
    if (isTaken(error)) return 'again';
    throw error;
  }
}

/** A message that restricts what may be shared does so before the gate is asked about the rest of it; one about somebody with another birth date says nothing here. */
async function restrictFirst(
  trx: Db,
  ports: AcceptPorts,
  push: Push,
  known: PatientFile,
  { taken, directory }: Readied,
  exchange: string,
  now: Date,
): Promise<{ kept: number; deliveries: string[] }> {
  const current = known.resources.find((one) => one.type === 'Patient')?.resource as Patient | undefined;
  const { consents, facts } = restrictionsOf(taken, current);
  const nothing = consents.length === 0 && Object.keys(facts).length === 0;
  if (nothing || conflicts(current, taken.patient)) return { kept: 0, deliveries: [] };
  const whole = await loadFile(trx, ports.vault, known.patient, now);
  return restrict(trx, ports, push, whole ?? known, taken, `${exchange}/restricted`, directory);
}

/** What of a message is to be shared: its consents are the register's. */
const shared = (taken: Intake): Intake => ({
  ...taken,
  items: taken.items.filter(({ resource }) => resource.resourceType !== 'Consent'),
});

interface Kept {
  readonly exchange: Insertable<Database['exchange']>;
  readonly records: readonly ResourceInsert[];
  readonly deliveries: readonly (Insertable<Database['delivery']> & { id: string })[];
  readonly facts: readonly AuditFact[];
  /** The ledger has this exchange already: it waited for its patient. */
  readonly waited: boolean;
  readonly now: Date;
}

/** The ledger row with its audit, the resources, the deliveries: few statements, because each one is a round trip while the patient is held. */
async function write(trx: Db, { exchange, records, deliveries, facts, waited, now }: Kept): Promise<void> {
  const { id, ...changed } = exchange;
  if (waited) await trx.deleteFrom('waiting_exchange').where('exchange', '=', id).execute();
  await trx
    .with('taken', (db) =>
      waited
        ? db.updateTable('exchange').set(changed).where('id', '=', id)
        : db.insertInto('exchange').values(exchange),
    )
    .insertInto('audit')
    .values(auditRows(facts, now))
    .execute();
  await writeRecords(trx, records);
  if (deliveries.length > 0)
    await trx
      .insertInto('delivery')
      .values([...deliveries])
      .execute();
}

/** The message id was taken by another transaction while this one ran (unique index exchange_message). */
const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'exchange_message';

const refOf = (one: StoredResource): string => `${one.type}/${one.id}`;

/** Whether a message takes a report back, and with it what that report brought: then the whole file is looked at. */
const takesBack = ({ items }: Intake): boolean =>
  items.some(({ resource }) => resource.resourceType === 'Composition' && resource.status === 'entered-in-error');

const DEMOGRAPHICS = labelled('naw', []);

/** The incoming items as the file would hold them. A Patient that changes nothing stands in as it is, so that the gate still sees whom it concerns. */
function toStored(
  { claimsOf }: AcceptPorts,
  taken: Intake,
  patient: string,
  current: StoredResource | undefined,
  author: string,
  exchange: string,
): StoredResource[] {
  const merged = mergePatient(current?.resource as Patient | undefined, taken.patient);
  const items = taken.items.map(
    ({ resource, category, labels }): StoredResource => ({
      type: resource.resourceType,
      id: resource.id,
      version: 1,
      category,
      labels,
      author,
      exchange,
      resource: withSubject(resource, patient),
    }),
  );
  if (!merged) return [{ ...(current as StoredResource), exchange: undefined }, ...items];
  const labels = withLabels({ ...merged, id: patient }, DEMOGRAPHICS);
  const resource = withClaims(labels, claimsOf(labels));
  return [
    { type: 'Patient', id: patient, version: 1, category: 'naw', labels: [], author, exchange, resource },
    ...items,
  ];
}

const toRecord = ({ resource, category, labels, author, exchange }: StoredResource, source: string): NewRecord => ({
  resource: resource as NewRecord['resource'],
  category,
  labels,
  author,
  source,
  exchange,
});

/** BSN and birth date must agree: one mistyped digit can be a sibling's BSN. */
const conflicts = (current: Patient | undefined, incoming: Patient): boolean =>
  Boolean(current?.birthDate && incoming.birthDate && current.birthDate !== incoming.birthDate);

function pushFacts(
  push: Push,
  exchange: string,
  patient: string,
  records: readonly NewRecord[],
  planned: Plan,
): AuditFact[] {
  const common = { actor: push.actor, patient, exchange };
  const dropped = planned.dropped.map(({ type, category, count, reasons }): [string, string] => [
    'not-kept',
    `${type} ${category} ${reasons.join('+')} ${count}`,
  ]);
  const named = (name: string, values: readonly string[]) => values.map((one): [string, string] => [name, one]);
  const items = records.map((one) => `${one.resource.resourceType}/${one.resource.id}`);
  return [
    { ...common, kind: 'push', items, details: [['source', push.source]] },
    {
      ...common,
      kind: 'decision',
      details: [...named('reason', planned.reasons), ...named('receiver', planned.receivers), ...dropped],
    },
  ];
}
