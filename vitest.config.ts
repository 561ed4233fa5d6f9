import { defineConfig } from 'vitest/config';

/** Rules (`*.test.ts`) run pure; `*.int.test.ts` run real stores, sockets and processes. Neither needs the page build. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'build/**', 'e2e/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
