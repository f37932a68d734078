import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { annexB, makeNumbered, readNumber } from '../../fixtures/live/numbered.ts';
import { startPublishTarget } from '../../fixtures/live/publish-server.ts';
import { type CameraOptions, startCamera } from '../../fixtures/live/rtsp-server.ts';
import { type Ended, sidestream, start } from './command.ts';

const [WIDTH, HEIGHT, FPS, PICTURES] = [320, 176, 10, 50];
const WORDS = ['--model', 'street-tiny', '--vocabulary', 'road, car, person', '--policy', 'every:3'];

let folder = '';
let clip = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-live-'));
  const size = { seconds: PICTURES / FPS, fps: FPS, gop: FPS, width: WIDTH, height: HEIGHT };
  const made = await makeNumbered(join(folder, 'clip.mkv'), { ...size, codec: 'h264' });
  clip = await annexB(made, join(folder, 'clip.h264'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const camera = (options: CameraOptions = {}) => startCamera({ file: clip, fps: FPS, ...options });
// A busy machine may take long for the first frames: none of them is to be left out for that.
const settings = () => ({
  XDG_CACHE_HOME: join(folder, 'cache'),
  SIDESTREAM_LIVE__BACKLOG_SECONDS: '20',
  SIDESTREAM_MODEL__SHORT_SIDE: '128',
});
const live = (...args: string[]) => start(['live', ...args], settings());
const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

async function run(tool: string, args: readonly string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(tool, args, { encoding: 'buffer', maxBuffer: 1 << 28 });
  return stdout;
}

/** The number in each picture of a film. */
async function numbersIn(path: string): Promise<(number | undefined)[]> {
  const decode = ['-v', 'error', '-nostdin', '-i', path, '-vsync', 'passthrough'];
  const gray = ['-vf', `scale=${WIDTH}:${HEIGHT}`, '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
  const pixels = await run('ffmpeg', [...decode, ...gray]);
  const size = WIDTH * HEIGHT;
  return Array.from({ length: pixels.length / size }, (_, i) =>
    readNumber(pixels.subarray(i * size, (i + 1) * size), WIDTH, HEIGHT),
  );
}

/** One after the other, over and over. */
const inOrder = (numbers: readonly (number | undefined)[]) =>
  Array.from(numbers, (_, i) => ((numbers[0] ?? 0) + i) % PICTURES);

async function codecsOf(path: string): Promise<string[]> {
  const args = ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'default=nk=1:nw=1', path];
  return [...new Set((await run('ffprobe', args)).toString().trim().split('\n'))].sort();
}

/** Waits until it is so. */
async function until(holds: () => boolean | Promise<boolean>, what: string, seconds = 15): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Processes that have to do with that address. */
async function processesWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(text));
}

describe('a camera', () => {
  let ended: Ended;
  let lines: { index: number; masks: { index: number } | null; objects: object[] }[];
  const at = (name: string) => join(folder, 'gate', name);

  beforeAll(async () => {
    await using gate = await camera({ audio: true });
    await mkdir(at('.'));
    const outputs = ['--hls', at('hls'), '--record', at('film'), '--report', at('report.json')];
    const settled = ['--json', '--duration', '10', ...WORDS];
    ended = await live(gate.url.replace('://', '://me:sesame@'), ...outputs, ...settled).ended;
    lines = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }, 40_000);

  it('ends when its time is up, and says what was done', async () => {
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/^live$/m);
    expect(ended.stderr).toMatch(/frames decoded, \d+ analysed, \d+ emitted, /);
    expect(ended.stderr).toMatch(/fps.* analysed\/s.* ms.*hls (ok|\(it has not begun\)).*record/);
    const report = await json(at('report.json'));
    const { decoded, emitted, dropped } = report.frames;
    const sum = dropped.reduce((all: number, { count }: { count: number }) => all + count, 0);
    expect(decoded).toBe(emitted + sum);
    expect(dropped.map(({ reason }: { reason: string }) => reason)).not.toContain('BACKLOG');
    expect(report).toMatchObject({ width: WIDTH, height: HEIGHT, codec: 'h264', reconnects: 0 });
    expect(report.outputs).toEqual({ hls: { ok: true }, record: { ok: true } });
    expect(JSON.stringify([ended, report])).not.toContain('sesame');
  });

  it('is played as HLS, every picture once and in order, with its sound', async () => {
    const numbers = await numbersIn(at('hls/index.m3u8'));
    expect(numbers).toEqual(inOrder(numbers));
    expect(numbers.length).toBe((await json(at('report.json'))).frames.emitted);
    expect(numbers.length).toBeGreaterThan(2 * FPS);
    expect(await codecsOf(at('hls/index.m3u8'))).toEqual(['aac', 'h264']);
  });

  it('is told frame by frame', () => {
    expect(lines.length).toBeGreaterThan(2 * FPS);
    expect(lines.map(({ index }) => index)).toEqual(lines.map((_, i) => lines[0].index + i));
    for (const { index, masks } of lines) expect(masks?.index ?? 0).toBeLessThanOrEqual(index);
    const last = lines.at(-1)!;
    expect(last.masks).not.toBeNull();
    expect(last).toMatchObject({ width: WIDTH, height: HEIGHT, latency_ms: expect.any(Number) });
    expect(last).toMatchObject({ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
    for (const object of last.objects)
      expect(Object.keys(object).sort()).toEqual(['box', 'id', 'name', 'score', 'share', 'thing']);
  });

  it('is recorded as it is: its own pictures, once each, in whole files', async () => {
    const names = (await readdir(at('film'))).sort();
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) expect(name).toMatch(/^\d{8}T\d{6}Z(_\d+)?\.mp4$/);
    const numbers = (await Promise.all(names.map((name) => numbersIn(at(`film/${name}`))))).flat();
    expect(numbers).toEqual(inOrder(numbers));
    expect(numbers.length).toBeGreaterThanOrEqual((await json(at('report.json'))).frames.decoded);
    expect(await codecsOf(at(`film/${names.at(-1)}`))).toEqual(['aac', 'h264']);
  });
});

it('waits for a camera that is away, publishes it, and ends within two seconds', async () => {
  await using target = await startPublishTarget();
  await using gate = await camera();
  await gate.refuse('closed');
  const { child, ended } = live(gate.url, '--rtsp', target.url, '--record', join(folder, 'short'), ...WORDS);
  let said = '';
  child.stderr?.on('data', (chunk) => (said += chunk));
  await until(() => /connecting, CAMERA_AWAY: .*refuses connections/.test(said), 'the reason');
  await gate.refuse(null);
  await until(() => target.units.length > FPS, 'pictures');
  const begun = performance.now();
  child.kill('SIGINT');
  const { status, stderr } = await ended;
  expect(performance.now() - begun).toBeLessThan(2000);
  expect(status, stderr).toBe(130);
  expect(stderr).toMatch(/frames decoded/);
  expect(stderr).toMatch(/error INTERRUPTED/);
  await until(
    async () => (await processesWith(String(gate.port))).length === 0,
    'its processes to be gone',
    1,
  );
  expect(target.gaps).toBe(0);
  const names = await readdir(join(folder, 'short'));
  expect(names.filter((name) => !/^\d{8}T\d{6}Z(_\d+)?\.mp4$/.test(name))).toEqual([]);
  const numbers = (
    await Promise.all(names.sort().map((name) => numbersIn(join(folder, 'short', name))))
  ).flat();
  expect(numbers).toEqual(inOrder(numbers));
  expect(numbers.length).toBeGreaterThan(FPS);
});

it('says that the password is wrong, without the password', async () => {
  await using gate = await camera({ auth: { kind: 'digest', user: 'me', password: 'right' } });
  const url = gate.url.replace('://', '://me:sesame@');
  const { status, stdout, stderr } = await live(url, '--duration', '2', ...WORDS).ended;
  expect(status).toBe(0);
  expect(stderr).toMatch(/connecting, CAMERA_REFUSED: .*user and password/);
  expect(stdout + stderr).not.toContain('sesame');
});

describe('what can never work is said at once', () => {
  it.each([
    [['nothing.mp4'], 'INPUT_NOT_FOUND', 66],
    [['gopher://camera/stream'], 'USAGE', 2],
    [['rtsp:///stream'], 'USAGE', 2],
    [['rtsp://127.0.0.1/', '--rtsp', 'gate'], 'USAGE', 2],
    [['rtsp://127.0.0.1/', '--policy', 'every'], 'USAGE', 2],
    [['rtsp://127.0.0.1/', '--hls', '/dev/null/hls'], 'OUTPUT_UNWRITABLE', 69],
    [['rtsp://127.0.0.1/', '--record', '/dev/null/film'], 'OUTPUT_UNWRITABLE', 69],
    [['rtsp://127.0.0.1/', '--encoder', 'libnothing'], 'ENCODER_MISSING', 69],
  ])('%j', async (args, code, status) => {
    const ended = await live(...args, ...WORDS.slice(0, 4)).ended;
    expect(ended.status, ended.stderr).toBe(status);
    expect(ended.stderr).toMatch(new RegExp(`^error ${code}: .*\\n$`));
  });

  it('as of a file that is no film', async () => {
    const file = join(folder, 'words.txt');
    await writeFile(file, 'words');
    expect((await live(file, ...WORDS).ended).stderr).toMatch(/^error INPUT_INVALID/);
  });
});

describe('doctor --rtsp', () => {
  const doctor = (...args: string[]) => sidestream(['doctor', '--rtsp', ...args], settings());

  it('tells of a camera what there is to know', async () => {
    await using gate = await camera({ audio: true, tracks: [{ file: clip, fps: FPS }] });
    const url = gate.url.replace('://', '://me:sesame@');
    const { status, stdout, stderr } = await doctor(url, '--json');
    expect(status, stderr).toBe(0);
    const found = new Map<string, { ok: boolean; detail: string }>(
      JSON.parse(stdout).map((finding: { name: string }) => [finding.name, finding]),
    );
    expect(found.get('picture')).toMatchObject({ ok: true, detail: expect.stringMatching(/h264.*320×176/) });
    expect(found.get('frame rate')?.detail).toMatch(/^(9\.[5-9]|10\.[0-5]) a second/);
    expect(found.get('key frames')).toMatchObject({ ok: true, detail: 'every 1.0 s' });
    expect(found.get('order')?.ok).toBe(true);
    expect(found.get('sound')?.detail).toMatch(/pcm_mulaw.*AAC/);
    expect(found.get('tracks')?.detail).toMatch(/^0: .*; 1: /);
    expect(stdout + stderr).not.toContain('sesame');
  });

  it('says why no pictures come, and what to do', async () => {
    await using gate = await camera({ auth: { kind: 'basic', user: 'me', password: 'right' } });
    const [wrong, away] = await Promise.all([
      doctor(gate.url.replace('://', '://me:sesame@')),
      doctor('rtsp://127.0.0.1:1/stream'),
    ]);
    expect(wrong.status).toBe(69);
    expect(wrong.stdout).toMatch(/^✗ +camera .*user and password/);
    expect(wrong.stderr).toMatch(/^error CAMERA_REFUSED: /);
    expect(wrong.stdout + wrong.stderr).not.toContain('sesame');
    expect(away.stdout).toMatch(/^✗ +camera .*refuses connections/);
    expect(away.status).toBe(69);
  });
});

it('has a help text with examples', async () => {
  const { status, stdout } = await sidestream(['live', '--help']);
  expect(status).toBe(0);
  for (const option of [
    '--hls',
    '--rtsp',
    '--record',
    '--policy',
    '--transport',
    '--duration',
    '--vocabulary',
  ])
    expect(stdout).toContain(option);
  expect(stdout).toContain('sidestream live rtsp://');
  expect(stdout).not.toContain('--mask-video');
});
