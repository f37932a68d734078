import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutFile } from '../../../src/media/cut/cut-file.ts';
import { makeNumbered } from '../../fixtures/live/numbered.ts';
import { loudness, readClip, TICKS } from './cut-recordings.ts';
import { never, PATHS, scratch } from './numbered.ts';

/** Parts of files: exactly the pictures that were asked for, by their times. */

const [WIDTH, HEIGHT, FPS] = [320, 180, 25];
const encoder = { encoder: undefined, crf: 23, preset: 'ultrafast' };
const run = promisify(execFile);
let folder: Awaited<ReturnType<typeof scratch>>;
let plain: string;

const ffmpeg = (...args: string[]) => run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);

beforeAll(async () => {
  folder = await scratch();
  plain = await makeNumbered(folder.file('plain.mp4'), {
    ...{ seconds: 4, fps: FPS, width: WIDTH, height: HEIGHT, codec: 'h264', gop: 40, bframes: 2 },
  });
});
afterAll(() => folder[Symbol.asyncDispose]());

async function cut(input: string, start: number, end: number, size: [number, number] = [WIDTH, HEIGHT]) {
  const output = folder.file('clip.mp4');
  const made = await cutFile({ input, start, end, output, encoder }, { paths: PATHS }, never);
  const seen = (await readClip(output, [], size)).map(({ number, time }) => ({
    number,
    seconds: time / TICKS,
  }));
  const stored = await readClip(output, ['-ignore_editlist', '1'], size);
  expect(stored.map(({ number }) => number)).toEqual(seen.map(({ number }) => number));
  expect(made.frames).toBe(seen.length);
  return { made, output, seen, numbers: seen.map(({ number }) => number) };
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('a part of a file', () => {
  it.each([
    [0, 1, 0, 25],
    [1.4, 2.2, 35, 55],
    [1.41, 2.19, 36, 55],
    [2.04, 2.08, 51, 52],
    [2.0400001, 2.0800001, 51, 52],
    [3.5, 99, 88, 100],
  ])('from %f to %f s has pictures %i to %i', async (start, end, from, to) => {
    const { made, seen } = await cut(plain, start, end);
    expect(seen.map(({ number }) => number)).toEqual(range(from, to));
    for (const [i, { seconds }] of seen.entries()) expect(seconds).toBeCloseTo(i / FPS, 5);
    expect(made.first).toBeCloseTo(from / FPS, 6);
  });

  it('of 30000/1001 pictures a second is exact', async () => {
    const ntsc = folder.file('ntsc.mkv');
    await ffmpeg(
      '-i',
      plain,
      '-vf',
      'setpts=N/(30000/1001*TB)',
      '-r',
      '30000/1001',
      '-fps_mode',
      'cfr',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      ntsc,
    );
    const second = 1001 / 30_000;
    expect((await cut(ntsc, 30 * second - 0.001, 60 * second - 0.001)).numbers).toEqual(range(30, 60));
    expect((await cut(ntsc, 30 * second + 0.001, 60 * second + 0.001)).numbers).toEqual(range(31, 61));
  });

  it('without any picture is refused, and leaves nothing', async () => {
    const uneven = folder.file('still.mkv');
    await ffmpeg(
      '-i',
      plain,
      '-vf',
      "select='lt(n,10)+gt(n,90)'",
      '-fps_mode',
      'passthrough',
      '-c:v',
      'libx264',
      uneven,
    );
    const output = folder.file('none.mp4');
    const nothing = cutFile({ input: uneven, start: 1, end: 2, output, encoder }, { paths: PATHS }, never);
    await expect(nothing).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect((await readdir(folder.path)).filter((name) => name.includes('none'))).toEqual([]);
    expect((await cut(uneven, 0.3, 3.8)).numbers).toEqual([8, 9, 91, 92, 93, 94]);
  });
});

describe('files of all kinds', () => {
  const copied = async (name: string, ...args: string[]) => {
    const path = folder.file(name);
    await ffmpeg('-i', plain, ...args, path);
    return path;
  };

  it.each([
    ['a first picture at ten seconds', 'late.mp4', ['-c', 'copy', '-output_ts_offset', '10']],
    ['MPEG-TS, which has no index', 'plain.ts', ['-c', 'copy']],
    ['Matroska', 'plain.mkv', ['-c', 'copy']],
    ['WebM', 'plain.webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '1M']],
    ['fragments in place of an index', 'parts.mp4', ['-c', 'copy', '-movflags', '+frag_keyframe+empty_moov']],
  ])('%s', async (_, name, args) => {
    const { numbers } = await cut(await copied(name, ...args), 1.4, 2.2);
    expect(numbers).toEqual(range(35, 55));
  });

  it('pictures of different length', async () => {
    const uneven = await copied(
      'uneven.mkv',
      '-vf',
      "settb=1/1000,setpts='N*40+mod(N*N,5)*7'",
      ...['-fps_mode', 'passthrough', '-enc_time_base', '1:1000', '-c:v', 'libx264', '-bf', '2'],
    );
    const timeOf = (n: number) => (n * 40 + ((n * n) % 5) * 7) / 1000;
    const { seen } = await cut(uneven, timeOf(33), timeOf(61));
    expect(seen.map(({ number }) => number)).toEqual(range(33, 61));
    for (const [i, { seconds }] of seen.entries())
      expect(seconds).toBeCloseTo(timeOf(33 + i) - timeOf(33), 3);
  });

  it('a beginning without key frame', async () => {
    const whole = await readFile(await copied('whole.ts', '-c', 'copy'));
    const path = folder.file('no-key-frame.ts');
    await writeFile(path, whole.subarray(188 * Math.floor(whole.length / 188 / 5)));
    const { numbers, seen } = await cut(path, 0, 2);
    // Key frames are 40 pictures apart.
    expect(numbers[0]).toBe(40);
    expect(seen[0]!.seconds).toBeCloseTo(0, 5);
  });

  it('turned by 90 degrees: as players show it', async () => {
    const turned = await copied('turned.mp4', '-c', 'copy', '-metadata:s:v', 'rotate=90');
    const output = folder.file('upright.mp4');
    await cutFile({ input: turned, start: 1, end: 1.2, output, encoder }, { paths: PATHS }, never);
    const { stdout } = await run('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=width,height',
      '-of',
      'csv=p=0',
      output,
    ]);
    expect(stdout.trim()).toBe(`${HEIGHT},${WIDTH}`);
  });

  it.each([
    ['aac', ['-c:a', 'aac'], 'sound.mp4'],
    ['pcm_s16le', ['-c:a', 'pcm_s16le'], 'sound.mkv'],
  ])('with sound in %s, which stays with the pictures', async (_, coding, name) => {
    const path = folder.file(name);
    const tone = "aevalsrc='0.5*sin(880*2*PI*t)*lt(mod(t,1),0.2)':s=48000:d=4";
    await ffmpeg(
      '-i',
      plain,
      '-f',
      'lavfi',
      '-i',
      tone,
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-c:v',
      'copy',
      ...coding,
      path,
    );
    const { output } = await cut(path, 1.4, 3.4);
    const loud = (await loudness(output, 0.02)).map((one) => one > 0.1);
    const tones = loud.flatMap((one, i) => (one && !loud[i - 1] ? [i * 0.02] : []));
    expect(tones).toHaveLength(2);
    for (const [i, one] of [0.6, 1.6].entries()) expect(Math.abs(tones[i]! - one)).toBeLessThan(1 / FPS);
    const { stdout } = await run('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name',
      '-of',
      'csv=p=0',
      output,
    ]);
    expect(stdout.trim().split('\n')).toEqual(['h264', 'aac']);
  });
});
