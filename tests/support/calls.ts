import { Session } from 'node:inspector/promises';

/** How often functions of this process were called while something ran, counted by the engine itself: `{ 'consent/decide.ts decide': 3 }`, for the names that were asked. */
export async function callsOf(names: readonly string[], run: () => Promise<unknown>): Promise<Record<string, number>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  try {
    await run();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const counts = Object.fromEntries(names.map((name) => [name, 0]));
    for (const { url, functions } of result) {
      for (const { functionName, ranges } of functions) {
        const name = names.find(
          (one) => one.endsWith(` ${functionName}`) && url.includes(one.slice(0, one.lastIndexOf(' '))),
        );
        if (name !== undefined) counts[name] = (counts[name] ?? 0) + (ranges[0]?.count ?? 0);
      }
    }
    return counts;
  } finally {
    await session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}
