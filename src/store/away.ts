/** PostgreSQL classes that mean "not now": connection exceptions (08), operator intervention (57P), too many connections (53). */
const SQLSTATE_AWAY = /^(08|53|57P)/;
const SOCKET_AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/** The pool reports these two without a code. */
const POOL_AWAY =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Cannot use a pool after calling end|Client has encountered a connection error)/;

/** Whether an error says that the store cannot be reached now, as opposed to that a statement was wrong. */
export function isStoreAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (SQLSTATE_AWAY.test(code) || SOCKET_AWAY.has(code) || POOL_AWAY.test(error.message)) return true;
  return error instanceof AggregateError && error.errors.some(isStoreAway);
}
