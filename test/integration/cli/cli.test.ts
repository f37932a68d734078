import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMAND, sidestream, start } from './command.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const inFolder = (environment: Record<string, string> = {}) => ({ XDG_CACHE_HOME: folder, ...environment });
const CLIP = 'test/fixtures/toytown/drive.mp4';

it('is built: `npm test` does it, or `npm run build`', () => {
  expect(existsSync(COMMAND)).toBe(true);
});

describe('help', () => {
  it('shows every command with examples, on standard output', async () => {
    const { status, stdout, stderr } = await sidestream(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const name of [
      'segment',
      'analyse',
      'label',
      'search',
      'eval',
      'models',
      'doctor',
      'config',
      'bench',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    }
    expect(stdout).toContain('sidestream segment ');
  });

  it('loads nothing but the parser of the command line', async () => {
    const watcher = `import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(
        'export async function resolve(name, context, next) {' +
        'const found = await next(name, context);' +
        'if (found.url.includes("/node_modules/")) console.error("loads " + found.url);' +
        'return found; }'));`;
    const options = `--import=data:text/javascript,${encodeURIComponent(watcher)}`;
    const { stderr } = await sidestream(['segment', '--help'], { NODE_OPTIONS: options });
    const loaded = [...stderr.matchAll(/loads .*\/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(loaded)]).toEqual(['commander']);
  });

  it.each([
    ['segment', '--help'],
    ['analyse', '--help'],
    ['label', '--help'],
    ['search', '--help'],
    ['eval', '--help'],
    ['models', '--help'],
    ['models', 'convert', '--help'],
    ['serve', '--help'],
    ['worker', '--help'],
    ['submit', '--help'],
    ['jobs', '--help'],
    ['jobs', 'label', '--help'],
    ['streams', '--help'],
    ['streams', 'add', '--help'],
    ['keys', '--help'],
    ['doctor', '--help'],
    ['config', '--help'],
    ['bench', '--help'],
  ])('is there for %s %s', async (...args) => {
    const { status, stdout } = await sidestream(args);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: sidestream /);
  });

  it('tells the version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect((await sidestream(['--version'])).stdout).toBe(`${version}\n`);
  });
});

describe('wrong usage is one line and status 2', () => {
  it.each([
    [['segmnt'], "unknown command 'segmnt' (Did you mean segment?)"],
    [['models', 'lst'], "unknown command 'lst' (Did you mean list?)"],
    [
      ['segment', 'a.mp4', '-o', 'b.mp4', '--opacty', '1'],
      "unknown option '--opacty' (Did you mean --opacity?)",
    ],
    [['segment', '-o', 'b.mp4'], "missing required argument 'input'"],
    [['segment', 'a.mp4'], "required option '-o, --output <file>' not specified"],
    [['segment', 'a.mp4', 'b.mp4', '-o', 'c.mp4'], 'too many arguments'],
    [['segment', 'a.mp4', '-o', 'b.mp4', '--opacity', '3'], '--opacity.* from 0 to 1'],
    [['segment', 'a.mp4', '-o', 'b.mp4', '--labels', 'all'], '--labels.* none, names, ids'],
    [['segment', 'a.mp4', '-o', 'b.mp4', '--start', '1:2:3:4'], '--start.* seconds'],
    [['segment', 'a.mp4', '-o', 'b.mp4', '--every', '0'], '--every.* from 1 '],
    [['segment', 'a.mp4', '-o', 'b.mp4', '--provider', 'gpu'], '--provider.* auto, cpu, cuda'],
    [['segment', 'a.mp4', '-o', 'b.mp4', '--vocabulary', 'a', '--vocabulary-file', 'f'], '--vocabulary-file'],
    [['eval', 'masks.json'], "required option '--truth <file>' not specified"],
    [['models', 'export', '-o', 'x', '--size', '6x6'], '--size.* HEIGHTxWIDTH'],
  ])('%j', async (args, said) => {
    const { status, stdout, stderr } = await sidestream(args, inFolder());
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error USAGE: .*\n$/);
    expect(stderr).toMatch(new RegExp(said.replace(/[()?]/g, '\\$&')));
  });
});

describe('settings', () => {
  it('are shown with where they come from, without passwords', async () => {
    const file = join(folder, 'my.yaml');
    await writeFile(file, 'http:\n  port: 81\n');
    const environment = inFolder({
      SIDESTREAM_REDIS_URL: 'redis://me:sesame@host:1',
      SIDESTREAM_CLIENT__KEY: 'ssk_sesame',
    });
    const { status, stdout } = await sidestream(['config', '--config', file], environment);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^http\\.port +81 +${file}:2$`, 'm'));
    expect(stdout).toMatch(/^redis\.url +"redis:\/\/\*\*\*@host:1" +SIDESTREAM_REDIS_URL$/m);
    expect(stdout).toMatch(/^model\.name +"street-tiny" +default$/m);
    expect(stdout).not.toContain('sesame');
    const json = JSON.parse((await sidestream(['config', '--config', file, '--json'], environment)).stdout);
    expect(json['http.port']).toEqual({ value: 81, source: `${file}:2` });
    expect(JSON.stringify(json)).not.toContain('sesame');
  });

  it('that are wrong end any command with status 2', async () => {
    const file = join(folder, 'my.yaml');
    await writeFile(file, 'model:\n  nmae: x\n');
    for (const args of [['config'], ['doctor'], ['models', 'list'], ['segment', CLIP, '-o', 'x.mp4']]) {
      const { status, stderr } = await sidestream([...args, '--config', file], inFolder());
      expect(status).toBe(2);
      expect(stderr).toBe(`error CONFIG: ${file}:2: unknown key model.nmae (did you mean model.name?)\n`);
    }
  });

  it('show a stack only with --debug', async () => {
    const { status, stderr } = await sidestream(['config', '--config', 'absent.yaml', '--debug']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error CONFIG: .*\nSidestreamError: /);
    expect(stderr).toMatch(/^ {4}at /m);
    expect(stderr).toContain('caused by');
  });
});

describe('doctor', () => {
  const doctor = async (environment: Record<string, string> = {}) => {
    const { status, stdout, stderr } = await sidestream(['doctor', '--json'], inFolder(environment));
    const findings: { name: string; ok: boolean; detail: string; needed?: string }[] = JSON.parse(stdout);
    return { status, stderr, found: (name: string) => findings.find((finding) => finding.name === name) };
  };

  it('finds what segment needs', async () => {
    const { status, stderr, found } = await doctor();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(found('Node')?.detail).toContain(process.version);
    for (const name of ['Node', 'ffmpeg', 'ffprobe', 'provider cpu', 'model street-tiny', 'cache']) {
      expect(found(name), name).toMatchObject({ ok: true });
    }
    expect(found('ffmpeg encoders')?.detail).toMatch(/libx264.*aac/);
  });

  it('does not mind that Redis is absent', async () => {
    const { status, found } = await doctor({ SIDESTREAM_REDIS_URL: 'redis://:secret@127.0.0.1:1' });
    expect(status).toBe(0);
    expect(found('Redis')).toMatchObject({ ok: false });
    expect(found('Redis')).not.toHaveProperty('needed');
    expect(found('Redis')?.detail).not.toContain('secret');
  });

  it.each([
    ['FFMPEG_MISSING', 'ffmpeg', { SIDESTREAM_FFMPEG__FFMPEG: '/absent/ffmpeg' }],
    ['FFMPEG_MISSING', 'ffprobe', { SIDESTREAM_FFMPEG__FFPROBE: '/absent/ffprobe' }],
    ['MODEL_MISSING', 'model no-such', { SIDESTREAM_MODEL__NAME: 'no-such' }],
    ['MODEL_MISSING', 'model /no/such', { SIDESTREAM_MODEL__NAME: '/no/such' }],
    ['MODEL_MISSING', 'model san-vit-b-16', { SIDESTREAM_MODEL__NAME: 'san-vit-b-16' }],
    ['OUTPUT_UNWRITABLE', 'cache', { SIDESTREAM_CACHE__DIRECTORY: '/dev/null/cache' }],
  ])('fails with %s where %s is missing', async (code, name, environment) => {
    const { status, stderr, found } = await doctor(environment);
    expect(status).toBe(69);
    expect(stderr).toMatch(new RegExp(`^error ${code}: .*${name}.*\n$`));
    expect(found(name)?.ok).toBe(false);
  });

  it('prints a table for people', async () => {
    const { stdout } = await sidestream(['doctor'], inFolder());
    expect(stdout).toMatch(/^✓ {2}Node +v\d+/m);
    expect(stdout).toMatch(/^✓ {2}ffmpeg /m);
    expect(stdout).toMatch(/^– {2}provider (dml|coreml) /m);
  });
});

it('ends quietly when nobody reads on', async () => {
  const { child, ended } = start(['config', '--json']);
  child.stdout?.destroy();
  const { status, stderr } = await ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe('a terminal that is closed', { retry: 2 }, () => {
  it('stops it within two seconds, and nothing is left', async () => {
    const output = join(folder, 'out.mp4');
    const { child, ended } = start(
      ['segment', CLIP, '-o', output, '--masks', join(folder, 'masks.json'), '--provider', 'cpu'],
      { XDG_CACHE_HOME: join(folder, 'cache'), SIDESTREAM_MODEL__SHORT_SIDE: '128' },
    );
    // ffmpeg is at work as soon as there is a draft of the output.
    while (!(await readdir(folder)).some((name) => name.includes('out.mp4'))) {
      if (child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const sent = performance.now();
    child.kill('SIGHUP');
    const { status, stderr } = await ended;
    expect(performance.now() - sent).toBeLessThan(2000);
    expect(status).toBe(130);
    expect(stderr).toMatch(/^error INTERRUPTED: .*$/m);
    expect(await readdir(folder)).toEqual(['cache']);
  });
});
