import { defineConfig } from 'vitest/config';

/** For Stryker (`npm run mutation`): the tests of one decision core alone. It runs in a copy of the project two folders down. */
export default defineConfig({
  test: {
    include: [`src/${process.env.MUTATE ?? 'consent'}/**/*.test.ts`],
    // Generated cases differ from run to run: a mutant must fall to a test that is the same every time. The invariants go through the whole table.
    exclude: ['**/*.properties.test.ts', '**/*.property.test.ts', '**/invariants.test.ts'],
    env: { SHARED_DIR: process.env.SHARED_DIR ?? '../../../shared' },
    testTimeout: 30_000,
  },
});
