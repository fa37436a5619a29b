import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { type Sent, sendFhir } from '../receivers/fhir.ts';
import type { Directory } from '../store/directory.ts';
import type { DeliveryRow, ReceiverRow } from '../store/schema.ts';
import { claim, nextInLane, settle } from './ledger.ts';
import { loadFamily } from './relatives.ts';
import { type ReleasePorts, release } from './release.ts';

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
  const claimed = await claim(ports.db, id, ports.now());
  if (!claimed) return;
  const { delivery, receiver } = claimed;
  const attempt = await attemptDelivery(ports, delivery, receiver);
  const now = ports.now();
  await ports.db.transaction().execute(async (trx) => {
    if (typeof attempt === 'string') return settle(trx, delivery.id, { state: attempt, failure: null }, now);
    const kind = attempt.ok ? ('delivery' as const) : ('delivery-failed' as const);
    const details: [string, string][] = [
      ['receiver', receiver.id],
      ['delivery', delivery.id],
      ['result', attempt.ok ? `http-${attempt.receipt.status}` : `${attempt.failure} ${attempt.code}`],
    ];
    await record(
      trx,
      [{ kind, actor: actorOf(receiver), patient: delivery.patient, exchange: delivery.exchange, details }],
      now,
    );
    if (attempt.ok)
      return settle(trx, delivery.id, { state: 'delivered', failure: null, receipt: attempt.receipt }, now);
    if (attempt.failure === 'permanent')
      return settle(trx, delivery.id, { state: 'failed', failure: attempt.code }, now);
    const wait = backoffMs(delivery.attempts);
    return settle(
      trx,
      delivery.id,
      { state: 'retry', failure: attempt.code, nextAttemptAt: new Date(now.getTime() + wait) },
      now,
    );
  });
  const failed = typeof attempt !== 'string' && !attempt.ok && attempt.failure === 'transient';
  if (failed) return ports.enqueue(delivery.id, backoffMs(delivery.attempts));
  const next = await nextInLane(ports.db, delivery.receiver, delivery.patient);
  if (next) await ports.enqueue(next);
}

async function attemptDelivery(
  ports: DeliverPorts,
  delivery: DeliveryRow,
  receiver: ReceiverRow,
): Promise<Sent | 'withheld' | 'superseded'> {
  const family = await loadFamily(ports.db, ports.vault, delivery.patient, ports.now(), {
    exchange: delivery.exchange,
  });
  if (!family) return 'withheld';
  if (!family.file.resources.some((one) => one.exchange === delivery.exchange)) return 'superseded';
  const sector = (await ports.directory()).organisations.get(receiver.organisation)?.sector ?? '';
  const resources = family.file.resources.filter(
    (one) =>
      one.type === 'Patient' ||
      one.category === 'directory' ||
      (one.exchange === delivery.exchange && receiver.categories.includes(one.category)),
  );
  const released = await release(ports, {
    family,
    question: {
      mode: 'deliver',
      organisation: receiver.organisation,
      sector,
      discipline: receiver.discipline,
      purpose: 'TREAT',
    },
    actor: actorOf(receiver),
    exchange: delivery.exchange,
    resources,
  });
  const content = released.resources.filter((one) => one.resourceType !== 'Patient');
  if (content.length === 0) return 'withheld';
  return sendFhir(receiver.address, delivery.id, released.resources);
}

const actorOf = (receiver: ReceiverRow): AuditActor => ({
  client: `receiver/${receiver.id}`,
  organisation: receiver.organisation,
  discipline: receiver.discipline,
  purpose: 'TREAT',
});
