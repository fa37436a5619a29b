import type { AuditActor } from '../audit/event.ts';
import type { Policy } from '../policy/policy.ts';
import type { ReadMessage, Sources } from '../sources/registry.ts';
import type { Db } from '../store/database.ts';
import type { Directory } from '../store/directory.ts';
import type { IntakePorts } from './intake.ts';
import type { Receipt } from './receipt.ts';

/** What taking in a message needs of the world. */
export interface AcceptPorts extends IntakePorts {
  readonly db: Db;
  /** The policy in force. */
  policy(): Policy;
  readonly sources: Sources;
  /** Has an accepted message looked at later, for what no rule read of it. */
  noteUnread(message: ReadMessage): void;
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
