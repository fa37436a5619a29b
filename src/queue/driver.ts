import type { JobsOptions } from 'bullmq';

/** All that a job holds. */
export interface JobContent {
  readonly id: string;
}

/** What is used of BullMQ's `Queue` and `Worker`, whatever server is behind them. */
interface Connected {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

export type Consumer = Connected;

export interface Producer extends Connected {
  add(name: string, content: JobContent, options: JobsOptions): Promise<unknown>;
  getJobCounts(...states: ('waiting' | 'active' | 'delayed')[]): Promise<Record<string, number>>;
}

/** Makes producers and consumers on one server; they start to connect at once. */
export interface Driver {
  producer(name: string): Producer;
  consumer(name: string, process: (job: { data: JobContent }) => Promise<void>, concurrency: number): Consumer;
}

/** What every producer and consumer gets, whatever the server. */
export const PRODUCER_OPTIONS = {
  streams: { events: { maxLen: 100 } }, // nobody listens to BullMQ's event stream
  // Retries are decided in the ledger; a finished job leaves nothing behind.
  defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
};

export const CONSUMER_OPTIONS = {
  // The job of a worker that died runs again after at most the sum of these two.
  lockDuration: 15_000,
  stalledInterval: 5_000,
  // However often a worker dies, its job stays: giving up is the ledger's decision.
  maxStalledCount: 1_000_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
  runRetryDelay: 1_000,
};
