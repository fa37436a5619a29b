import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, Driver } from './driver.ts';
import { errorCode } from './failure.ts';

/** Runs jobs until it is closed. */
export interface Worker {
  /** Takes no more jobs and waits for the running ones, some seconds at most; what is cut off runs again later. */
  close(): Promise<void>;
}

const RECONNECT_MS = 1_000;
/** How long running handlers get, and after them the farewell to the server. */
const DRAIN_MS = 8_000;
const FAREWELL_MS = 1_500;

/**
 * Starts working on a queue. A handler that throws ends its job all the same (the ledger decides on a retry); its
 * error is not passed on, because BullMQ would keep its text. Codes of trouble go to `report`.
 */
export function startWorker(
  driver: Driver,
  name: string,
  handler: (id: string) => Promise<void>,
  concurrency: number,
  report: (code: string) => void,
): Worker {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  async function process(job: { data: { id: string } }): Promise<void> {
    const run = (async () => handler(job.data.id))().catch(() => report('queue-handler-failed'));
    running.add(run);
    await run.finally(() => running.delete(run));
  }

  // BullMQ never recovers a worker whose first connection failed: make another one then.
  async function connect(): Promise<Consumer | undefined> {
    while (!stopping.signal.aborted) {
      const worker = driver.consumer(name, process, concurrency);
      worker.on('error', (error) => report(errorCode(error)));
      try {
        await Promise.race([worker.waitUntilReady(), aborted(stopping.signal)]);
        return worker;
      } catch (error) {
        report(errorCode(error));
        await letGo(worker, [], 0);
        await pause(RECONNECT_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
    return undefined;
  }

  const connecting = connect();
  let closed: Promise<void> | undefined;
  return {
    close() {
      stopping.abort();
      closed ??= connecting.then((worker) => worker && letGo(worker, running, DRAIN_MS));
      return closed;
    },
  };
}

/** Closes BullMQ's worker, without waiting for a server that does not answer. */
async function letGo(worker: Consumer, running: Iterable<Promise<void>>, drainMs: number): Promise<void> {
  const closing = worker.close().catch(() => {});
  const drained = Promise.race([Promise.all(running), pause(drainMs, undefined, { ref: false })]);
  await Promise.race([closing, drained.then(() => pause(FAREWELL_MS))]);
  void worker.disconnect().catch(() => {});
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
