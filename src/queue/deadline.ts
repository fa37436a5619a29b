import { queueFailure } from './failure.ts';

/** Waits for `work`, at most `ms` milliseconds; then, or when the driver fails, rejects with `queue-away`. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(queueFailure('queue-away')), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } catch {
    throw queueFailure('queue-away');
  } finally {
    clearTimeout(timer);
  }
}
