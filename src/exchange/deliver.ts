import type { AuditActor, AuditFact } from '../audit/event.ts';
import { type Sent, sendFhir } from '../receivers/fhir.ts';
import type { Directory } from '../store/directory.ts';
import type { ReceiverRow } from '../store/schema.ts';
import { DIRECTORY } from './judge.ts';
import { type Claimed, claim, type Ending, settle } from './ledger.ts';
import { pushMode } from './push-mode.ts';
import { loadFamily } from './relatives.ts';
import { type ReleasePorts, release, releaseNotice } from './release.ts';

export interface DeliverPorts extends ReleasePorts {
  directory(): Promise<Directory>;
  /** Puts a delivery on the queue. */
  enqueue(delivery: string, delayMs?: number): Promise<void>;
}

/** Waiting time before attempt 2, 3, …: doubles from half a second to ten minutes, for ever: a receiver that comes back gets everything. */
export const backoffMs = (attempts: number): number => Math.min(600_000, 500 * 2 ** Math.max(0, attempts - 1));

/**
 * One attempt at one delivery. Consent is asked again now, not when it was queued. A delivery that is not at the head of its lane does nothing: the head,
 * once settled, calls the next. Safe to run twice: the claim is a row lock, and the receiver gets updates by id.
 */
export async function deliver(ports: DeliverPorts, id: string): Promise<void> {
  const delivery = await claim(ports.db, id, ports.now());
  if (!delivery) return;
  const directory = await ports.directory();
  const receiver = directory.receivers.find((one) => one.id === delivery.receiver);
  const attempt = receiver ? await attemptDelivery(ports, directory, delivery, receiver) : GONE;
  const end = ending(attempt, delivery.attempts, ports.now());
  const next = await settle(ports.db, delivery, end, receiver ? facts(attempt, delivery, receiver) : [], ports.now());
  if (end.state === 'retry') await ports.enqueue(delivery.id, backoffMs(delivery.attempts));
  else if (next) await ports.enqueue(next);
}

/** `decision`: the receipt of what was sent. */
type Attempt = (Sent & { readonly decision?: string }) | 'withheld' | 'superseded';

/** A receiver that was switched off: waiting for it would hold up nothing but this lane, and somebody may switch it on again. */
const GONE: Sent = { ok: false, failure: 'transient', code: 'receiver-inactive' };

/** Nothing is released of this patient until a privacy officer has looked: what comes in meanwhile waits. */
const HELD: Sent = { ok: false, failure: 'transient', code: 'held-for-review' };

function ending(attempt: Attempt, attempts: number, now: Date): Ending {
  if (typeof attempt === 'string') return { state: attempt, failure: null };
  if (attempt.ok)
    return { state: 'delivered', failure: null, receipt: { ...attempt.receipt, decision: attempt.decision } };
  if (attempt.failure === 'permanent') return { state: 'failed', failure: attempt.code };
  return { state: 'retry', failure: attempt.code, nextAttemptAt: new Date(now.getTime() + backoffMs(attempts)) };
}

/** What goes on the log of an attempt; that nothing was left to send is already there, by `release`. */
function facts(attempt: Attempt, delivery: Claimed, receiver: ReceiverRow): AuditFact[] {
  if (typeof attempt === 'string') return [];
  const result = attempt.ok ? `http-${attempt.receipt.status}` : `${attempt.failure} ${attempt.code}`;
  const details: [string, string][] = [
    ['receiver', receiver.id],
    ['delivery', delivery.id],
    ['result', result],
  ];
  const actor = { ...actorOf(receiver), receipt: attempt.decision };
  const kind = attempt.ok ? ('delivery' as const) : ('delivery-failed' as const);
  return [{ kind, actor, patient: delivery.patient, exchange: delivery.exchange, details }];
}

async function attemptDelivery(
  ports: DeliverPorts,
  directory: Directory,
  delivery: Claimed,
  receiver: ReceiverRow,
): Promise<Attempt> {
  const { notice } = delivery;
  if (notice) {
    const told = await releaseNotice(ports, { ...delivery, notice }, actorOf(receiver));
    return sendFhir(receiver.address, delivery.id, told.resources);
  }
  const family = await loadFamily(ports.db, ports.vault, delivery.patient, ports.now(), {
    exchange: delivery.exchange,
  });
  if (!family) return 'withheld';
  if (family.file.held) return HELD;
  const own = family.file.resources.filter(
    (one) => one.exchange === delivery.exchange && receiver.categories.includes(one.category),
  );
  if (own.length === 0) return 'superseded';
  const mode = delivery.referral_known && pushMode(family.file, true) === 'push-referral' ? 'push-referral' : 'deliver';
  const sector = directory.organisations.get(receiver.organisation)?.sector ?? '';
  // Whom it is about and who wrote it travel along.
  const context = family.file.resources.filter(
    (one) => !own.includes(one) && (one.type === 'Patient' || one.category === DIRECTORY),
  );
  const released = await release(ports, {
    family,
    question: {
      mode,
      organisation: receiver.organisation,
      sector,
      discipline: receiver.discipline,
      purpose: 'TREAT',
    },
    actor: actorOf(receiver),
    exchange: delivery.exchange,
    resources: [...own, ...context],
  });
  const demographics = own.some((one) => one.type === 'Patient');
  const content = released.resources.some((one) => demographics || one.resourceType !== 'Patient');
  if (!content) return 'withheld';
  return { ...(await sendFhir(receiver.address, delivery.id, released.resources)), decision: released.receipt };
}

const actorOf = (receiver: ReceiverRow): AuditActor => ({
  client: `receiver/${receiver.id}`,
  organisation: receiver.organisation,
  discipline: receiver.discipline,
  purpose: 'TREAT',
});
