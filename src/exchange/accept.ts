import { type Refusal, refuse } from '../fhir/problems.ts';
import { holdsBsn } from '../views/bsn-guard.ts';
import { intake } from './intake.ts';
import { keep } from './keep.ts';
import { numbersNamedBy } from './patient-numbers.ts';
import type { Accepted, AcceptPorts, Push } from './push.ts';
import { readPush } from './read-push.ts';
import { previous } from './receipt.ts';
import { refused } from './refused.ts';
import { ANY_BSN, takeWaiting, wait, waitsFor } from './waiting.ts';

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
  const message = readPush(ports, push);
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
  const digest = ports.vault.digest(message.content);
  const known = await previous(ports.db, sender.id, push.source, messageId, digest);
  if (known) return known;
  const mapped = message.bundle();
  if (!mapped.ok) return mapped;
  const number = waitsFor(ports, message, mapped.bundle, sender.id, ports.now());
  if (number !== undefined) {
    // Nothing is promised about a message that will be refused once its patient is known.
    const trial = intake(ports, mapped.bundle, sender.id, ports.now(), ANY_BSN);
    return trial.ok ? wait(ports, push, { messageId, digest, number }) : message.withSendersPlaces(trial);
  }
  const taken = intake(ports, mapped.bundle, sender.id, ports.now());
  if (!taken.ok) return message.withSendersPlaces(taken);
  const { referralKnown, unchecked } = message;
  const kept = await keep(ports, push, { messageId, digest, referralKnown, unchecked, taken, directory });
  if (kept !== 'again' && !kept.ok) return { ...message.withSendersPlaces(kept), messageId };
  if (kept !== 'again') {
    message.noteUnread();
    const numbers = numbersNamedBy(ports.vault, sender.id, taken.patient);
    const waited = await takeWaiting(ports, push, taken.bsn, numbers);
    return { ...kept, deliveries: [...kept.deliveries, ...waited] };
  }
  // Another node took the same message between our look and our write: its receipt counts.
  return (await previous(ports.db, sender.id, push.source, messageId, digest)) ?? refuse('store-away');
}
