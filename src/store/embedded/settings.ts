/**
 * The server's settings, given on its command line at every start, so that a new release of the gateway brings its own.
 * Three aims: nothing acknowledged is lost (fsync, synchronous_commit), the whole stays small (the gateway and
 * PostgreSQL together under 400 MB), and no content of a statement ever reaches the log.
 */
export const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',

  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  max_connections: '60',
  shared_buffers: '24MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  max_wal_size: '512MB',
  max_worker_processes: '2',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '2',
  max_wal_senders: '0',
  io_method: 'sync', // no separate I/O worker processes
  jit: 'off',

  // The text of an ERROR can quote the value that was refused, its DETAIL the whole row: neither is logged.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_min_duration_statement: '-1',
  log_statement: 'none',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** The command line of `postgres` for one cluster and port. */
export function serverArguments(cluster: string, port: number): string[] {
  const settings = Object.entries(SERVER_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', cluster, '-p', String(port), ...settings];
}
