const WARM = 3_000;
const ROUNDS = 60;
const MILLISECONDS = 20;

/** The median time of one call of each, in µs, measured in turns of some milliseconds: what else the machine does falls on all alike. */
export function inTurns(runs: readonly (() => unknown)[]): number[] {
  for (const run of runs) for (let index = 0; index < WARM; index += 1) run();
  const times = runs.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, run] of runs.entries()) {
      const until = performance.now() + MILLISECONDS;
      while (performance.now() < until) {
        const from = performance.now();
        run();
        times[index]?.push((performance.now() - from) * 1_000);
      }
    }
  }
  return times.map((one) => one.sort((a, b) => a - b)[Math.floor(one.length / 2)] ?? Number.NaN);
}
