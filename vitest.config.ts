import { defineConfig } from 'vitest/config';

/** What a project's tests may take, in milliseconds. */
const project = (
  name: string,
  testTimeout: number,
  more: { readonly isolate?: boolean; readonly retry?: number } = {},
) => ({
  test: {
    name,
    ...more,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
  },
});

export default defineConfig({
  test: {
    pool: 'forks',
    // One more than there are cores on small machines: cameras are mostly waited for.
    maxWorkers: 3,
    projects: [
      // They leave nothing behind: sources are loaded once for many files, which is most of what they take.
      project('unit', 30_000, { isolate: false }),
      project('contract', 60_000),
      project('integration', 120_000),
      // Many processes at once: what a busy machine was too slow for is tried once more, and reported as such.
      project('e2e', 180_000, { retry: 1 }),
      project('page', 120_000, { retry: 1 }),
    ],
  },
});
