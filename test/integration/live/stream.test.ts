import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wallOf } from '../../../src/media/rtsp/clock.ts';
import type { Policy } from '../../../src/pipeline/live/schedule.ts';
import type { ReadyModel } from '../../../src/ready-model.ts';
import { gstAvailable, startGstCamera } from '../../fixtures/live/gst-camera.ts';
import { annexB, makeNumbered } from '../../fixtures/live/numbered.ts';
import { startPublishTarget } from '../../fixtures/live/publish-server.ts';
import { type Camera, startCamera } from '../../fixtures/live/rtsp-server.ts';
import { until } from './rtsp-client.ts';
import {
  openReady,
  PAINTS,
  readingModel,
  readPicture,
  type Station,
  startStation,
  wordsOf,
} from './station.ts';

/** A camera through the whole line, in this process: what comes out, and what happens when parts of it die. */

const WORDS = PAINTS.map(([name]) => name).join(', ');
const COLOURS = new Map(PAINTS);
const gst = await gstAvailable();
const root = process.getuid?.() === 0 && process.platform === 'linux';
let folder: string;
let ready: ReadyModel;
let numbered: string;
let street: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-live-'));
  ready = await openReady();
  const gray = join(folder, 'gray.mp4');
  await ffmpeg('-f', 'lavfi', '-i', 'color=gray:s=640x360:r=25', '-t', '2', '-pix_fmt', 'yuv420p', gray);
  const clip = await makeNumbered(join(folder, 'numbered.mp4'), {
    ...{ seconds: 20, fps: 25, width: 640, height: 360, codec: 'h264', background: gray },
  });
  numbered = await annexB(clip, join(folder, 'numbered.h264'));
  const drive = join(folder, 'drive.mp4');
  const coding = ['-an', '-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '24'];
  await ffmpeg('-i', 'test/fixtures/toytown/drive.mp4', ...coding, drive);
  street = await annexB(drive, join(folder, 'street.h264'));
});
afterAll(async () => {
  await ready?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const ffmpeg = (...args: string[]) => promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args]);

/** Every decoded frame is accounted for. */
function expectLedger({ stream, shown }: Station): void {
  const { decoded, emitted, dropped, under_way } = stream.stats().frames;
  expect(decoded).toBe(emitted + under_way + dropped.reduce((sum, { count }) => sum + count, 0));
  const indices = shown.map(({ index }) => index);
  expect(indices).toEqual([...indices].sort((a, b) => a - b));
  expect(new Set(indices).size).toBe(indices.length);
  for (const { index, masks } of shown) expect(masks?.index ?? 0).toBeLessThanOrEqual(index);
}

const going = async (station: Station, frames = 10, seconds = 15): Promise<void> => {
  const from = station.shown.length;
  await until(() => station.shown.length >= from + frames, `${frames} more frames`, seconds);
};

/** Until the model has seen a dozen more frames, and they are shown: a busy machine sees few at a time. */
const seeing = async (station: Station): Promise<void> => {
  const analysed = () => station.stream.stats().frames.analysed;
  const from = analysed();
  await until(() => analysed() >= from + 12, 'frames that are seen', 60);
  await going(station, 35, 30);
};

/** Compares every picture that comes out with what it should show: its own number, and that of its masks. */
async function expectExact(url: string, policy: Policy, milliseconds: number): Promise<void> {
  const model = await readingModel(ready, milliseconds);
  const colours = COLOURS;
  const given = { url, ready, model, words: WORDS, policy, colours, shortSide: 384 };
  await using station = await startStation(given);
  // What waited for the connection comes in a heap, too fast for names to follow: they do not flicker.
  await going(station, 40);
  const begun = station.shown.length;
  const pictures = new Map<number, Uint8Array>();
  const leave = station.stream.watchPictures(({ jpeg, pts }) =>
    pictures.set(Math.round(wallOf(pts as never)), jpeg),
  );
  await going(station, 50);
  leave();
  let compared = 0;
  const numbers = new Map<number, number>();
  for (const { index, wall, masks } of station.shown.slice(begun)) {
    const jpeg = pictures.get(Math.round(wall));
    if (!jpeg || !masks) continue;
    const { number, painted } = await readPicture(jpeg);
    expect(number).toBeTypeOf('number');
    numbers.set(index, number!);
    const base = number! - index;
    expect([index, painted]).toEqual([index, (((base + masks.index) % 5) + 5) % 5]);
    compared++;
  }
  expect(compared).toBeGreaterThan(35);
  // No frame is missing, none is there twice.
  const offsets = new Set([...numbers].map(([index, number]) => number - index));
  expect(offsets.size).toBe(1);
  const own = station.shown.filter(({ index, masks }) => masks?.index === index).length;
  if (policy === 1) expect(own).toBe(station.shown.length);
  else expect(own).toBeLessThan(station.shown.length);
  expectLedger(station);
  expect(station.troubles).toEqual([]);
}

describe('pictures and masks', () => {
  it.each([
    ['the newest frame whenever the model is free', 'latest', 70],
    ['each third', 3, 20],
    ['all', 1, 5],
  ] as const)('are frame-exact: %s', async (_, policy, milliseconds) => {
    await using camera = await startCamera({ file: numbered, fps: 25 });
    await expectExact(camera.url, policy, milliseconds);
  });

  it.runIf(gst)("are frame-exact of GStreamer's server (where that is installed)", async () => {
    await using camera = await startGstCamera({ file: join(folder, 'numbered.mp4') });
    await expectExact(camera.url, 'latest', 70);
  });
});

describe('a part that dies', () => {
  let camera: Camera;
  beforeAll(async () => {
    camera = await startCamera({ file: street, fps: 24 });
  });
  afterAll(() => camera.close());

  it.each([
    ['the encoder', 'libx264'],
    ['the decoder', 'rgb24'],
    ['the reader', 'rtsp_transport'],
  ])('%s: the stream goes on', async (_, what) => {
    await using station = await startStation({ url: camera.url, ready });
    await going(station);
    const [pid] = await station.children(what);
    process.kill(pid, 'SIGKILL');
    const before = station.shown.length;
    await until(async () => (await station.children(what)).some((other) => other !== pid), 'another one');
    await going(station, 20);
    expect(station.shown.length).toBeGreaterThan(before);
    expectLedger(station);
  });

  it('an encoder that stands still is replaced', async () => {
    await using station = await startStation({ url: camera.url, ready, backlog: 700 });
    await going(station);
    const [pid] = await station.children('libx264');
    process.kill(pid, 'SIGSTOP');
    await until(
      async () => (await station.children('libx264')).some((other) => other !== pid),
      'another one',
    );
    await going(station, 20);
    expect(station.stream.stats().frames.dropped.map(({ reason }) => reason)).toContain('ENCODER');
    expectLedger(station);
  });
});

describe('an output that fails', () => {
  it('is tried again while the others go on: a target that is away, comes, and goes', async () => {
    await using camera = await startCamera({ file: street, fps: 24 });
    const target = await startPublishTarget();
    await target.close();
    const hls = { folder: join(folder, 'hls'), seconds: 1, segments: 4 };
    await using station = await startStation({ url: camera.url, ready, outputs: { hls, rtsp: target.url } });
    await until(
      () => station.stream.outputs.get('rtsp') !== undefined && station.shown.length > 10,
      'the failure',
    );
    await until(() => station.stream.outputs.get('hls') === undefined, 'HLS');
    await target.listen();
    await until(() => target.units.length > 10, 'units', 15);
    target.cut();
    const begun = target.units.length;
    await until(() => target.units.length > begun + 10, 'further units', 15);
    expect(await readFile(join(hls.folder, 'index.m3u8'), 'utf8')).toMatch(/\d+\.m4s\n/);
    expectLedger(station);
    await target.close();
  });

  it.runIf(root)(
    'finds the disk full: the stream goes on, and so does the output (mounting needs root)',
    async () => {
      await using camera = await startCamera({ file: street, fps: 24 });
      const place = join(folder, 'small');
      await mkdir(place);
      await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', place]);
      try {
        const hls = { folder: place, seconds: 1, segments: 2 };
        await using station = await startStation({ url: camera.url, ready, outputs: { hls } });
        await until(() => station.stream.outputs.get('hls') === undefined, 'HLS');
        const filler = join(place, 'filler');
        await promisify(execFile)('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k']).catch(() => {}); // Until it is full.
        await until(() => station.stream.outputs.get('hls') !== undefined, 'the failure');
        expect(station.stream.outputs.get('hls')).toMatch(/No space left/);
        await going(station, 20);
        await rm(filler);
        await until(() => station.stream.outputs.get('hls') === undefined, 'HLS again', 25);
        expectLedger(station);
      } finally {
        await promisify(execFile)('umount', ['-l', place]);
      }
    },
  );

  it('loses its folder: the stream goes on, and so does the output when there is one again', async () => {
    await using camera = await startCamera({ file: street, fps: 24 });
    const place = join(folder, 'lost');
    await mkdir(place);
    const hls = { folder: place, seconds: 1, segments: 4 };
    await using station = await startStation({ url: camera.url, ready, outputs: { hls } });
    await until(() => station.stream.outputs.get('hls') === undefined, 'HLS');
    // As when a disk is pulled out.
    await rm(place, { recursive: true, maxRetries: 10 });
    await writeFile(place, '');
    await until(() => station.stream.outputs.get('hls') !== undefined, 'the failure');
    await going(station, 20);
    await rm(place);
    await mkdir(place);
    await until(() => station.stream.outputs.get('hls') === undefined, 'HLS again', 20);
    expectLedger(station);
  });
});

describe('other words while it runs', () => {
  it('leave no gap and no thing without its id; what cannot be used leaves the old ones', async () => {
    // A still picture: what is seen does not change but by its names.
    const [picture, still] = [join(folder, 'still.png'), join(folder, 'still.mp4')];
    await ffmpeg('-ss', '3', '-i', 'test/fixtures/toytown/watch.mp4', '-frames:v', '1', picture);
    const loop = ['-loop', '1', '-framerate', '25', '-i', picture, '-t', '4', '-pix_fmt', 'yuv420p'];
    await ffmpeg(...loop, '-c:v', 'libx264', '-bf', '0', '-g', '25', still);
    await using camera = await startCamera({
      file: await annexB(still, join(folder, 'still.h264')),
      fps: 25,
    });
    // A busy machine leaves nothing out for being late.
    await using station = await startStation({ url: camera.url, ready, shortSide: 384, backlog: 20_000 });
    /** Cars and people, whatever they are called, in each of the last frames; what is small or comes and goes is noise. */
    const seen = ({ shown }: Station, count: number) =>
      shown.slice(-count).map((frame) =>
        frame
          .sightings()
          .filter(({ name, share }) => share > 0.003 && /car|vehicle|person/.test(name))
          .map(({ id }) => id),
      );
    const expectStill = (by: Station) => {
      const now = new Set(seen(by, 12).flat());
      expect(before.filter((id) => !now.has(id))).toEqual([]);
    };
    await seeing(station);
    const [oldest, ...others] = seen(station, 30);
    const before = oldest.filter((id) => others.every((ids) => ids.includes(id)));
    expect(before.length).toBeGreaterThan(2);
    const { stream } = station;
    const animals =
      'cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, bird, fish, frog, snake, mouse';
    // The second before the first is done: in the end it is the second's.
    const first = stream.words(wordsOf(`road, automobile|car, person, tree, sky, ${animals}`));
    const second = stream.words(wordsOf('road, vehicle|car, person, tree, sky'));
    await Promise.all([first, second]);
    await seeing(station);
    expectStill(station);
    const names = new Set(
      station.shown
        .at(-1)!
        .sightings()
        .map(({ name }) => name),
    );
    expect([...names].every((name) => ['vehicle', 'person', 'tree', 'sky', 'road'].includes(name))).toBe(
      true,
    );
    await expect(stream.words(wordsOf('x'.repeat(400)))).rejects.toMatchObject({ code: 'USAGE' });
    await expect(stream.words({ ...wordsOf('x'), names: [] })).rejects.toMatchObject({ code: 'USAGE' });
    await going(station, 10);
    expect(
      station.shown
        .at(-1)!
        .sightings()
        .some(({ name }) => name === 'vehicle'),
    ).toBe(true);
    // No frame is missing from the first to the last.
    const indices = station.shown.map(({ index }) => index);
    expect(indices).toEqual(indices.map((_, i) => indices[0] + i));
    expectLedger(station);

    const memory = stream.memory();
    await using next = await startStation({
      url: camera.url,
      ready,
      memory,
      shortSide: 384,
      words: 'road, car, person, tree, sky',
    });
    await seeing(next);
    expect(next.shown[0].index).toBeGreaterThan(indices.at(-1)!);
    expectStill(next);
  });
});

it('bounds what waits: a model that hangs makes frames not shown, and counted', async () => {
  await using camera = await startCamera({ file: street, fps: 24 });
  let hang = false;
  const model = {
    ...ready.model,
    analyse: async (...args: Parameters<typeof ready.model.analyse>) => {
      while (hang) await sleep(50);
      return await ready.model.analyse(...args);
    },
  };
  await using station = await startStation({ url: camera.url, ready, model, backlog: 600 });
  await going(station);
  hang = true;
  await until(() => station.stream.stats().frames.dropped.some(({ count }) => count > 15), 'drops');
  expect(station.stream.stats().frames.under_way).toBeLessThan(40);
  hang = false;
  await going(station, 20);
  expectLedger(station);
});
