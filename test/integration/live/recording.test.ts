import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAnalysis } from '../../../src/analysis/file/reader.ts';
import type { Missing, Segment } from '../../../src/pipeline/live/recording.ts';
import type { ReadyModel } from '../../../src/ready-model.ts';
import { annexB, makeNumbered, readNumber } from '../../fixtures/live/numbered.ts';
import { startCamera } from '../../fixtures/live/rtsp-server.ts';
import { until } from './rtsp-client.ts';
import { openReady, PAINTS, readingModel, startStation } from './station.ts';

/** What is recorded of a stream: each picture once, with what the model saw in it, and gaps for all that is not there. */

const [WIDTH, HEIGHT, FPS] = [320, 180, 25];
const TICKS = 90_000;
const WORDS = PAINTS.map(([name]) => name).join(', ');
let folder: string;
let ready: ReadyModel;
let numbered: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-recording-'));
  ready = await openReady();
  const clip = await makeNumbered(join(folder, 'numbered.mp4'), {
    ...{ seconds: 30, fps: FPS, width: WIDTH, height: HEIGHT, codec: 'h264' },
  });
  numbered = await annexB(clip, join(folder, 'numbered.h264'));
});
afterAll(async () => {
  await ready?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Numbers burnt into the pictures of a file. */
async function numbersIn(video: string): Promise<(number | undefined)[]> {
  const args = [
    '-v',
    'error',
    '-i',
    video,
    '-vsync',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-',
  ];
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 30 });
  const size = WIDTH * HEIGHT;
  return Array.from({ length: stdout.length / size }, (_, i) =>
    readNumber(new Uint8Array(stdout.subarray(i * size, (i + 1) * size)), WIDTH, HEIGHT),
  );
}

describe('a recording', () => {
  const segments: Segment[] = [];
  const missing: Missing[] = [];
  const order: string[] = [];
  let scratch: string;
  let away: { readonly from: number; readonly to: number };

  beforeAll(async () => {
    scratch = join(folder, 'segments');
    await mkdir(scratch);
    await using camera = await startCamera({ file: numbered, fps: FPS });
    const model = await readingModel(ready, 60);
    {
      await using station = await startStation({ url: camera.url, ready, model, words: WORDS });
      const keep = (segment: Segment | undefined, before: readonly Missing[]) => {
        missing.push(...before);
        if (segment) segments.push(segment);
        order.push(segment ? 'segment' : 'end');
      };
      const about = { name: 'gate', identity: 'x', program: 'test' };
      await station.stream.record({ folder: scratch, seconds: 2, audio: false, keep, about }, 'OFF');
      await until(() => segments.length >= 2, 'two segments', 15);
      const from = Date.now() * 90;
      camera.cut();
      await until(() => station.states.filter((state) => state === 'live').length > 1, 'it again', 15);
      away = { from, to: Date.now() * 90 };
      const before = segments.length;
      await until(() => segments.length >= before + 2, 'two more segments', 15);
    }
  }, 60_000);

  it('has segments of at least so many seconds that begin at key frames', () => {
    expect(segments.length).toBeGreaterThanOrEqual(4);
    for (const { begin, end, codec, width, height } of segments) {
      expect(end).toBeGreaterThan(begin);
      expect({ codec, width, height }).toEqual({ codec: 'h264', width: WIDTH, height: HEIGHT });
    }
    const [first, second] = segments;
    expect((first.end - first.begin) / TICKS).toBeGreaterThanOrEqual(2);
    expect(second.begin).toBe(first.end);
  });

  it('has every picture once', async () => {
    for (const [i, { video, pictures, begin, end }] of segments.entries()) {
      const numbers = await numbersIn(video);
      expect(numbers).toHaveLength(pictures);
      expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at));
      // What a camera sends at once when it is connected to is nearer together.
      expect(Math.abs((end - begin) / TICKS - pictures / FPS)).toBeLessThan(0.5);
      const next = segments[i + 1];
      if (next?.begin === end) expect((await numbersIn(next.video))[0]).toBe(numbers.at(-1)! + 1);
    }
  });

  it('tells of gaps, and why', () => {
    const gaps = segments.flatMap(({ end }, i) => {
      const next = segments[i + 1];
      return next && next.begin !== end ? [{ from: end, to: next.begin }] : [];
    });
    expect(gaps).toHaveLength(1);
    const [{ from, to }] = gaps;
    expect(missing.filter((one) => one.reason.startsWith('CAMERA') && one.from < one.to)).toEqual([
      { from, to, reason: expect.stringMatching(/^CAMERA_/) },
    ]);
    expect(Math.abs(from - away.from) / TICKS).toBeLessThan(0.5);
    expect(Math.abs(to - away.to) / TICKS).toBeLessThan(0.7);
    expect(missing.at(-1)).toMatchObject({ reason: 'STOPPED' });
    expect(order.at(-1)).toBe('end');
  });

  it('has the analysis of each picture, by its time', async () => {
    for (const { analysis, pictures, begin, end, video } of segments.slice(1)) {
      await using file = await openAnalysis(analysis!.path);
      expect(file.frames).toBe(pictures);
      expect(file.header.source.sum).toBeNull();
      const frames = await all(file.analysed());
      expect(frames.map(({ index }) => index)).toEqual(frames.map((_, i) => i));
      expect(frames[0].pts).toBe(begin);
      expect(frames.at(-1)!.pts).toBeLessThan(end);
      // The model reads the number of a picture: what it saw is that of this very picture.
      const numbers = await numbersIn(video);
      for (const [i, { analysed, points, tracks }] of frames.entries()) {
        if (!analysed) continue;
        expect(points.regions.length).toBeGreaterThan(0);
        expect(tracks.ids.length).toBeGreaterThan(0);
        expect(numbers[i]).toBeDefined();
      }
      expect(frames.filter(({ analysed }) => analysed).length).toBeGreaterThan(2);
      expect(analysis!.spans[0].from).toBe(begin);
      expect(analysis!.spans.at(-1)!.to).toBe(end);
      const seen = analysis!.names.reduce((sum, { ms }) => sum + ms, 0);
      // From the first picture that the model has seen: on a busy machine it has other work at first.
      const seconds = (end - begin) / TICKS;
      expect(seen / 1000).toBeLessThan(seconds + 0.01);
      expect(seen / 1000).toBeGreaterThan(seconds / 3);
    }
  });

  it('leaves nothing half-written', async () => {
    expect((await readdir(scratch)).filter((name) => name.startsWith('.'))).toEqual([]);
    expect((await readdir(scratch)).length).toBe(
      segments.flatMap(({ analysis }) => (analysis ? [1, 1] : [1])).length,
    );
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
