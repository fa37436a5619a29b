import { randomUUID } from 'node:crypto';
import type { AuditActor } from '../audit/event.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { Sources } from '../sources/registry.ts';
import type { Db } from '../store/database.ts';
import type { Directory } from '../store/directory.ts';
import type { Views } from '../views/registry.ts';
import { type IntakePorts, intake } from './intake.ts';
import { keep } from './keep.ts';
import { previous, type Receipt } from './receipt.ts';
import { refused } from './refused.ts';

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

/** What the sender gets, and the deliveries that wait to be put on the queue. */
export interface Accepted {
  readonly ok: true;
  readonly receipt: Receipt;
  readonly deliveries: readonly string[];
}

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
  const messageId = message.messageId ?? push.messageId;
  if (messageId === undefined || !MESSAGE_ID.test(messageId)) return refuse('message-id-missing');
  const directory = await ports.directory();
  const sender = directory.organisations.get(push.actor.organisation);
  if (!sender || (message.senderUra !== undefined && message.senderUra !== sender.ura)) {
    return refuse('sender-mismatch', message.senderPath);
  }
  const digest = ports.vault.digest(push.bytes);
  const known = await previous(ports.db, sender.id, push.source, messageId, digest);
  if (known) return known;
  const mapped = ports.sources.map(message, randomUUID);
  if (!mapped.ok) return mapped;
  const taken = intake(ports, mapped.bundle, sender.id, ports.now());
  if (!taken.ok) return taken;
  const mode = message.referralKnown ? 'push-referral' : 'push';
  const kept = await keep(ports, push, { messageId, digest, mode, taken, directory });
  if (kept !== 'again') return kept.ok ? kept : { ...kept, messageId };
  // Another node took the same message between our look and our write: its receipt counts.
  return (await previous(ports.db, sender.id, push.source, messageId, digest)) ?? refuse('store-away');
}
