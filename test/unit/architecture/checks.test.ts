import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MINUTES = 60_000;
const RULES = '.dependency-cruiser.cjs';

/** Runs a development tool; gives its status and what it said. */
function run(tool: string, args: readonly string[], cwd = '.'): Promise<{ status: number; output: string }> {
  const command = resolve('node_modules/.bin', tool);
  return new Promise((done) => {
    const child = execFile(command, args, { cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      done({ status: error ? (child.exitCode ?? 1) : 0, output: stdout + stderr });
    });
  });
}

async function passes(tool: string, ...args: string[]) {
  const { status, output } = await run(tool, args);
  expect(status, output.slice(-6000)).toBe(0);
}

// As `npm run check` has them.
describe('the sources', () => {
  it('have the right types', () => passes('tsc', '--noEmit'), 3 * MINUTES);
  it('are formatted and without lint', () => passes('biome', 'check', '.'), MINUTES);
  it('have no dead code', () => passes('knip'), MINUTES);
  it('keep the import rules', () => passes('depcruise', '--config', RULES, 'src'), MINUTES);
});

describe('the import rules', () => {
  /** What each rule must not let pass: a file, and what it imports. */
  const BROKEN: readonly (readonly [rule: string, file: string, imported: string])[] = [
    ['core-imports-nothing', 'src/core/a.ts', '../media/free.ts'],
    ['core-imports-nothing', 'src/core/b.ts', 'zod'],
    ['config-imports-core', 'src/config/a.ts', '../rsan/free.ts'],
    ['associate-imports-core', 'src/associate/a.ts', '../analysis/free.ts'],
    ['media-stands-alone', 'src/media/a.ts', '../overlay/free.ts'],
    ['rsan-stands-alone', 'src/rsan/a.ts', '../media/free.ts'],
    ['overlay-stands-alone', 'src/overlay/a.ts', '../rsan/free.ts'],
    ['analysis-stands-alone', 'src/analysis/a.ts', '../queue/free.ts'],
    ['queue-knows-no-pipeline', 'src/queue/a.ts', '../pipeline/free.ts'],
    ['http-starts-without-the-machinery', 'src/http/a.ts', '../rsan/free.ts'],
    ['pipeline-knows-no-surface', 'src/pipeline/a.ts', '../cli/free.ts'],
    ['only-entries-know-commands', 'src/storage/a.ts', '../cli/free.ts'],
    ['onnxruntime-has-one-home', 'src/rsan/b.ts', 'onnxruntime-node'],
    ['sharp-has-one-home', 'src/media/b.ts', 'sharp'],
    ['ffmpeg-has-one-home', 'src/media/c.ts', 'execa'],
    ['ffmpeg-has-one-home', 'src/media/d.ts', 'fluent-ffmpeg'],
    ['processes-are-started-in-few-places', 'src/media/e.ts', 'node:child_process'],
    ['rules-stand-alone', 'src/clips/rules/a.ts', '../../queue/free.ts'],
    ['yaml-has-few-homes', 'src/rsan/c.ts', 'yaml'],
    ['commander-has-one-home', 'src/pipeline/b.ts', 'commander'],
    ['no-development-packages', 'src/core/c.ts', 'vitest'],
    ['no-unresolvable', 'src/core/d.ts', './absent.ts'],
    ['sources-know-no-tests', 'src/core/e.ts', '../../test/free.ts'],
    ['no-cycles', 'src/storage/b.ts', './c.ts'],
  ];
  let folder: string;
  let said: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidestream-rules-'));
    for (const file of [RULES, 'tsconfig.json', 'package.json']) await cp(file, join(folder, file));
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    const write = async (path: string, code: string) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), code);
    };
    for (const [, file, imported] of BROKEN) {
      await write(file, `import * as it from '${imported}';\nexport const x = it;\n`);
      if (imported.endsWith('free.ts')) await write(join(dirname(file), imported), 'export const y = 1;\n');
    }
    await write('src/storage/c.ts', "import { x } from './b.ts';\nexport const z = () => x;\n");
    await write('src/storage/orphan.ts', 'export const alone = 1;\n');
    said = (await run('depcruise', ['--config', RULES, 'src'], folder)).output;
  }, MINUTES);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(BROKEN)('%s: %s may not import %s', (rule, file) => {
    expect(said).toMatch(new RegExp(`error ${rule}: ${file.replaceAll('.', '\\.')}\\b`));
  });
  it('allow no file that nobody imports', () => {
    expect(said).toContain('error no-orphans: src/storage/orphan.ts');
  });
});
