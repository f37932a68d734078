import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { annexB, makeNumbered } from '../../fixtures/live/numbered.ts';
import { startCamera } from '../../fixtures/live/rtsp-server.ts';
import { view } from './reading-viewer.ts';
import { packetClient } from './rtsp-client.ts';

/**
 * How long a picture is on its way from the camera to us, in pictures: at a low rate that tells how many of them are held back
 * for the next one, whatever the machine's speed.
 */

const FPS = 5;
const FRAME = 1000 / FPS;
/** Bytes at the end of a picture by which it is known. */
const TAIL = 12;
let folder = '';
const file = (name: string) => join(folder, name);
/** Without what ffmpeg puts there: zeros, or the mark at the end of a JPEG. */
const tailOf = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('latin1')
    .replace(/(\xff\xd9|\0)+$/, '')
    .slice(-TAIL);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'delay-'));
  const size = { seconds: 20, fps: FPS, gop: 5, width: 320, height: 176 };
  for (const codec of ['h264', 'hevc', 'mjpeg'] as const)
    await annexB(await makeNumbered(file(`${codec}.mkv`), { ...size, codec }), file(codec));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.concurrent('a picture is there', () => {
  test.each([
    // Its end is known by the beginning of the next one.
    ['h264', false, 1.5],
    ['h264', true, 1.5],
    ['hevc', false, 1.5],
    ['mjpeg', false, 0.5],
  ] as const)('%s, with sound: %s, in %f intervals', async (codec, audio, most) => {
    await using camera = await startCamera({ file: file(codec), codec, fps: FPS, audio });
    await using witness = await packetClient(camera.url);
    const sent = new Map<string, number>();
    let seen = 0;
    const look = setInterval(() => {
      for (; seen < witness.packets.length; seen++) {
        const { marker, payload } = witness.packets[seen]!;
        if (marker) sent.set(tailOf(payload), Date.now());
      }
    }, 5);
    try {
      await using viewer = view({ url: camera.url, audio });
      await viewer.more(25);
      await viewer.stop();
      // What came while ffmpeg was still looking at the stream comes in a heap.
      const waits = viewer.pictures.slice(-12).flatMap(({ arrival, data }) => {
        const at = sent.get(tailOf(data));
        return at === undefined ? [] : [(arrival - at) / FRAME];
      });
      expect(waits.length).toBeGreaterThan(8);
      const median = waits.sort((a, b) => a - b)[waits.length >> 1]!;
      expect(median).toBeLessThan(most);
      expect(median).toBeGreaterThan(-0.2);
    } finally {
      clearInterval(look);
    }
  });
});
