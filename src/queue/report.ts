const QUIET_MS = 5_000;

/**
 * Passes codes on to `report`, each at most once in five seconds: a server that is away makes every connection
 * complain on every attempt. `now` gives milliseconds.
 */
export function reportSparingly(report: (code: string) => void, now: () => number): (code: string) => void {
  const last = new Map<string, number>();
  return (code) => {
    const time = now();
    if (time - (last.get(code) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    last.set(code, time);
    report(code);
  };
}
