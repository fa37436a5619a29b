import { randomUUID } from 'node:crypto';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { record } from '../audit/log.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { intake } from './intake.ts';
import { keep } from './keep.ts';
import { numbersOf } from './patient-numbers.ts';
import type { Accepted, AcceptPorts, Push } from './push.ts';
import { type ReadPush, readPush } from './read-push.ts';
import { receiptOf } from './receipt.ts';

const DAY = 86_400_000;
/** As long as a child is a newborn; a BSN follows within days of the registration of the birth. */
const NEWBORN = 28 * DAY;
/** How long a message waits; after that its content is forgotten and its id is free again. */
const WAITS = 30 * DAY;

export const WAITING = 'waiting-for-identity';

/** Passes the 11-test and belongs to nobody: to try a message with that has none. */
export const ANY_BSN = '999990019';

/**
 * The hospital number that a message about a newborn without BSN waits for; undefined where it is no such message: its input does not allow it
 * (`waitsForIdentity` in system.json), it names a BSN, or the child is no newborn.
 */
export function waitsFor(
  ports: AcceptPorts,
  message: ReadPush,
  bundle: Bundle,
  sender: string,
  now: Date,
): string | undefined {
  if (!message.waitsForIdentity) return undefined;
  const patients = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'Patient' ? [resource] : [],
  );
  const [patient] = patients as [Patient?];
  if (!patient?.birthDate || patients.length > 1 || patient.identifier?.some((one) => one.system === BSN_SYSTEM))
    return undefined;
  const age = now.getTime() - Date.parse(patient.birthDate);
  return age > -DAY && age < NEWBORN ? numbersOf(ports.vault, sender, patient.identifier)[0] : undefined;
}

/** Keeps a message sealed, with nobody's name on it, until the number is named beside a BSN. Nothing of it is shared. */
export async function wait(
  ports: AcceptPorts,
  push: Push,
  { messageId, digest, number }: { messageId: string; digest: Buffer; number: string },
): Promise<Accepted> {
  const now = ports.now();
  const id = randomUUID();
  const outcome = { messageId, contentType: push.contentType };
  const sender = push.actor.organisation;
  await ports.db.transaction().execute(async (trx) => {
    await trx
      .insertInto('exchange')
      .values({
        id,
        sender,
        source: push.source,
        message_id: messageId,
        digest,
        patient: null,
        state: WAITING,
        outcome: JSON.stringify(outcome),
        received_at: now,
        raw: ports.vault.sealSecret(`waiting/${id}`, push.bytes),
        raw_expires_at: new Date(now.getTime() + WAITS),
      })
      .execute();
    await trx.insertInto('waiting_exchange').values({ exchange: id, sender, number }).execute();
    const details = [
      ['source', push.source],
      ['state', WAITING],
    ] as const;
    await record(trx, [{ kind: 'push', actor: push.actor, exchange: id, details }], now);
  });
  return { ok: true, receipt: receiptOf({ id, state: WAITING, outcome, deliveries: [] }), deliveries: [] };
}

/**
 * Takes in what waited for these numbers, now that a message that was accepted named them beside a BSN: by number only, never by name, and through the same
 * gate as any message. Gives the deliveries. What the gate refuses is forgotten.
 */
export async function takeWaiting(
  ports: AcceptPorts,
  push: Push,
  bsn: string,
  numbers: readonly string[],
): Promise<string[]> {
  const sender = push.actor.organisation;
  if (numbers.length === 0) return [];
  const rows = await ports.db
    .selectFrom('waiting_exchange')
    .innerJoin('exchange', 'exchange.id', 'waiting_exchange.exchange')
    .select(['exchange.id', 'exchange.raw', 'exchange.outcome', 'exchange.message_id', 'exchange.digest'])
    .where('waiting_exchange.sender', '=', sender)
    .where('waiting_exchange.number', 'in', [...numbers])
    .where('exchange.source', '=', push.source)
    .where('exchange.state', '=', WAITING)
    .orderBy('exchange.received_at')
    .execute();
  const deliveries: string[] = [];
  const directory = await ports.directory();
  for (const { id, raw, outcome, message_id: messageId, digest } of rows) {
    if (!raw || !digest) continue;
    const bytes = ports.vault.openSecret(`waiting/${id}`, raw);
    const contentType = (outcome as { contentType?: string }).contentType ?? '';
    const message = readPush(ports, { ...push, contentType, bytes });
    const mapped = message.ok ? message.bundle() : message;
    const taken = mapped.ok ? intake(ports, mapped.bundle, sender, ports.now(), bsn) : mapped;
    const kept = taken.ok
      ? await keep(
          ports,
          { ...push, contentType, bytes },
          {
            messageId,
            digest,
            referralKnown: false,
            unchecked: message.ok ? message.unchecked : [],
            taken,
            directory,
            waiting: id,
          },
        )
      : taken;
    if (kept === 'again') continue;
    if (kept.ok && message.ok) {
      message.noteUnread();
      deliveries.push(...kept.deliveries);
    }
    if (!kept.ok) await forget(ports, push, id, kept.issues[0].code);
  }
  return deliveries;
}

async function forget(ports: AcceptPorts, push: Push, id: string, code: string): Promise<void> {
  await ports.db.transaction().execute(async (trx) => {
    await trx.updateTable('exchange').set({ state: 'refused', raw: null, digest: null }).where('id', '=', id).execute();
    await trx.deleteFrom('waiting_exchange').where('exchange', '=', id).execute();
    const details = [
      ['code', code],
      ['source', push.source],
    ] as const;
    await record(trx, [{ kind: 'refusal', actor: push.actor, exchange: id, details }], ports.now());
  });
}
