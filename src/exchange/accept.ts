import { randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { ReadMessage } from '../sources/registry.ts';
import { holdsBsn } from '../views/bsn-guard.ts';
import { intake } from './intake.ts';
import { keep } from './keep.ts';
import { numbersOf } from './patient-numbers.ts';
import type { Accepted, AcceptPorts, Push } from './push.ts';
import { previous } from './receipt.ts';
import { refused } from './refused.ts';
import { takeWaiting, wait, waitsFor } from './waiting.ts';

const isRecord = ({ kind }: ReadMessage): boolean => kind.contentType === 'application/json';

/** Printable ASCII without spaces: what can stand in a header, a receipt and an MSA segment unchanged. */
const MESSAGE_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * The way in: read, map, validate, identify, gate on consent, keep. Exchange, resources, deliveries and audit are one transaction; when this returns `ok`
 * nothing can be lost any more. The same message again gives the same receipt; the same id with other content is refused.
 */
export async function accept(ports: AcceptPorts, push: Push): Promise<Accepted | Refusal> {
  const result = await take(ports, push);
  return result.ok ? result : refused(ports, push, result);
}

async function take(ports: AcceptPorts, push: Push): Promise<Accepted | (Refusal & { messageId?: string })> {
  const message = ports.sources.read(push.source, push.contentType, push.bytes);
  if (!message.ok) return message;
  const given = message.messageId ?? push.messageId;
  if (given === undefined || !MESSAGE_ID.test(given)) return refuse('message-id-missing');
  // The id is kept in clear; one that could be a BSN is kept as a token that means the same.
  const messageId = holdsBsn(given) ? ports.vault.stableId('message', given) : given;
  const directory = await ports.directory();
  const sender = directory.organisations.get(push.actor.organisation);
  if (!sender || (message.senderUra !== undefined && message.senderUra !== sender.ura)) {
    return refuse('sender-mismatch', message.senderPath);
  }
  // A record that was only written anew (spaces, order of members) is the same message.
  const digest = ports.vault.digest(isRecord(message) ? Buffer.from(canonicalize(message.body) ?? '') : push.bytes);
  const known = await previous(ports.db, sender.id, push.source, messageId, digest);
  if (known) return known;
  const mapped = ports.sources.map(message, randomUUID);
  if (!mapped.ok) return mapped;
  const number = waitsFor(ports, message, mapped.bundle, sender.id, ports.now());
  if (number !== undefined) return wait(ports, push, { messageId, digest, number });
  const taken = intake(ports, mapped.bundle, sender.id, ports.now());
  if (!taken.ok) return taken;
  const { referralKnown } = message;
  const kept = await keep(ports, push, { messageId, digest, referralKnown, taken, directory });
  if (kept !== 'again' && !kept.ok) return { ...kept, messageId };
  if (kept !== 'again') {
    const numbers = numbersOf(ports.vault, sender.id, taken.patient.identifier);
    const waited = await takeWaiting(ports, push, taken.bsn, numbers);
    return { ...kept, deliveries: [...kept.deliveries, ...waited] };
  }
  // Another node took the same message between our look and our write: its receipt counts.
  return (await previous(ports.db, sender.id, push.source, messageId, digest)) ?? refuse('store-away');
}
