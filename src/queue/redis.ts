import { Queue, Worker } from 'bullmq';
import { CONSUMER_OPTIONS, type Driver, type JobContent, PRODUCER_OPTIONS } from './driver.ts';

/** The braces make Redis Cluster keep all keys in one slot, which BullMQ's scripts need. */
const PREFIX = '{gezinspoort}';

/** The queue in Redis or Valkey. */
export function redisDriver(redisUrl: string): Driver {
  const retryStrategy = (attempt: number) => Math.min(attempt * 100, 1_000);
  const common = { url: redisUrl, retryStrategy };
  // An add must fail fast: nothing waits for a connection, nothing is sent twice.
  const producing = {
    ...common,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_500,
    commandTimeout: 1_800,
  };
  const consuming = { ...common, maxRetriesPerRequest: null };
  return {
    producer: (name) => new Queue<JobContent>(name, { ...PRODUCER_OPTIONS, prefix: PREFIX, connection: producing }),
    consumer: (name, process, concurrency) =>
      new Worker<JobContent>(name, process, {
        ...CONSUMER_OPTIONS,
        concurrency,
        prefix: PREFIX,
        connection: consuming,
      }),
  };
}
