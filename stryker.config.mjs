/** Mutation tests of one decision core: `MUTATE=consent` or `MUTATE=views`. */
const core = process.env.MUTATE ?? 'consent';

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: [
    `src/${core}/**/*.ts`,
    '!**/*.test.ts',
    '!**/testing/**',
    // What checks the decisions, and texts for people.
    '!src/*/{invariant,invariants,worlds}.ts',
    '!src/consent/{case-entitlements,reasons}.ts',
  ],
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  // TypeScript 7 has no API to rewrite the file with, and nothing in the copy needs it.
  tsconfigFile: 'none',
  ignorePatterns: ['bench', 'docs', 'mappings', 'reports', 'tests'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  reporters: ['clear-text', 'json'],
  clearTextReporter: { logTests: false, allowColor: false, allowEmojis: false },
  jsonReporter: { fileName: `reports/mutation/${core}.json` },
  thresholds: { high: 95, low: 90, break: 90 },
};
