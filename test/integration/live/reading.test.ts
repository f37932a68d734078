import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wallOf } from '../../../src/media/rtsp/clock.ts';
import type { CameraAddress } from '../../../src/media/rtsp/source.ts';
import { annexB, makeNumbered } from '../../fixtures/live/numbered.ts';
import { type CameraOptions, startCamera } from '../../fixtures/live/rtsp-server.ts';
import { decoded, expectGoodTimes, serve, view } from './reading-viewer.ts';
import { multicastWorks, until } from './rtsp-client.ts';

/** Every kind of camera that an address may name, read with nothing lost and with times of our clock. */

const FPS = 25;
let folder = '';
const file = (name: string) => join(folder, name);
const pem = (name: string) => readFile(new URL(`../../fixtures/localhost.${name}.pem`, import.meta.url));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reading-'));
  const size = { seconds: 2, fps: FPS, gop: 10, width: 320, height: 176 };
  const make = async (name: string, options: Partial<Parameters<typeof makeNumbered>[1]>) =>
    annexB(await makeNumbered(file(`${name}.mp4`), { ...size, codec: 'h264', ...options }), file(name));
  await make('main', {});
  await make('order', { bframes: 2, gop: 25 });
  await make('hevc', { codec: 'hevc', first: 1000 });
  await make('hevc-order', { codec: 'hevc', bframes: 3, gop: 25 });
  await make('jpegs', { codec: 'mjpeg' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** No picture is missing: their numbers go round. */
function expectAll(numbers: readonly (number | undefined)[], base = 0, pictures = 50): void {
  const first = (numbers[0] ?? 0) - base;
  expect(numbers).toEqual(numbers.map((_, i) => base + ((first + i) % pictures)));
}

interface Way {
  camera?: () => Promise<Partial<CameraOptions>>;
  address?: Partial<CameraAddress>;
  who?: string;
  base?: number;
}

const ways: Record<string, Way> = {
  TCP: {},
  UDP: { address: { transport: 'udp' } },
  ...((await multicastWorks()) ? { multicast: { address: { transport: 'multicast' } } } : {}),
  'a tunnel through HTTP': { address: { transport: 'http' } },
  TLS: { camera: async () => ({ tls: { key: await pem('key'), cert: await pem('cert') } }) },
  'a password': {
    camera: async () => ({ auth: { kind: 'basic', user: 'me', password: 'p@s:s/w%rd?#' } }),
    who: 'me:p%40s%3As%2Fw%25rd%3F%23@',
  },
  'a password that is not sent': {
    camera: async () => ({ auth: { kind: 'digest', user: 'me', password: 'p@s:s/w%rd?#' } }),
    who: 'me:p%40s%3As%2Fw%25rd%3F%23@',
  },
  HEVC: { camera: async () => ({ file: file('hevc'), codec: 'hevc' }), base: 1000 },
  MJPEG: { camera: async () => ({ file: file('jpegs'), codec: 'mjpeg' }) },
  'no sound, where it is wanted': { address: { audio: true } },
  'a rate of 0 in its description': { camera: async () => ({ sdp: { framerate: 0 } }) },
  'a rate of 90000 in its description': {
    camera: async () => ({ sdp: { framerate: 90_000, parameterSets: false } }),
  },
  'clients that begin anywhere': { camera: async () => ({ startAnywhere: true }) },
};

describe.concurrent('RTSP is read', () => {
  test.each(Object.entries(ways))('with %s', async (_, way) => {
    await using camera = await startCamera({ file: file('main'), fps: FPS, ...(await way.camera?.()) });
    await using viewer = view({ url: camera.url.replace('://', `://${way.who ?? ''}`), ...way.address });
    await viewer.more(30);
    expect(viewer.pictures[0]!.key).toBe(true);
    expect(await viewer.stop()).toBeLessThan(2000);
    expectGoodTimes(viewer);
    const shown = await decoded(viewer.pictures);
    expect(shown).toHaveLength(viewer.pictures.length);
    expectAll(
      shown.map(({ number }) => number),
      way.base,
    );
    expect(viewer.away).toEqual([]);
    // A heap at the beginning apart, times are as even as those of the camera.
    const steps = shown.slice(15).map(({ pts }, i) => (pts - shown[14 + i]!.pts) / 90);
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(38);
    expect(camera.connections).toBe(1);
  });

  test.each([
    ['order', 'h264'],
    ['hevc-order', 'hevc'],
  ] as const)('with pictures out of order (%s)', async (name, codec) => {
    await using camera = await startCamera({ file: file(name), codec, fps: FPS });
    await using viewer = view({ url: camera.url });
    await viewer.more(50);
    await viewer.stop();
    expectGoodTimes(viewer);
    const shown = await decoded(viewer.pictures);
    const times = shown.map(({ pts }) => pts);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    // Those at the end lack what they are made of.
    expectAll(shown.slice(0, 45).map(({ number }) => number));
    expect(shown.slice(0, 45).every(({ pts }, i) => i === 0 || pts > shown[i - 1]!.pts)).toBe(true);
  });

  test('with another track', async () => {
    const tracks = [{ file: file('main') }, { file: file('hevc'), codec: 'hevc' as const, fps: 10 }];
    await using camera = await startCamera({ tracks, audio: true });
    await using viewer = view({ url: camera.url, track: 1 });
    await viewer.more(15);
    expect((await decoded(viewer.pictures))[0]!.number).toBeGreaterThanOrEqual(1000);
  });

  test('with sound', async () => {
    await using camera = await startCamera({
      file: file('main'),
      fps: FPS,
      audio: true,
      reportEveryMs: 1500,
    });
    await using viewer = view({ url: camera.url, audio: true });
    await viewer.more(100);
    await viewer.stop();
    expectGoodTimes(viewer);
    const { sound, pictures } = viewer;
    const times = sound.map(({ pts }) => pts as number);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    // The camera sends packets of 20 ms.
    expect(Math.abs((times.at(-1)! - times.at(-51)!) / 90 / 50 - 20)).toBeLessThan(2);
    // It sends both by the same clock: one is not later on its way than the other.
    const mean = (packets: typeof sound) =>
      packets.reduce((sum, { pts, arrival }) => sum + wallOf(pts) - arrival, 0) / packets.length;
    for (const part of [-0.2, -0.5, -0.8]) {
      const some = (packets: typeof sound) =>
        packets.slice(Math.round(packets.length * (1 + part))).slice(0, 20);
      expect(Math.abs(mean(some(pictures)) - mean(some(sound)))).toBeLessThan(250);
    }
  });
});

async function httpServer(answer: Parameters<typeof createServer>[1]) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await until(() => server.listening, 'the server');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const freePort = async () => {
  await using server = await httpServer(() => undefined);
  return Number(new URL(server.url).port);
};

describe.concurrent('what is read, too:', () => {
  const looped = (name: string) => ['-re', '-stream_loop', '-1', '-i', `file:${file(`${name}.mp4`)}`];

  test.each(['main', 'order', 'hevc', 'jpegs'])('a file, over and over (%s)', async (name) => {
    await using viewer = view({ url: file(`${name}.mp4`) });
    const took = await viewer.more(110);
    expect(took).toBeGreaterThan(3500);
    await viewer.stop();
    expectGoodTimes(viewer);
    const shown = await decoded(viewer.pictures);
    const times = shown.map(({ pts }) => pts);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expectAll(
      shown.slice(0, 105).map(({ number }) => number),
      name === 'hevc' ? 1000 : 0,
    );
  });

  test('JPEGs by HTTP, whatever their rate', async () => {
    const jpegs = await readFile(file('jpegs'));
    const pictures = jpegs
      .toString('latin1')
      .split(/(?<=\xff\xd9)(?=\xff\xd8)/)
      .map((text) => Buffer.from(text, 'latin1'));
    await using server = await httpServer((_, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=next' });
      let next = 0;
      const timer = setInterval(() => {
        const picture = pictures[next++ % pictures.length]!;
        response.write(`--next\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`);
        response.write(picture);
        response.write('\r\n');
      }, 100);
      response.on('close', () => clearInterval(timer));
    });
    await using viewer = view({ url: `${server.url}/video.mjpg` });
    await viewer.more(40);
    await viewer.stop();
    expectGoodTimes(viewer, 200);
    expectAll((await decoded(viewer.pictures)).map(({ number }) => number));
  });

  test.each(['mpegts', 'flv'])('a stream by HTTP (%s)', async (format) => {
    const url = `http://127.0.0.1:${await freePort()}/live`;
    await using _ = serve(...looped('order'), '-c', 'copy', '-f', format, '-listen', '1', url);
    await using viewer = view({ url });
    await viewer.more(60);
    await viewer.stop();
    expectGoodTimes(viewer);
    const times = (await decoded(viewer.pictures)).map(({ pts }) => pts);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  test.each(['main', 'order'])('RTMP (%s)', async (name) => {
    const url = `rtmp://127.0.0.1:${await freePort()}/live/cam`;
    await using _ = serve(...looped(name), '-c', 'copy', '-f', 'flv', '-listen', '1', url);
    await using viewer = view({ url });
    await viewer.more(60);
    await viewer.stop();
    expectGoodTimes(viewer);
    const shown = await decoded(viewer.pictures);
    const times = shown.map(({ pts }) => pts);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expectAll(shown.slice(0, 50).map(({ number }) => number));
  });

  test('SRT', async () => {
    const port = await freePort();
    const ts = ['-c', 'copy', '-f', 'mpegts'];
    await using _ = serve(...looped('main'), ...ts, `srt://127.0.0.1:${port}?mode=listener`);
    await using viewer = view({ url: `srt://127.0.0.1:${port}` });
    await viewer.more(50);
    expect(await viewer.stop()).toBeLessThan(2000);
    expectGoodTimes(viewer);
  });

  test('a transport stream by UDP', async () => {
    const url = `udp://127.0.0.1:${await freePort()}`;
    await using viewer = view({ url });
    await using _ = serve(...looped('main'), '-c', 'copy', '-f', 'mpegts', `${url}?pkt_size=1316`);
    await viewer.more(50);
    expect(await viewer.stop()).toBeLessThan(2000);
    expectGoodTimes(viewer);
  });

  test('HLS', async () => {
    await mkdir(file('hls'));
    const hls = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '5', '-hls_flags', 'delete_segments'];
    // As if it had run for ten hours.
    const late = ['-output_ts_offset', '36000', '-c', 'copy', '-muxdelay', '0'];
    await using _ = serve(...looped('main'), ...late, ...hls, `file:${file('hls/live.m3u8')}`);
    await using server = await httpServer(async ({ url = '' }, response) => {
      const bytes = await readFile(file(`hls${url.split('?')[0]}`)).catch(() => undefined);
      response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    await using viewer = view({ url: `${server.url}/live.m3u8` });
    await viewer.more(100, 30);
    expect(await viewer.stop()).toBeLessThan(2000);
    expectGoodTimes(viewer);
    const shown = (await decoded(viewer.pictures)).slice(0, 90);
    expectAll(shown.map(({ number }) => number));
  });
});
