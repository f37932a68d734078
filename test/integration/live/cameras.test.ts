import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { annexB, makeNumbered } from '../../fixtures/live/numbered.ts';
import { type CameraOptions, startCamera } from '../../fixtures/live/rtsp-server.ts';
import { multicastWorks, packetClient, until, type WatchOptions, watch } from './rtsp-client.ts';

/** The cameras that other tests look at do what they are asked to, and ffmpeg takes them for cameras. */

const FPS = 25;
const GOP = 10;
const PICTURES = 50;
/** One picture's time on the clock of 90 kHz. */
const STEP = 90_000 / FPS;

let folder = '';
const file = (name: string) => join(folder, name);
const pem = (name: string) => readFile(new URL(`../../fixtures/localhost.${name}.pem`, import.meta.url));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cameras-'));
  const size = { seconds: PICTURES / FPS, fps: FPS, gop: GOP, width: 640, height: 352 };
  const make = async (name: string, options: Partial<Parameters<typeof makeNumbered>[1]>) =>
    annexB(await makeNumbered(file(`${name}.mkv`), { ...size, codec: 'h264', ...options }), file(name));
  await make('main', {});
  await make('order', { bframes: 2, gop: 25 });
  await make('sub', { codec: 'hevc', first: 1000 });
  await make('small', { width: 320, height: 176, first: 2000 });
  await make('jpegs', { codec: 'mjpeg', width: 320, height: 176 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** From a number on, one after the other, as the clip is played over and over. */
function run(from: number | undefined, count: number): number[] {
  const base = Math.floor((from ?? 0) / 1000) * 1000;
  return Array.from({ length: count }, (_, i) => base + (((from ?? 0) - base + i) % PICTURES));
}

function differences(timestamps: readonly number[]): number[] {
  return timestamps.slice(1).map((timestamp, i) => (timestamp - timestamps[i]!) | 0);
}

interface Way {
  camera?: () => Promise<Partial<CameraOptions>>;
  who?: string;
  watch?: WatchOptions;
}

const ways: Record<string, Way> = {
  TCP: { watch: { transport: 'tcp' } },
  UDP: { watch: { transport: 'udp' } },
  ...((await multicastWorks()) ? { multicast: { watch: { transport: 'udp_multicast' } } } : {}),
  'a tunnel through HTTP': { watch: { transport: 'http' } },
  TLS: { camera: async () => ({ tls: { key: await pem('key'), cert: await pem('cert') } }) },
  'TCP, as UDP is refused': { camera: async () => ({ transports: ['tcp'] }) },
  'a password': {
    camera: async () => ({ auth: { kind: 'basic', user: 'me', password: 'a b' } }),
    who: 'me:a%20b@',
    watch: { transport: 'tcp' },
  },
  'a password that is not sent': {
    camera: async () => ({ auth: { kind: 'digest', user: 'me', password: 'secret' } }),
    who: 'me:secret@',
    watch: { transport: 'tcp' },
  },
  'a description without parameter sets': {
    camera: async () => ({ sdp: { parameterSets: false, framerate: 90_000 } }),
    watch: { transport: 'tcp' },
  },
  'sound beside it': { camera: async () => ({ audio: true }), watch: { transport: 'tcp' } },
  'pictures out of order': {
    camera: async () => ({ file: file('order') }),
    watch: { transport: 'tcp', frames: 40 },
  },
  HEVC: { camera: async () => ({ file: file('sub'), codec: 'hevc' }), watch: { transport: 'tcp' } },
  MJPEG: { camera: async () => ({ file: file('jpegs'), codec: 'mjpeg' }), watch: { transport: 'tcp' } },
  'the end of the timestamps': {
    camera: async () => ({ timestampBase: 2 ** 32 - 6 * STEP }),
    watch: { transport: 'tcp', frames: 30 },
  },
};

describe.concurrent('ffmpeg gets the pictures', () => {
  test.each(Object.entries(ways))('with %s', async (_, way) => {
    await using camera = await startCamera({ file: file('main'), fps: FPS, ...(await way.camera?.()) });
    const url = camera.url.replace('://', `://${way.who ?? ''}`);
    const seen = await watch(url, way.watch);
    expect(seen.code).toBe(0);
    expect(seen.numbers).toEqual(run(seen.numbers[0], way.watch?.frames ?? 12));
    await until(() => camera.clients === 0, 'the client to leave');
    expect(camera.connections).toBe(1);
  });

  test('of each of two tracks', async () => {
    const tracks = [{ file: file('main') }, { file: file('sub'), codec: 'hevc' as const, fps: 10 }];
    await using camera = await startCamera({ tracks, audio: true });
    const [first, second] = await Promise.all([
      watch(camera.url, { transport: 'tcp' }),
      watch(camera.url, { transport: 'udp', map: '0:v:1' }),
    ]);
    expect(first.numbers).toEqual(run(first.numbers[0], 12));
    expect(second.numbers).toEqual(run(second.numbers[0], 12));
    expect(second.numbers[0]).toBeGreaterThanOrEqual(1000);
  });

  test('of another size on the same connection', async () => {
    await using camera = await startCamera({ file: file('main') });
    const watching = watch(camera.url, { transport: 'tcp', frames: 60 });
    await until(() => camera.clients === 1, 'the client');
    await sleep(1200);
    await camera.play(file('small'));
    const { numbers } = await watching;
    const at = numbers.findIndex((number) => number !== undefined && number >= 2000);
    expect(at).toBeGreaterThan(5);
    expect(numbers.slice(at)).toEqual(run(2000, 60 - at));
    expect(camera.connections).toBe(1);
  });
});

describe.concurrent('ffmpeg gets no more', () => {
  test.each(['404', '401', '503', 'closed'] as const)('where it is refused by %s', async (mode) => {
    await using camera = await startCamera({ file: file('main') });
    await camera.refuse(mode);
    expect((await watch(camera.url, { transport: 'tcp' })).code).not.toBe(0);
    await camera.refuse(null);
    expect((await watch(camera.url, { transport: 'tcp', frames: 2 })).numbers).toHaveLength(2);
  });

  test.each(['basic', 'digest'] as const)('with a wrong password (%s)', async (kind) => {
    await using camera = await startCamera({
      file: file('main'),
      auth: { kind, user: 'me', password: 'right' },
    });
    const seen = await watch(camera.url.replace('://', '://me:wrong@'), { transport: 'tcp' });
    expect(seen.code).not.toBe(0);
    expect(seen.said).toContain('401');
  });

  test('at another path', async () => {
    await using camera = await startCamera({ file: file('main'), path: '/cam?channel=1' });
    expect((await watch(camera.url.replace('cam', 'dog'), { transport: 'tcp' })).code).not.toBe(0);
    expect((await watch(camera.url, { transport: 'tcp', frames: 2 })).code).toBe(0);
  });

  test('where only half a picture came', async () => {
    await using camera = await startCamera({ file: file('main') });
    const watching = watch(camera.url, { transport: 'tcp', frames: 100, args: ['-timeout', '500000'] });
    await until(() => camera.clients === 1, 'the client');
    await sleep(1500);
    camera.halt();
    const { numbers } = await watching;
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.length).toBeLessThan(60);
    expect((await watch(camera.url, { transport: 'tcp', frames: 2 })).numbers).toHaveLength(2);
  });
});

describe.concurrent('a camera', () => {
  test('goes by the clock', async () => {
    await using camera = await startCamera({
      file: file('main'),
      timestampBase: 2 ** 32 - 25 * STEP,
      reportEveryMs: 300,
    });
    await using client = await packetClient(camera.url);
    await until(() => client.packets.length > 0, 'packets');
    const start = performance.now();
    await until(() => client.timestamps().length > 40, 'pictures');
    const pictures = client.timestamps();
    expect((performance.now() - start) / 1000).toBeCloseTo(40 / FPS, 0);
    expect(differences(pictures)).toEqual(Array(pictures.length - 1).fill(STEP));
    expect(Math.max(...pictures)).toBeGreaterThan(2 ** 31);
    expect(Math.min(...pictures)).toBeLessThan(2 ** 31);
    expect(client.reports.length).toBeGreaterThan(3);
    const [first, last] = [client.reports[0]!, client.reports.at(-1)!];
    const seconds = (report: Buffer) => report.readUInt32BE(8) + report.readUInt32BE(12) / 2 ** 32;
    const said = ((last.readUInt32BE(16) - first.readUInt32BE(16)) | 0) / 90_000;
    expect(Math.abs(seconds(last) - seconds(first) - said)).toBeLessThan(0.1);
    expect(Math.abs(seconds(last) - 2_208_988_800 - Date.now() / 1000)).toBeLessThan(2);
  });

  test('jumps, strays and repeats', async () => {
    await using camera = await startCamera({ file: file('main') });
    await using client = await packetClient(camera.url);
    const odd = async (change: () => void, count: number) => {
      await until(() => client.timestamps().length > 2, 'pictures');
      const before = client.timestamps().length;
      change();
      await until(() => client.timestamps().length > before + 5, 'pictures');
      return differences(client.timestamps().slice(before - 1))
        .filter((step) => step !== STEP)
        .slice(0, count);
    };
    expect(await odd(() => camera.jump(7), 9)).toEqual([7 * 90_000 + STEP]);
    expect(await odd(() => camera.jump(-3), 9)).toEqual([-3 * 90_000 + STEP]);
    expect(await odd(() => camera.stray(1), 9)).toEqual([90_000 + STEP, -90_000 + STEP]);
    expect(await odd(() => camera.duplicate(), 9)).toEqual([0]);
  });

  test('loses packets', async () => {
    await using camera = await startCamera({ file: file('main') });
    camera.lose(0.2);
    await using client = await packetClient(camera.url);
    await until(() => client.packets.length > 150, 'packets');
    const numbers = client.packets.map(({ sequence }) => sequence);
    const sent = ((numbers.at(-1)! - numbers[0]!) & 0xffff) + 1;
    expect(Math.abs(client.packets.length / sent - 0.8)).toBeLessThan(0.08);
  });

  test('stands still, and goes on', async () => {
    await using camera = await startCamera({ file: file('main') });
    await using client = await packetClient(camera.url);
    await until(() => client.timestamps().length > 5, 'pictures');
    camera.stalled = true;
    await sleep(50);
    const before = client.packets.length;
    const answer = client.ask('OPTIONS');
    await using late = (await Promise.race([packetClient(camera.url), sleep(400)])) ?? undefined;
    expect(late).toBeUndefined();
    expect(client.packets).toHaveLength(before);
    expect(client.closed).toBe(false);
    camera.stalled = false;
    expect(await answer).toBe('200');
    await until(() => client.packets.length > before + 5, 'more pictures');
  });

  test('keeps its parameter sets for later', async () => {
    await using camera = await startCamera({ file: file('main') });
    camera.delayParameterSets(1);
    await using client = await packetClient(camera.url);
    expect(client.sdp).not.toContain('sprop');
    const types = () => client.packets.map(({ payload }) => payload[0]! & 31);
    await until(() => client.packets.length > 5, 'pictures');
    expect(types()).not.toContain(7);
    await until(() => types().includes(7) && types().includes(8), 'parameter sets');
    await using other = await packetClient(camera.url);
    expect(other.sdp).toContain('sprop');
  });

  test('is cut off, starts again and changes its codec', async () => {
    await using camera = await startCamera({ file: file('main'), startAnywhere: true });
    const { url } = camera;
    for (const end of [
      camera.cut,
      camera.restart,
      () => camera.play(file('sub'), { codec: 'hevc' }),
      camera.close,
    ]) {
      await using client = await packetClient(url);
      await until(() => client.packets.length > 0, 'packets');
      expect(camera.clients).toBe(1);
      await end();
      await until(() => client.closed, 'the end');
    }
    expect(camera.connections).toBe(4);
    // Its port is free.
    await using next = await startCamera({ file: file('main'), port: camera.port });
    expect(next.url).toBe(url);
  });
});
