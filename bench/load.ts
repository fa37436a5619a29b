/** What one run of requests showed: times in milliseconds. */
export interface Load {
  readonly connections: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/**
 * Keeps `connections` requests under way for `seconds`, each one awaited before its connection sends the next (a closed loop, as a source system behaves). The
 * first fifth is warm-up and does not count. Bounded in count and time; only ever towards this machine.
 */
export async function load(connections: number, seconds: number, request: () => Promise<boolean>): Promise<Load> {
  const times: number[] = [];
  let failed = 0;
  const start = performance.now();
  const warm = start + seconds * 200;
  const end = start + seconds * 1_000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end && times.length < 500_000) {
        const from = performance.now();
        const ok = await request();
        const now = performance.now();
        if (now < warm) continue;
        times.push(now - from);
        if (!ok) failed += 1;
      }
    }),
  );
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(1));
  return { connections, perSecond: times.length / (seconds * 0.8), p50: at(0.5), p99: at(0.99), failed };
}
