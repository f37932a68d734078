#!/usr/bin/env node
/**
 * Runs the tests; arguments are filters as vitest has them. The last line is always `N passed, N failed`, with
 * `, N skipped` behind it where there are any.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';
import { build } from './build.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const counts = { passed: 0, failed: 0, skipped: 0 };
await counted(() => build()); // Tests of the command line run what is shipped, not the sources.
await counted(async () => {
  const vitest = await startVitest('test', process.argv.slice(2), { watch: false, run: true });
  for (const module of vitest.state.getTestModules()) {
    // A file or a suite that cannot even be loaded has no tests of its own, and must count all the same.
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'passed' || state === 'skipped' ? state : 'failed']++;
    }
  }
  counts.failed += vitest.state.getUnhandledErrors().length;
  await vitest.close();
});
const { passed, failed, skipped } = counts;
const skips = skipped > 0 ? `, ${skipped} skipped` : '';
const code = failed > 0 || passed === 0 ? 1 : 0;
process.stderr.write('', () =>
  process.stdout.write(`\n${passed} passed, ${failed} failed${skips}\n`, () => process.exit(code)),
);

/** What fails outside of any test counts as one that failed, and the rest still runs. */
async function counted(step) {
  try {
    await step();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    counts.failed++;
  }
}
