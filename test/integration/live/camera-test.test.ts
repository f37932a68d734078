import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { childrenOf } from '../../../bench/installation.ts';
import { type Config, loadConfig } from '../../../src/config/load.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { making } from '../../../src/queue/making.ts';
import { keyPrefix, openQueues, type Queues } from '../../../src/queue/queues.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { createCameraTests } from '../../../src/streams/camera-tests.ts';
import type { CameraRequest, CameraView } from '../../../src/streams/cameras.ts';
import { cameraWork } from '../../../workers/cameras.ts';
import { annexB, makeNumbered } from '../../fixtures/live/numbered.ts';
import { type Camera, type CameraOptions, startCamera } from '../../fixtures/live/rtsp-server.ts';
import { startRedis, type TestRedis } from '../../fixtures/redis.ts';

/** Cameras are looked at by a worker, through a real queue; nothing of their passwords is left anywhere. */

const FPS = 10;
const prefix = keyPrefix('test');
let folder: string;
let clip: string;
let redis: TestRedis;
let client: RedisClient;
let connection: RedisClient;
let queues: Queues;
let storage: Storage;
let config: Config;
let worker: Worker | undefined;
const stopping = new AbortController();
const failures: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-camera-'));
  const size = { seconds: 4, fps: FPS, gop: FPS, width: 320, height: 176 };
  clip = await annexB(
    await makeNumbered(join(folder, 'clip.mp4'), { ...size, codec: 'h264' }),
    join(folder, 'clip.h264'),
  );
  redis = await startRedis();
  [client, connection] = [0, 1].map(() => connectRedis(parseRedisUrl(redis.url), () => {}));
  queues = openQueues(client, { prefix, attempts: 3, keepSeconds: 60 });
  ({ config } = loadConfig({
    environment: { SIDESTREAM_DATA__DIRECTORY: join(folder, 'data'), HOME: folder },
  }));
  storage = await openStorage(config, join(folder, 'scratch'));
  startWorker();
});
afterEach(async () => {
  // Neither questions nor entries are left, and no process.
  expect(await readdir(join(folder, 'data', 'storage')).catch(() => [])).not.toContain('asked');
  expect(await queues.counts('cameras')).toMatchObject({ prioritized: 0, active: 0, failed: 0 });
  for (const end = Date.now() + 3000; (await ffmpegs()) > 0 && Date.now() < end; ) await sleep(50);
  expect(await ffmpegs()).toBe(0);
});
afterAll(async () => {
  stopping.abort();
  await worker?.close();
  await queues[Symbol.asyncDispose]();
  for (const one of [client, connection]) one.disconnect();
  await storage[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function startWorker(): void {
  const failed = (_: unknown, error: Error) => failures.push(error.message);
  const make = making('cameras', { stopping: stopping.signal, failed }, (payload, stop) =>
    cameraWork(payload, { storage, config }, stop),
  );
  worker = new Worker('cameras', make, { connection, prefix, skipVersionCheck: true, concurrency: 8 });
}

async function ffmpegs(): Promise<number> {
  const names = await Promise.all(
    (await childrenOf(process.pid)).map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')),
  );
  return names.filter((name) => /^ff(mpeg|probe)/.test(name)).length;
}

const test = (request: CameraRequest, signal = AbortSignal.timeout(40_000)): Promise<CameraView> => {
  const guard = createGuard({ allow: ['private'] });
  return createCameraTests({ config, guard, storage, queues }).test(request, { id: 'me' }, signal);
};
const camera = (options: Partial<CameraOptions> = {}): Promise<Camera> =>
  startCamera({ file: clip, fps: FPS, ...options });
const as = (user: string, { url }: Camera) => url.replace('://', `://${user}@`);

describe('a camera that sends pictures', () => {
  it('is told of with a picture, and nothing secret', async () => {
    await using gate = await camera({
      ...{ audio: true, auth: { kind: 'digest', user: 'me', password: 'sesame' } },
    });
    const begun = Date.now();
    const asked = test({ url: as('me:sesame', gate) });
    // While it goes on, Redis has a number and no address.
    const kept: string[] = [];
    let running = true;
    const watched = asked.finally(() => {
      running = false;
    });
    while (running) {
      kept.push(JSON.stringify(await everythingIn(client)));
      await sleep(100);
    }
    const view = await watched;
    expect(Date.now() - begun).toBeLessThan(20_000);
    expect(view).toMatchObject({
      ok: true,
      video: { codec: 'h264', width: 320, height: 176, says_fps: FPS, reordered: 0 },
      audio: { codec: 'pcm_mulaw', rate: 8000, channels: 1 },
      tracks: [{ codec: 'h264', width: 320, height: 176 }],
    });
    expect(view.video!.fps).toBeGreaterThan(FPS * 0.9);
    expect(view.video!.fps).toBeLessThan(FPS * 1.1);
    expect(view.checks[0]).toEqual({
      name: 'camera',
      ok: true,
      detail: `${gate.url.replace('://', '://***@')} sends pictures`,
    });
    const [, base64] = /^data:image\/jpeg;base64,(.*)$/.exec(view.picture!)!;
    const picture = await sharp(Buffer.from(base64, 'base64')).metadata();
    expect(picture).toMatchObject({ format: 'jpeg', width: 320, height: 176 });
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.some((text) => text.includes('cameras'))).toBe(true);
    expect(kept.join() + JSON.stringify(view)).not.toContain('sesame');
    expect(failures).toEqual([]);
  });

  it('may be another track, or another way to send', async () => {
    await using gate = await camera({ transports: ['udp'], tracks: [{ file: clip, fps: FPS }] });
    const view = await test({ url: gate.url, transport: 'udp', track: 1 });
    expect(view).toMatchObject({ ok: true, tracks: [{ width: 320 }, { width: 320 }] });
    const refused = await test({ url: gate.url });
    expect(refused).toMatchObject({ ok: false, error: { code: 'CAMERA_REFUSED' }, tracks: [] });
    expect(refused.error!.message).toMatch(/it does answer by transport udp$/);
  });
});

describe('why none come', () => {
  const cases: Record<string, [() => Promise<Camera>, (gate: Camera) => string, string, RegExp]> = {
    'a wrong password': [
      () => camera({ auth: { kind: 'basic', user: 'me', password: 'right' } }),
      (gate) => as('me:sesame', gate),
      ...(['CAMERA_REFUSED', /check user and password/] as const),
    ],
    'no such path': [
      camera,
      ({ url }) => url.replace('/live', '/other'),
      ...(['CAMERA_REFUSED', /has no such stream: check the path/] as const),
    ],
    'nobody there': [
      camera,
      () => 'rtsp://me:sesame@127.0.0.1:1/stream',
      ...(['CAMERA_AWAY', /refuses connections/] as const),
    ],
    'sound alone': [
      () => startCamera({ audio: true }),
      ({ url }) => url,
      ...(['CAMERA_SILENT', /sends no pictures at all/] as const),
    ],
    'no such track': [camera, ({ url }) => url, 'CAMERA_REFUSED', /no track 1: it has one video track, 0/],
    'an unknown coding': [
      () => camera({ sdp: { encoding: 'VVC9' } }),
      ({ url }) => url,
      ...(['CAMERA_SILENT', /pictures as VVC9, which is not known here/] as const),
    ],
    'no answer at all': [camera, ({ url }) => url, 'CAMERA_AWAY', /does not answer$/],
  };
  /** All at once: most of it is waiting. */
  it.each([[Object.keys(cases)]])('%j', async (names) => {
    await Promise.all(
      names.map(async (name) => {
        const [start, urlOf, code, message] = cases[name]!;
        await using gate = await start();
        gate.stalled = name === 'no answer at all';
        const begun = Date.now();
        const view = await test({ url: urlOf(gate), ...(name === 'no such track' ? { track: 1 } : {}) });
        expect([name, view]).toMatchObject([
          name,
          { ok: false, error: { code, message: expect.stringMatching(message) } },
        ]);
        expect(view.checks).toEqual([{ name: 'camera', ok: false, detail: view.error!.message }]);
        expect(view).not.toHaveProperty('picture');
        expect(JSON.stringify(view)).not.toContain('sesame');
        expect(Date.now() - begun).toBeLessThan(30_000);
      }),
    );
  });
});

describe('a question', () => {
  it('is refused where the address may not be asked', async () => {
    const guard = createGuard({ allow: [] });
    const tests = createCameraTests({ config, guard, storage, queues });
    const ask = (url: string) => tests.test({ url }, { id: 'me' }, AbortSignal.timeout(5000));
    for (const [url, code] of [
      ['rtsp://127.0.0.1/1', 'ADDRESS_REFUSED'],
      ['file:///etc/passwd', 'ADDRESS_REFUSED'],
      ['concat:a|b', 'USAGE'],
      ['/etc/passwd', 'INPUT_UNREADABLE'],
    ] as const)
      await expect(ask(url), url).rejects.toMatchObject({ code });
  });

  it('is forgotten when nobody waits for its answer', async () => {
    await using gate = await camera();
    gate.stalled = true;
    const gone = new AbortController();
    const asked = test({ url: gate.url }, gone.signal);
    asked.catch(() => {});
    for (const end = Date.now() + 10_000; (await ffmpegs()) === 0 && Date.now() < end; ) await sleep(50);
    expect(await ffmpegs()).toBeGreaterThan(0);
    gone.abort();
    await expect(asked).rejects.toThrow();
    const begun = Date.now();
    while ((await ffmpegs()) > 0 && Date.now() - begun < 10_000) await sleep(50);
    expect(Date.now() - begun).toBeLessThan(4000);
    for (const end = Date.now() + 5000; Date.now() < end; await sleep(50))
      if ((await queues.counts('cameras')).active === 0) break;
    expect(failures).toEqual([]);
  });

  it('is answered with no worker there, once somebody has waited for one', async () => {
    await worker?.close();
    worker = undefined;
    await expect(test({ url: 'rtsp://127.0.0.1:1/stream' })).rejects.toMatchObject({ code: 'NO_WORKER' });
    startWorker();
  });
});

/** Keys and values, whatever they are. */
async function everythingIn(redis: RedisClient): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    if (type === 'hash') found.push([key, await redis.hgetall(key)]);
    else if (type === 'string') found.push([key, await redis.get(key)]);
    else if (type === 'stream') found.push([key, await redis.xrange(key, '-', '+')]);
    else found.push([key]);
  }
  return found;
}
