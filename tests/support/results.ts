import type { TaskMeta, TestContext } from 'vitest';

/** One line of the table that `npm test` ends with. `note`: what the difference between the two numbers is. */
export interface Result {
  /** What was tried: the first column, and the line's place in the table. */
  readonly what: string;
  readonly passed: number;
  readonly of: number;
  readonly note?: string;
}

declare module 'vitest' {
  interface TaskMeta {
    results?: Result[];
  }
}

/** Puts a line in the table at the end of `npm test`. Whether the figures are good enough is for the test's own expectations. */
export function showResult({ task }: Pick<TestContext, 'task'>, result: Result): void {
  const meta = task.meta as TaskMeta;
  meta.results = [...(meta.results ?? []), result];
}
