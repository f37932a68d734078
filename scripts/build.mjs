#!/usr/bin/env node
/** Compiles to dist/ when a source is newer than what is there; `--force` always does. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** The command: written last, so that its time is the build's. */
const ENTRY = join(ROOT, 'dist', 'cli.js');
/** tsc's exit status for errors of type, after which it has written its output all the same. */
const EMITTED_WITH_ERRORS = 2;
const SOURCES = [
  'src',
  'workers',
  'bench',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
];

export function build({ force = false } = {}) {
  const newest = Math.max(...SOURCES.map((path) => newestTime(join(ROOT, path))));
  if (!force && newestTime(ENTRY) > newest) return;
  // Built aside and put in place in one move: a program that runs from dist meanwhile must not find half of it.
  const draft = join(ROOT, `dist.${process.pid}.partial`);
  const old = `${draft}.old`;
  try {
    const tsc = join(
      dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
      'bin',
      'tsc',
    );
    const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', draft];
    const result = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    // Wrong types stop nobody from trying the rest, but the build is not taken for a good one: it is made anew.
    const { status } = result;
    if (status !== 0 && status !== EMITTED_WITH_ERRORS) throw new Error('the build failed: see above');
    nameCompiledImports(draft);
    buildPage(join(draft, 'web'));
    const entry = join(draft, 'cli.js');
    writeFileSync(entry, "#!/usr/bin/env node\nimport './src/cli.js';\n");
    chmodSync(entry, 0o755);
    if (status !== 0) utimesSync(entry, 0, 0);
    if (newestTime(join(ROOT, 'dist')) > 0) renameSync(join(ROOT, 'dist'), old);
    renameSync(draft, join(ROOT, 'dist'));
    if (status !== 0) throw new Error('the types are wrong: see above');
  } finally {
    for (const path of [draft, old]) rmSync(path, { recursive: true, force: true });
  }
}

/** The page, with what browsers may take instead of each larger file beside it. */
function buildPage(folder) {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
  const args = [vite, 'build', 'src/web', '--outDir', folder, '--logLevel', 'warn'];
  const { status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('the page could not be built: see above');
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, name);
    if (!['.html', '.js', '.css', '.svg', '.webmanifest'].includes(extname(name))) continue;
    const bytes = readFileSync(path);
    if (bytes.length < 1024) continue;
    writeFileSync(`${path}.br`, brotliCompressSync(bytes));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

/** tsc 6.0 leaves the .ts in `import('./x.ts')` where the function around it has a `using`. */
function nameCompiledImports(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    const path = join(folder, name);
    const code = readFileSync(path, 'utf8');
    const mended = code.replace(/(\bimport\(['"]\.{1,2}\/[^'"]*)\.ts(['"]\))/g, '$1.js$2');
    if (mended !== code) writeFileSync(path, mended);
  }
}

/** Milliseconds since the epoch when the newest file in `path` was changed; 0 where there is none. */
function newestTime(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  // The folder's own time tells of files that were removed.
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestTime(join(path, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    build({ force: process.argv.includes('--force') });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
