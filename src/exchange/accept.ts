import { randomUUID } from 'node:crypto';
import type { Patient } from '@medplum/fhirtypes';
import type { AuditActor, AuditFact } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { type Issue, type Refusal, refuse } from '../fhir/problems.ts';
import type { Sources } from '../sources/registry.ts';
import type { Db } from '../store/database.ts';
import type { Directory } from '../store/directory.ts';
import {
  loadFile,
  lockPatientByBsn,
  type NewRecord,
  type StoredResource,
  sealRaw,
  writeRecords,
} from '../store/records.ts';
import type { Views } from '../views/registry.ts';
import { type Intake, type IntakePorts, intake, withSubject } from './intake.ts';
import { labelled, withLabels } from './label.ts';
import { mergePatient } from './merge-patient.ts';
import { type Plan, plan } from './plan.ts';
import { previous, type Receipt, receiptOf } from './receipt.ts';
import { withRelatives } from './relatives.ts';

export interface AcceptPorts extends IntakePorts {
  readonly db: Db;
  readonly views: Views;
  readonly sources: Sources;
  directory(): Promise<Directory>;
  now(): Date;
}

/** A message at the door, before it is read. `messageId` is the Idempotency-Key, used where the message has no id of its own. */
export interface Push {
  readonly source: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly messageId?: string;
  readonly actor: AuditActor;
}

export type Accepted = { readonly ok: true; readonly receipt: Receipt; readonly deliveries: readonly string[] };

/** How long the raw message is kept, to be looked at when a mapping turns out wrong. */
const RAW_DAYS = 30;

/**
 * The way in: read, map, validate, identify, gate on consent, keep. Exchange, resources, deliveries and audit are one transaction; when this returns `ok`
 * nothing can be lost any more. The same message again gives the same receipt; the same id with other content is refused.
 */
export async function accept(ports: AcceptPorts, push: Push): Promise<Accepted | Refusal> {
  const message = ports.sources.read(push.source, push.contentType, push.bytes);
  if (!message.ok) return refused(ports, push, message);
  const messageId = message.messageId ?? push.messageId;
  if (messageId === undefined || !MESSAGE_ID.test(messageId)) return refused(ports, push, refuse('message-id-missing'));
  const directory = await ports.directory();
  const ura = directory.organisations.get(push.actor.organisation)?.ura;
  if (message.senderUra !== undefined && message.senderUra !== ura)
    return refused(ports, push, refuse('sender-mismatch', message.senderPath));
  const digest = ports.vault.digest(push.bytes);
  const known = await previous(ports.db, push.actor.organisation, push.source, messageId, digest);
  if (known) return known.ok ? known : refused(ports, push, known);
  const mapped = ports.sources.map(message, randomUUID);
  if (!mapped.ok) return refused(ports, push, mapped);
  const taken = intake(ports, mapped.bundle, push.actor.organisation, ports.now());
  if (!taken.ok) return refused(ports, push, taken);
  const mode = message.referralKnown ? 'push-referral' : 'push';
  return keep(ports, push, { messageId, digest, mode, taken, directory });
}

/** Printable ASCII without spaces: what can stand in a header, a receipt and an MSA segment unchanged. */
const MESSAGE_ID = /^[\x21-\x7e]{1,128}$/;

interface Readied {
  readonly messageId: string;
  readonly digest: Buffer;
  readonly mode: 'push' | 'push-referral';
  readonly taken: Intake;
  readonly directory: Directory;
}

async function keep(ports: AcceptPorts, push: Push, ready: Readied): Promise<Accepted | Refusal> {
  const now = ports.now();
  const sender = push.actor.organisation;
  const id = randomUUID();
  const result = await ports.db.transaction().execute(async (trx): Promise<Accepted | Refusal | 'again'> => {
    const patient = await lockPatientByBsn(trx, ports.vault, ready.taken.bsn);
    const file = patient ? await loadFile(trx, ports.vault, patient, now, { exchange: undefined }) : undefined;
    // A patient that nobody entered and a patient without consent get the same answer.
    if (!patient || !file) return refuse('no-consent', undefined, 'NO_CONSENT');
    const current = file.resources.find((one) => one.type === 'Patient');
    const incoming = toStored(ready.taken, patient, current, sender, id);
    const replaced = new Set(incoming.map((one) => `${one.type}/${one.id}`));
    const after = {
      ...file,
      resources: [...file.resources.filter((one) => !replaced.has(`${one.type}/${one.id}`)), ...incoming],
    };
    const family = await withRelatives(trx, ports.vault, after, now);
    const planned = plan(family, incoming, ready.mode, sender, ready.directory, ports.views, now.toISOString());
    if (planned.kept.size === 0) return refuse('no-consent', undefined, planned.reasons.join(' '));
    if (conflicts(current?.resource as Patient | undefined, ready.taken.patient))
      return refuse('identity-conflict', 'Patient.birthDate');

    const outcome = { messageId: ready.messageId, notKept: planned.dropped };
    const inserted = await trx
      .insertInto('exchange')
      .values({
        id,
        sender,
        source: push.source,
        message_id: ready.messageId,
        digest: ready.digest,
        patient,
        state: 'accepted',
        outcome: JSON.stringify(outcome),
        received_at: now,
        raw: sealRaw(file.dataKey, id, push.bytes),
        raw_expires_at: new Date(now.getTime() + RAW_DAYS * 86_400_000),
      })
      .onConflict((on) => on.columns(['sender', 'source', 'message_id']).where('state', '<>', 'refused').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) return 'again';
    const records = incoming
      .filter((one) => one.exchange === id && planned.kept.has(`${one.type}/${one.id}`))
      .map((one) => toRecord(one, push.source));
    await writeRecords(trx, file.dataKey, patient, records, now);
    const deliveries = planned.receivers.map((receiver) => ({
      id: randomUUID(),
      exchange: id,
      receiver,
      patient,
      state: 'queued',
      next_attempt_at: null,
      failure: null,
      receipt: null,
      created_at: now,
      updated_at: now,
    }));
    if (deliveries.length > 0) await trx.insertInto('delivery').values(deliveries).execute();
    await record(trx, pushFacts(push, id, patient, records, planned), now);
    const receipt = receiptOf({ id, state: 'accepted', outcome, deliveries });
    return { ok: true, receipt, deliveries: deliveries.map((one) => one.id) };
  });
  if (result === 'again') {
    const known = await previous(ports.db, sender, push.source, ready.messageId, ready.digest);
    return known ?? refuse('store-away');
  }
  return result.ok ? result : refused(ports, push, result, ready.messageId);
}

const DEMOGRAPHICS = labelled('naw', []);

/** The incoming items as the file would hold them. A Patient that changes nothing stands in as it is, so that the gate still sees whom it concerns. */
function toStored(
  taken: Intake,
  patient: string,
  current: StoredResource | undefined,
  sender: string,
  exchange: string,
): StoredResource[] {
  const merged = mergePatient(current?.resource as Patient | undefined, taken.patient);
  const demographics: StoredResource = merged
    ? {
        type: 'Patient',
        id: patient,
        version: (current?.version ?? 0) + 1,
        category: 'naw',
        labels: current?.labels ?? [],
        author: sender,
        exchange,
        resource: withLabels({ ...merged, id: patient }, DEMOGRAPHICS),
      }
    : ({ ...current, exchange: undefined } as StoredResource);
  const items = taken.items.map(
    ({ resource, category, labels }): StoredResource => ({
      type: resource.resourceType,
      id: resource.id,
      version: 1,
      category,
      labels,
      author: sender,
      exchange,
      resource: withSubject(resource, patient),
    }),
  );
  return [demographics, ...items];
}

const toRecord = (one: StoredResource, source: string): NewRecord => ({
  resource: one.resource as NewRecord['resource'],
  category: one.category,
  labels: one.labels,
  author: one.author,
  source,
  exchange: one.exchange,
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
  return [
    {
      ...common,
      kind: 'push',
      items: records.map((one) => `${one.resource.resourceType}/${one.resource.id}`),
      details: [['source', push.source]],
    },
    {
      ...common,
      kind: 'decision',
      details: [
        ...planned.reasons.map((one): [string, string] => ['reason', one]),
        ...planned.receivers.map((one): [string, string] => ['receiver', one]),
        ...dropped,
      ],
    },
  ];
}

/** Every refusal is on the log: who, which source, which code; never what was in it. Only a refusal for want of consent leaves a ledger row. */
async function refused(ports: AcceptPorts, push: Push, refusal: Refusal, messageId?: string): Promise<Refusal> {
  const now = ports.now();
  const id = randomUUID();
  const codes = [...new Set(refusal.issues.map((one: Issue) => one.code))];
  const consent = refusal.issues[0].code === 'no-consent';
  await ports.db.transaction().execute(async (trx) => {
    if (consent && messageId !== undefined) {
      const outcome = JSON.stringify({ messageId, reasons: refusal.issues[0].expected });
      await trx
        .insertInto('exchange')
        .values({
          id,
          sender: push.actor.organisation,
          source: push.source,
          message_id: messageId,
          digest: null,
          patient: null,
          state: 'refused',
          outcome,
          received_at: now,
          raw: null,
          raw_expires_at: null,
        })
        .execute();
    }
    const reasons = consent
      ? (refusal.issues[0].expected ?? '').split(' ').map((one): [string, string] => ['reason', one])
      : [];
    const fact: AuditFact = {
      kind: 'refusal',
      actor: push.actor,
      exchange: consent ? id : undefined,
      details: [...codes.map((one): [string, string] => ['code', one]), ...reasons, ['source', push.source]],
    };
    await record(trx, [fact], now);
  });
  return refusal;
}
