/**
 * Milliseconds of processor that this thread spends on something: what a bound on hostile input means, whatever else the machine is doing at the moment.
 */
export function ownTime(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
