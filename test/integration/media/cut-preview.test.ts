import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preview } from '../../../src/media/preview.ts';
import { makeNumbered, readNumber } from '../../fixtures/live/numbered.ts';
import { never, PATHS, scratch } from './numbered.ts';

/** Previews: small animations whose pictures lie evenly over the video. */

let folder: Awaited<ReturnType<typeof scratch>>;
let long: string;
const clip = { fps: 10, width: 640, height: 360, codec: 'h264', gop: 10 } as const;

beforeAll(async () => {
  folder = await scratch();
  long = await makeNumbered(folder.file('long.mp4'), { ...clip, seconds: 24 });
});
afterAll(() => folder[Symbol.asyncDispose]());

/** The numbers in its pictures, and for how many milliseconds each is shown. */
async function read(path: string) {
  const file = await readFile(path);
  const {
    pages = 1,
    delay = [],
    loop,
    width,
    pageHeight,
    height,
  } = await sharp(file, { animated: true }).metadata();
  const numbers: (number | undefined)[] = [];
  for (let page = 0; page < pages; page++) {
    const { data, info } = await sharp(file, { page })
      .grayscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    numbers.push(readNumber(new Uint8Array(data), info.width, info.height));
  }
  return { numbers, delay, loop, size: [width, pageHeight ?? height] };
}

describe.each(['webp', 'gif'])('a preview as .%s', (extension) => {
  const make = async (video: string, options: Parameters<typeof preview>[2]) => {
    const output = folder.file(`preview.${extension}`);
    await preview(video, output, options, PATHS, never);
    return read(output);
  };

  it('of a long video is faster', async () => {
    const { numbers, delay, loop, size } = await make(long, { seconds: 3, width: 320, fps: 4 });
    expect(size).toEqual([320, 180]);
    expect([loop, delay]).toEqual([0, Array.from({ length: 12 }, () => 250)]);
    // 240 pictures in 12.
    for (const [i, number] of numbers.entries()) expect(Math.abs(number! - i * 20)).toBeLessThanOrEqual(12);
  });

  it('of a short one is as fast as it is, and not larger', async () => {
    const short = await makeNumbered(folder.file('short.mp4'), {
      ...clip,
      seconds: 2,
      width: 200,
      height: 112,
    });
    const { numbers, delay, size } = await make(short, { width: 320, fps: 4 });
    expect(size).toEqual([200, 112]);
    expect(delay.every((one) => one === 250)).toBe(true);
    expect([7, 8, 9]).toContain(numbers.length);
    for (const [i, number] of numbers.entries()) expect(Math.abs(number! - i * 2.5)).toBeLessThanOrEqual(2);
  });

  it('of a single picture is that', async () => {
    const single = await makeNumbered(folder.file('single.mp4'), { ...clip, seconds: 0.1, first: 77 });
    expect((await make(single, { seconds: 0.1, width: 320, fps: 4 })).numbers).toEqual([77]);
  });

  it('of a very long one is made of its key frames', async () => {
    const { numbers } = await make(long, { seconds: 1, width: 320, fps: 4 });
    expect(numbers).toHaveLength(4);
    for (const [i, number] of numbers.entries()) {
      expect(number! % 10).toBe(0);
      expect(Math.abs(number! - i * 60)).toBeLessThanOrEqual(40);
    }
  });
});

it('says where ffmpeg has no WebP, and knows no other formats', async () => {
  const ffmpeg = folder.file('ffmpeg-without-webp');
  await writeFile(ffmpeg, '#!/bin/sh\nexec ffmpeg "$@" | grep -v webp\n');
  await chmod(ffmpeg, 0o755);
  const make = (name: string) =>
    preview(long, folder.file(name), { width: 320, fps: 4 }, { ...PATHS, ffmpeg }, never);
  await expect(make('no.webp')).rejects.toMatchObject({ code: 'ENCODER_MISSING', message: /libwebp.*\.gif/ });
  await expect(make('no.png')).rejects.toMatchObject({ code: 'OUTPUT_FORMAT' });
  await expect(
    preview(folder.file('x.mp4'), folder.file('no.gif'), { width: 320, fps: 4 }, PATHS, never),
  ).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  expect((await readdir(folder.path)).filter((name) => /no\./.test(name))).toEqual([]);
});
