import { setTimeout as pause } from 'node:timers/promises';
import { sequence } from './audit/log.ts';
import { deliver } from './exchange/deliver.ts';
import { eraseEnded } from './exchange/erase.ts';
import { subscribeMitz } from './exchange/follow-mitz.ts';
import { due, forgetRawMessages } from './exchange/ledger.ts';
import type { ReleasePorts } from './exchange/release.ts';
import { errorCode, type Log } from './log.ts';
import type { Queue } from './queue/queue.ts';
import { forgetAssertions } from './store/auth-store.ts';
import type { Directory } from './store/directory.ts';

export interface WorkPorts extends ReleasePorts {
  readonly queue: Queue;
  readonly log: Log;
  readonly publicUrl: string;
  directory(): Promise<Directory>;
  /** Whether this process also delivers, or only puts work on the queue. */
  readonly deliver: boolean;
  /** Whether the queue is a server of its own that can be away while the store answers. */
  readonly watchQueue: boolean;
}

const CONCURRENCY = 8;
const SWEEP_MS = 1_000;
const SWEEP_LIMIT = 100;
/** How many deliveries are put on the queue at a time: as many as it has connections for that. */
const ADDERS = 3;
/** More new deliveries than this wait for the sweep. */
const ROOM = 1_000;

/**
 * The background work: deliveries from the queue, and every second the sweep that puts forgotten or due deliveries on it, numbers new audit entries and looks
 * whether the queue answers. The queue only makes things fast; the sweep makes them certain.
 */
export function startWork(ports: WorkPorts) {
  let away = false;
  const add = (id: string, delayMs = 0) => ports.queue.add(id, { delayMs, dedupe: id });
  const worker = ports.deliver
    ? ports.queue.work((id) => deliver({ ...ports, enqueue: add }, id).catch(report('delivery-failed')), {
        concurrency: CONCURRENCY,
      })
    : undefined;

  function report(event: string) {
    return (error: unknown) => ports.log.error({ event, code: errorCode(error) });
  }

  /** New deliveries on their way to the queue, a few at a time: a burst of pushes must not look like a queue that is away. */
  const waiting: string[] = [];
  let adding = 0;
  async function drain(): Promise<void> {
    adding += 1;
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await add(id);
      } catch (error) {
        waiting.length = 0;
        report('enqueue-failed')(error);
      }
    }
    adding -= 1;
  }

  async function sweep(): Promise<void> {
    if (ports.watchQueue) away = !(await ports.queue.healthy());
    if (!ports.deliver) return;
    await sequence(ports.db);
    await forgetAssertions(ports.db, ports.now());
    await forgetRawMessages(ports.db, ports.now());
    await eraseEnded(ports);
    await subscribeMitz(ports);
    if (away) return;
    // A queue that is busy has forgotten nothing yet; filling it up further would only slow it down.
    if ((await ports.queue.counts()).waiting > SWEEP_LIMIT) return;
    for (const id of await due(ports.db, ports.now(), SWEEP_LIMIT)) await add(id);
  }

  const ended = new AbortController();
  const running = loop();
  async function loop(): Promise<void> {
    while (!ended.signal.aborted) {
      await sweep().catch(report('sweep-failed'));
      await pause(SWEEP_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  }

  return {
    queueAway: () => away,
    /** Puts new deliveries on the queue without waiting; what fails here the sweep finds. */
    enqueue(deliveries: readonly string[]): void {
      if (waiting.length < ROOM) waiting.push(...deliveries);
      while (adding < ADDERS && waiting.length > 0) void drain();
    },
    async stop(): Promise<void> {
      waiting.length = 0;
      ended.abort();
      await worker?.close();
      await running;
    },
  };
}
