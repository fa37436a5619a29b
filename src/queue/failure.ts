/** Why the queue refused or could not do something. */
export type QueueFailureCode =
  | 'queue-away' // the server does not answer in time; try again later
  | 'queue-bad-id' // a job carries one UUID and nothing else
  | 'queue-bad-dedupe' // a deduplication key is made of UUIDs and words
  | 'queue-bad-name'
  | 'queue-closed';

export interface QueueFailure extends Error {
  readonly code: QueueFailureCode;
}

const SENTENCES: Readonly<Record<QueueFailureCode, string>> = {
  'queue-away': 'The queue does not answer. Nothing is lost: the ledger keeps the work; try again later.',
  'queue-bad-id': 'A job carries the id of a ledger row, a UUID in lower case, and nothing else.',
  'queue-bad-dedupe': 'A deduplication key is made of UUIDs and lower case words with colons between them.',
  'queue-bad-name': 'The name of a queue is made of lower case letters and hyphens.',
  'queue-closed': 'The queue is closed.',
};

/** Makes an error with a stable code. The refused value is not in it: it may be what must not be shown. */
export function queueFailure(code: QueueFailureCode): QueueFailure {
  return Object.assign(new Error(SENTENCES[code]), { code });
}

/**
 * Reduces a driver's error to its code (an errno name such as ECONNREFUSED or an SQLSTATE such as 57P01). Its text is
 * dropped: it may quote what was sent.
 */
export function errorCode(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z_]{3,40}$/.test(code) ? code : 'queue-error';
}
