import { setTimeout as pause } from 'node:timers/promises';
import {
  type BackendFactory,
  createPostgresBackend,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  withBackend,
} from 'bullmq';
import { CONSUMER_OPTIONS, type Driver, type JobContent, PRODUCER_OPTIONS } from './driver.ts';

const SCHEMA = 'bullmq';

/** The queue in PostgreSQL, in a schema of its own beside the gateway's tables. */
export function postgresDriver(databaseUrl: string): Driver {
  const common = { connectionString: databaseUrl, schema: SCHEMA, keepAlive: true, idleTimeoutMillis: 30_000 };
  // An add must fail fast, a worker may wait a little for a busy server.
  const producing = { ...common, migrate: true, max: 3, connectionTimeoutMillis: 1_500, query_timeout: 1_800 };
  const consuming = { ...common, max: 4, connectionTimeoutMillis: 5_000, query_timeout: 10_000 };
  return {
    producer: (name) => new bull.Queue<JobContent>(name, { ...PRODUCER_OPTIONS, connection: producing }),
    consumer: (name, process, concurrency) =>
      new bull.Worker<JobContent>(name, process, { ...CONSUMER_OPTIONS, concurrency, connection: consuming }),
  };
}

const AFTER_FAILURE_MS = 500;

/**
 * BullMQ's worker pauses after a refused connection but asks again at once after any other error (a server that is
 * still starting, a name that does not resolve, a connection cut off), and would spin while that lasts.
 */
const patientBackend: BackendFactory<PostgresQueueBackend, PostgresConnectionOptions> = (
  name,
  options,
  factoryOptions,
) => {
  const backend = createPostgresBackend(name, options, factoryOptions);
  const claim = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...args) => {
    try {
      return await claim(...args);
    } catch (error) {
      await pause(AFTER_FAILURE_MS);
      throw error;
    }
  };
  return backend;
};

const bull = withBackend(patientBackend);
