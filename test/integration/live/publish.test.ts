import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSlice, nalUnits } from '../../fixtures/live/elementary.ts';
import { gstAvailable, startGstCamera } from '../../fixtures/live/gst-camera.ts';
import { accessUnits, annexB, makeNumbered } from '../../fixtures/live/numbered.ts';
import { startPublishTarget } from '../../fixtures/live/publish-server.ts';
import { until, watch } from './rtsp-client.ts';

/** Where streams are published to, and somebody else's camera. */

const PICTURES = 60;
let folder = '';
let clip = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
  const size = { seconds: 3, fps: 20, gop: 10, width: 640, height: 352 };
  clip = await makeNumbered(join(folder, 'clip.mp4'), { ...size, codec: 'h264' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An ffmpeg that publishes the clip. */
async function publisher(url: string, loops = 0) {
  const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', `${loops}`, '-i', clip];
  const output = ['-c', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp', url];
  const child: ChildProcess = spawn('ffmpeg', [...input, ...output], { stdio: 'ignore' });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return {
    exit,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

describe.concurrent('a publish target', () => {
  test('collects what ffmpeg publishes', async () => {
    await using target = await startPublishTarget();
    await using publishing = await publisher(target.url);
    await until(() => target.publishers === 1, 'the publisher');
    expect(await publishing.exit).toBe(0);
    await until(() => target.publishers === 0, 'its end');

    const sent = accessUnits(await readFile(await annexB(clip, join(folder, 'clip.h264'))), 'h264');
    const slices = (data: Buffer) => nalUnits(data).filter((nal) => isSlice(nal, 'h264'));
    expect(target.units.map(({ key }) => key)).toEqual(sent.map(({ key }) => key));
    expect(target.units.map(({ data }) => slices(data))).toEqual(sent.map(({ data }) => slices(data)));
    expect(target.gaps).toBe(0);
    const [first, last] = [target.units[0]!, target.units.at(-1)!];
    expect((last.rtpTimestamp - first.rtpTimestamp) >>> 0).toBe(((PICTURES - 1) * 90_000) / 20);
    expect((last.at - first.at) / 1000).toBeCloseTo((PICTURES - 1) / 20, 0);
  });

  test('plays it on, with a password', async () => {
    await using target = await startPublishTarget({
      auth: { kind: 'digest', user: 'me', password: 'secret' },
    });
    const url = target.url.replace('://', '://me:secret@');
    await using wrong = await publisher(target.url.replace('://', '://me:wrong@'));
    expect(await wrong.exit).not.toBe(0);
    await using _ = await publisher(url, -1);
    await until(() => target.publishers === 1, 'the publisher');
    const { numbers, code } = await watch(url, { transport: 'tcp' });
    expect(code).toBe(0);
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0]! + i) % PICTURES));
    expect(numbers).toHaveLength(12);
  });

  test('cuts off, goes away and comes back', async () => {
    await using target = await startPublishTarget();
    const { url } = target;
    for (const end of [target.cut, target.close]) {
      await using publishing = await publisher(url, -1);
      await until(() => target.units.length > 5 && target.publishers === 1, 'pictures');
      await end();
      expect(await publishing.exit).not.toBe(0);
    }
    await using failing = await publisher(url);
    expect(await failing.exit).not.toBe(0);
    await target.listen();
    await using _ = await publisher(url, -1);
    await until(() => target.publishers === 1, 'the publisher');
    expect(target.publications).toBe(3);
  });
});

const gst = await gstAvailable();

describe.runIf(gst)("GStreamer's camera", () => {
  test('plays, stands still, dies and comes back', async () => {
    await using camera = await startGstCamera({ file: clip });
    const { url } = camera;
    // Longer than the clip.
    const { numbers } = await watch(url, { transport: 'tcp', frames: PICTURES + 20 });
    expect(numbers).toHaveLength(PICTURES + 20);
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0]! + i) % PICTURES));
    camera.stop();
    const args = ['-timeout', '500000'];
    expect((await watch(url, { transport: 'tcp', args })).numbers).toHaveLength(0);
    camera.go();
    expect((await watch(url, { transport: 'udp' })).numbers).toHaveLength(12);
    await camera.kill();
    expect((await watch(url, { transport: 'tcp' })).code).not.toBe(0);
    await camera.restart();
    expect(camera.url).toBe(url);
    expect((await watch(url, { transport: 'tcp' })).numbers).toHaveLength(12);
  });

  test('plays HEVC', async () => {
    const size = { seconds: 2, fps: 20, gop: 10, width: 320, height: 176 };
    const hevc = await makeNumbered(join(folder, 'hevc.ts'), { ...size, codec: 'hevc' });
    await using camera = await startGstCamera({ file: hevc });
    const { numbers } = await watch(camera.url, { transport: 'tcp' });
    expect(numbers).toHaveLength(12);
    expect(numbers).not.toContain(undefined);
  });
});
