import { within } from './deadline.ts';
import type { Driver } from './driver.ts';
import { errorCode, queueFailure } from './failure.ts';
import { isDedupeKey, isJobId, isQueueName } from './identify.ts';
import { postgresDriver } from './postgres.ts';
import { redisDriver } from './redis.ts';
import { reportSparingly } from './report.ts';
import { startWorker, type Worker } from './worker.ts';

export type { Worker } from './worker.ts';

/** How many jobs there are, by state. */
export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/**
 * Work to be done soon, in any order, at least once. The truth stands in the ledger; a job only says "look at this row
 * now", so a lost queue loses no work and a job that runs twice must do no harm.
 */
export interface Queue {
  /**
   * Adds a job for a ledger row (a UUID), `delayMs` milliseconds from now. While another job with the same `dedupe` key
   * waits (or is delayed) this adds nothing; while that one runs, one more is kept and starts after it. Rejects within
   * two seconds with `queue-away`; the job may then still have been added.
   */
  add(id: string, options?: { readonly delayMs?: number; readonly dedupe?: string }): Promise<void>;
  /** Starts `concurrency` handlers. One that throws ends its job. Survives a server that goes and comes back. */
  work(handler: (id: string) => Promise<void>, options: { readonly concurrency: number }): Worker;
  counts(): Promise<JobCounts>;
  /** Whether the server answers within two seconds. */
  healthy(): Promise<boolean>;
  /** Closes all workers (waiting for their handlers some seconds at most) and the connections. */
  close(): Promise<void>;
}

const ANSWER_MS = 1_900;
const OPEN_MS = 5_000;

/**
 * Opens a queue: in Redis where `redisUrl` is given, else in PostgreSQL. `onError` gets codes of trouble in the
 * background (a server away, a handler that threw), never a text or a payload. Rejects with `queue-away` or
 * `queue-bad-name`.
 */
export async function openQueue(options: {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly name: string;
  readonly onError?: (code: string) => void;
}): Promise<Queue> {
  if (!isQueueName(options.name)) throw queueFailure('queue-bad-name');
  let open = true;
  const report = reportSparingly(
    (code) => open && options.onError?.(code), // connections that end after the last job are no trouble
    () => performance.now(),
  );
  const driver = chooseDriver(options);
  const bull = driver.producer(options.name);
  bull.on('error', (error) => report(errorCode(error)));
  const workers = new Set<Worker>();
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    await Promise.all([...workers].map((worker) => worker.close()));
    await within(ANSWER_MS, bull.close()).catch(() => {});
    void bull.disconnect().catch(() => {});
    open = false;
  }

  try {
    await within(OPEN_MS, bull.waitUntilReady());
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async add(id, { delayMs = 0, dedupe } = {}) {
      if (!isJobId(id)) throw queueFailure('queue-bad-id');
      if (dedupe !== undefined && !isDedupeKey(dedupe)) throw queueFailure('queue-bad-dedupe');
      if (closed) throw queueFailure('queue-closed');
      const deduplication = dedupe === undefined ? undefined : { id: dedupe, keepLastIfActive: true };
      await within(ANSWER_MS, bull.add('job', { id }, { delay: delayMs, deduplication }));
    },
    work(handler, { concurrency }) {
      if (closed) throw queueFailure('queue-closed');
      const worker = startWorker(driver, options.name, handler, concurrency, report);
      workers.add(worker);
      return worker;
    },
    async counts() {
      const {
        waiting = 0,
        active = 0,
        delayed = 0,
      } = await within(ANSWER_MS, bull.getJobCounts('waiting', 'active', 'delayed'));
      return { waiting, active, delayed };
    },
    async healthy() {
      return within(ANSWER_MS, bull.getJobCounts('waiting')).then(
        () => true,
        () => false,
      );
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}

function chooseDriver(options: { readonly databaseUrl?: string; readonly redisUrl?: string }): Driver {
  if (options.redisUrl !== undefined) return redisDriver(options.redisUrl);
  if (options.databaseUrl !== undefined) return postgresDriver(options.databaseUrl);
  throw new TypeError('openQueue needs a databaseUrl or a redisUrl');
}
