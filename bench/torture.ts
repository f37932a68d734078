import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../src/cli/table.ts';
import { CLI, flaws, type Trial, tryFile } from './trial.ts';

/**
 * Runs the built `segment` over every file of a folder and tells how each came out. A file passes with a video that
 * browsers play, with all frames at their own times, as long, with its sound; or when it is refused in one line with
 * status 65 or 66. No process, no file may be left behind. Exits 1 if any file does not pass.
 */
const USAGE = `npm run torture -- FOLDER [--extension .mp4] [--limit SECONDS] [-- options of segment]`;

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    extension: { type: 'string', default: '.mp4' },
    limit: { type: 'string', default: '60' },
  },
});
const [folder, ...options] = positionals;
if (!folder || !existsSync(folder)) throw new Error(`usage: ${USAGE}`);
if (!existsSync(CLI)) throw new Error('nothing is built yet: npm run build');

const abort = new AbortController();
process.once('SIGINT', () => abort.abort());
const work = await mkdtemp(join(tmpdir(), 'sidestream-torture-'));
const rows: string[][] = [];
let failed = 0;
try {
  for (const file of await files(folder)) {
    const trial = await tryFile(
      join(folder, file),
      { folder: work, extension: values.extension, limit: Number(values.limit), options },
      abort.signal,
    );
    const wrong = flaws(trial);
    if (wrong.length > 0) failed++;
    const row = [wrong.length > 0 ? '✗' : '✓', file, ...cells(trial), wrong.join('; ') || comment(trial)];
    process.stderr.write(`${row.join('  ')}\n`);
    rows.push(row);
  }
} finally {
  await rm(work, { recursive: true });
}
const head = ['', 'file', 'exit', 'seconds', 'frames', 'times', 'longer', 'sound', ''];
process.stdout.write(`${table([head, ...rows])}\n${rows.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;

/** Files below the folder, save for those that describe the others. */
async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !/\.(md|json|txt)$/i.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, '/').length));
  return names.sort();
}

function cells({ exit, seconds, frames, fidelity }: Trial): string[] {
  return [
    exit === undefined ? 'stopped' : String(exit),
    seconds.toFixed(1),
    frames ? frames.join('→') : '',
    fidelity ? (fidelity.pts ? 'same' : 'differ') : '',
    fidelity ? `${(fidelity.longer * 1000).toFixed(0)} ms` : '',
    fidelity?.audio ?? '',
  ];
}

function comment({ exit, said }: Trial): string {
  return exit === 0 ? '' : (said[0] ?? '').slice(0, 110);
}
