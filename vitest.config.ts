import { defineConfig } from 'vitest/config';
import { ResultsReporter } from './tests/support/results-reporter.ts';

export default defineConfig({
  test: {
    globalSetup: ['tests/support/global-setup.ts'],
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make PostgreSQL wait.
    maxWorkers: 2,
    reporters: ['default', new ResultsReporter()],
  },
});
