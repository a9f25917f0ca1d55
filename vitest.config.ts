import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const server = fileURLToPath(new URL('src/server/index.ts', import.meta.url))

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'bench-harness/**/*.test.ts'],
          // A bound against hanging only: properties are many runs, and machines are slow at times.
          testTimeout: 60_000,
        },
      },
      {
        // The configuration of a template imports the package that it is not installed with here.
        resolve: { alias: { 'rusher/server': server } },
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          globalSetup: ['test/parts/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Whole servers and their faults: two at once is what a small machine can host.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/parts/scaffold-cache.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          // A page on a machine that other tests keep busy takes longer than the second that is the default.
          expect: { poll: { timeout: 30_000 } },
          maxWorkers: 1,
        },
      },
    ],
  },
})
