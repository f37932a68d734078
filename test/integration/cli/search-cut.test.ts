import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sidestream as run, start } from './command.ts';

/** What is found by words is cut out of the video. */

const TOWN = 'test/fixtures/toytown';
const DRIVE = join(TOWN, 'drive.mp4');
const FPS = 24;
let folder: string;
let analysis: string;
const inFolder = () => ({ XDG_CACHE_HOME: folder });
const search = (...args: string[]) => run(['search', analysis, ...args], inFolder());

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-search-cut-'));
  analysis = join(folder, 'drive.analysis');
  const { status } = await run(['analyse', DRIVE, '-o', analysis, '--quiet'], inFolder());
  expect(status).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Found {
  readonly start: number;
  readonly end: number;
  readonly score: number;
}
interface Clip extends Found {
  readonly path: string;
  readonly frames: number;
}

/** Pictures, small and gray. */
async function pictures(path: string): Promise<Uint8Array[]> {
  const shape = [
    '-vf',
    'scale=64:36:flags=area,format=gray',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-',
  ];
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    ['-v', 'error', '-i', path, '-map', '0:v:0', ...shape],
    {
      encoding: 'buffer',
      maxBuffer: 1 << 26,
    },
  );
  return Array.from({ length: stdout.length / 2304 }, (_, i) => stdout.subarray(i * 2304, (i + 1) * 2304));
}
const difference = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, one, i) => sum + Math.abs(one - b[i]!), 0);

it('cuts each span out of the video, exactly', async () => {
  const words = ['cyclist', '--threshold', '0.8'];
  const found: Found[] = JSON.parse((await search(...words, '--json')).stdout);
  expect(found.length).toBeGreaterThan(1);
  const clips = join(folder, 'clips');
  const { status, stdout, stderr } = await search(...words, '--cut', clips, '--video', DRIVE, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const made: Clip[] = JSON.parse(stdout);
  const inOrder = [...found].sort((a, b) => a.start - b.start);
  expect(made.map(({ start, end, score }) => ({ start, end, score }))).toEqual(
    inOrder.map(({ start, end, score }) => ({ start, end: Math.min(end, 6), score })),
  );
  const source = await pictures(DRIVE);
  for (const { path, start, end, frames } of made) {
    const [first, over] = [Math.round(start * FPS), Math.round(end * FPS)];
    const cut = await pictures(path);
    expect([cut.length, frames]).toEqual([over - first, over - first]);
    for (const [at, i] of [
      [0, first],
      [cut.length - 1, over - 1],
    ] as const) {
      const apart = source.map((one) => difference(one, cut[at]!));
      expect(apart.indexOf(Math.min(...apart))).toBe(i);
    }
  }
  const [name] = (await readdir(clips)).sort();
  expect(name).toBe(
    `drive-00-00-00.${String(Math.round(inOrder[0]!.start * 1000)).padStart(3, '0')}-cyclist.mp4`,
  );
  expect(await readdir(clips)).toHaveLength(made.length);
});

it('has one clip for spans that overlap with what is cut around them, and a line for it', async () => {
  const about = ['cyclist|bicycle', '--threshold', '0.8', '--cut', join(folder, 'padded'), '--video', DRIVE];
  const { status, stdout, stderr } = await search(...about, '--padding', '3');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^0\.000 {2}6\.\d{3} {2}0\.9\d\d {2}.*[/\\]drive-00-00-00\.000-cyclist\.mp4\n$/);
  expect(stderr).toContain('clip 1 of 1: 6.0 s from 0:00');
  // It is there now.
  const again = await search(...about, '--padding', '3');
  expect([again.status, again.stdout]).toEqual([2, '']);
  expect(again.stderr).toMatch(/^error OUTPUT_EXISTS: /m);
  expect((await search(...about, '--padding', '3', '--force')).status).toBe(0);
});

it('cuts no other video than the one that was analysed', async () => {
  const cut = ['--cut', join(folder, 'other')];
  const other = await search('cyclist', ...cut, '--video', join(TOWN, 'watch.mp4'));
  expect(other.status).toBe(65);
  expect(other.stderr).toMatch(/^error ANALYSIS_INVALID: .*another video/m);
  const none = await search('cyclist', ...cut);
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('--video FILE')]);
  const two = await run(['search', analysis, analysis, 'cyclist', ...cut, '--video', DRIVE], inFolder());
  expect([two.status, two.stderr]).toEqual([2, expect.stringContaining('one analysis')]);
  const nowhere = await search('cyclist', ...cut, '--video', DRIVE, '--share', '1');
  expect([nowhere.status, nowhere.stderr]).toEqual([0, 'seen nowhere\n']);
  expect((await readdir(folder)).includes('other')).toBe(false);
});

it('leaves nothing half-made when it is stopped', async () => {
  const clips = join(folder, 'stopped');
  const about = ['cyclist', '--cut', clips, '--video', DRIVE, '--padding', '3'];
  const { child, ended } = start(['search', analysis, ...about], inFolder());
  let said = '';
  child.stderr?.on('data', (chunk) => {
    if (said.includes('clip 1 of 1')) return;
    said += chunk;
    if (said.includes('clip 1 of 1')) child.kill('SIGINT');
  });
  const { status, stdout } = await ended;
  expect([status, stdout]).toEqual([130, '']);
  expect(await readdir(clips)).toEqual([]);
});
