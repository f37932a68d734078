import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accessUnits,
  annexB,
  makeNumbered,
  type NumberedOptions,
  readNumber,
} from '../../fixtures/live/numbered.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'numbered-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SIZE = { seconds: 2, fps: 25, width: 640, height: 360 };
const clips: Record<string, { name: string; options: NumberedOptions }> = {
  'H.264': { name: 'plain.mp4', options: { ...SIZE, codec: 'h264', gop: 10 } },
  'H.264 with pictures out of order': {
    name: 'b.ts',
    options: { ...SIZE, codec: 'h264', gop: 25, bframes: 2, first: 4097 },
  },
  HEVC: { name: 'hevc.mp4', options: { ...SIZE, codec: 'hevc' } },
  'HEVC with pictures out of order': {
    name: 'hevc-b.mkv',
    options: { ...SIZE, codec: 'hevc', bframes: 3, first: 60_000 },
  },
  MJPEG: { name: 'mjpeg.avi', options: { ...SIZE, codec: 'mjpeg' } },
};

/** The numbers in a clip's pictures, as gray ones of that size. */
async function numbers(
  path: string,
  width: number,
  height: number,
  filter = 'null',
): Promise<(number | undefined)[]> {
  const decode = [
    '-v',
    'error',
    '-nostdin',
    '-i',
    path,
    '-vf',
    `${filter},scale=${width}:${height}`,
    '-pix_fmt',
    'gray',
  ];
  const { stdout } = await promisify(execFile)('ffmpeg', [...decode, '-f', 'rawvideo', 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: 2 ** 28,
  });
  const size = width * height;
  return Array.from({ length: stdout.length / size }, (_, i) =>
    readNumber(stdout.subarray(i * size, (i + 1) * size), width, height),
  );
}

test.each(Object.entries(clips))('every picture of %s tells its number', async (_, { name, options }) => {
  const path = await makeNumbered(join(folder, name), options);
  const wanted = Array.from({ length: 50 }, (_, i) => (options.first ?? 0) + i);
  expect(await numbers(path, 640, 360)).toEqual(wanted);
  expect(await numbers(path, 160, 90)).toEqual(wanted);
  const painted = 'drawbox=c=red@0.5:t=fill:w=iw/2,drawbox=c=white@0.5:t=fill:x=iw/2:h=ih/6';
  expect(await numbers(path, 320, 180, painted)).toEqual(wanted);

  const units = accessUnits(await readFile(await annexB(path, join(folder, `${name}.raw`))), options.codec);
  const gop = options.codec === 'mjpeg' ? 1 : (options.gop ?? 25);
  expect(units.map(({ key }) => key)).toEqual(wanted.map((_, i) => i % gop === 0));
  const shown = units.map(({ shift = 0 }, i) => i + shift);
  expect(shown.toSorted((a, b) => a - b)).toEqual([...shown.keys()]);
  expect(shown.some((place, i) => place !== i)).toBe((options.bframes ?? 0) > 0);
});

test('a picture without a number tells none', async () => {
  expect(readNumber(new Uint8Array(64 * 36).fill(90), 64, 36)).toBeUndefined();
  const path = await makeNumbered(join(folder, 'one.mp4'), { ...SIZE, seconds: 0.2, codec: 'h264' });
  const cut = await numbers(path, 640, 360, 'drawbox=c=black:t=fill:w=iw/3');
  expect(cut).toEqual(Array(5).fill(undefined));
  // One field that is turned around, in both rows.
  const turned = await numbers(path, 640, 360, "geq=lum='if(between(X,320,345),255-lum(X,Y),lum(X,Y))'");
  expect(turned).toEqual(Array(5).fill(undefined));
});
