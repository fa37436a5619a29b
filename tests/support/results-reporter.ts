import type { Reporter, TestModule } from 'vitest/node';
import type { Result } from './results.ts';

/** Ends a run of the tests with one table: conformance, coverage, round trips and validation, as far as their tests ran. */
export class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const results = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test) => test.meta().results ?? []),
    );
    if (results.length > 0) process.stdout.write(`\n${table(results)}\n`);
  }
}

function table(results: readonly Result[]): string {
  const sorted = [...summed(results)].sort((one, other) => one.what.localeCompare(other.what));
  const cells = sorted.map(({ what, passed, of, note }) => [what, `${passed}`, 'of', `${of}`, note ?? '']);
  const width = (column: number) => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  const row = ([what = '', passed = '', word = '', of = '', note = '']: string[]) =>
    ` ${what.padEnd(width(0))}  ${passed.padStart(width(1))} ${word} ${of.padStart(width(3))}  ${note}`.trimEnd();
  return [' Results', ...cells.map(row)].join('\n');
}

/** Results of the same name, tried in several tests, as one line. */
function summed(results: readonly Result[]): Iterable<Result> {
  const lines = new Map<string, Result>();
  for (const one of results) {
    const { passed = 0, of = 0 } = lines.get(one.what) ?? {};
    lines.set(one.what, { ...one, passed: one.passed + passed, of: one.of + of });
  }
  return lines.values();
}
