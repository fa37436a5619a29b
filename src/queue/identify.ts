const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A word that starts with a letter: a number such as a BSN can never stand in its place. */
const WORD = /^[a-z][a-z0-9-]{0,60}$/;

/** Whether a text may be a job's only content: a random UUID in lower case. */
export function isJobId(text: string): boolean {
  return UUID.test(text);
}

/** Whether a text may be a deduplication key: UUIDs and plain words with colons between, `lane:<uuid>:<uuid>`. */
export function isDedupeKey(text: string): boolean {
  return text.length <= 200 && text.split(':').every((part) => UUID.test(part) || WORD.test(part));
}

/** Whether a text may be a queue's name: lower case letters and hyphens. */
export function isQueueName(text: string): boolean {
  return /^[a-z][a-z-]{0,40}$/.test(text);
}
