import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { annexB, makeNumbered } from '../../fixtures/live/numbered.ts';
import { type Camera, type CameraOptions, startCamera } from '../../fixtures/live/rtsp-server.ts';
import { expectGoodTimes, type Viewer, view } from './reading-viewer.ts';

/** Whatever befalls a camera, its pictures come again by themselves, and their times go on. */

const FPS = 25;
/** Milliseconds of watching in which a test is not bored. */
const QUICK = { firstFrame: 2000, stall: 1000 };
let folder = '';
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faults-'));
  const size = { seconds: 2, fps: FPS, gop: 10, width: 320, height: 176 };
  const make = async (name: string, options: Partial<Parameters<typeof makeNumbered>[1]>) =>
    annexB(await makeNumbered(file(`${name}.mkv`), { ...size, codec: 'h264', ...options }), file(name));
  await make('main', {});
  await make('order', { bframes: 2, gop: 25 });
  await make('small', { width: 160, height: 96 });
  await make('hevc', { codec: 'hevc' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cameraOf = (options: Partial<CameraOptions> = {}) =>
  startCamera({ file: file('main'), fps: FPS, ...options });

interface Fault {
  camera?: Partial<CameraOptions>;
  view?: Partial<Parameters<typeof view>[0]>;
  /** What happens while pictures come. */
  happens(camera: Camera, viewer: Viewer): unknown;
  /** What mends it, once the camera is away. */
  mends?(camera: Camera): unknown;
  /** What is said of it. */
  says: RegExp;
}

const faults: Record<string, Fault> = {
  'is cut off': { happens: (camera) => camera.cut(), says: /CAMERA_AWAY .* has gone/ },
  'starts again': { happens: (camera) => camera.restart(), says: /CAMERA_AWAY .* has gone/ },
  'stands still': {
    happens: (camera) => {
      camera.stalled = true;
    },
    mends: (camera) => {
      camera.stalled = false;
    },
    says: /CAMERA_SILENT .* sent no further picture for 1 s/,
  },
  'sends half a picture, and no more': {
    happens: (camera) => camera.halt(),
    says: /CAMERA_SILENT .* sent no further picture for 1 s/,
  },
  'sends half a picture by UDP, and no more': {
    view: { transport: 'udp' },
    happens: (camera) => camera.halt(),
    says: /CAMERA_SILENT .* sent no further picture for 1 s/,
  },
  'refuses all': {
    async happens(camera) {
      await camera.refuse('closed');
      camera.cut();
    },
    async mends(camera) {
      await sleep(1500);
      await camera.refuse(null);
    },
    says: /CAMERA_AWAY .* (has gone|refuses connections: is it on)/,
  },
  'loses its stream': {
    async happens(camera) {
      await camera.refuse('404');
      camera.cut();
    },
    async mends(camera) {
      await sleep(1500);
      await camera.refuse(null);
    },
    says: /CAMERA_(AWAY|REFUSED) .* has (gone|no such stream)/,
  },
  'changes its size': {
    happens: (camera) => camera.play(file('small')),
    says: /CAMERA_AWAY .* has changed its picture/,
  },
  'changes its codec': {
    happens: (camera) => camera.play(file('hevc'), { codec: 'hevc' }),
    says: /CAMERA_AWAY .* has gone/,
  },
  'has a reader that is killed': {
    happens: (_, viewer) => process.kill(viewer.readers()[0]!, 'SIGKILL'),
    says: /CAMERA_AWAY .* ffmpeg was ended by SIGKILL/,
  },
  'has a reader that is stopped': {
    happens: (_, viewer) => process.kill(viewer.readers()[0]!, 'SIGSTOP'),
    says: /CAMERA_SILENT .* sent no further picture for 1 s/,
  },
  'sets its clock back, with sound': {
    camera: { audio: true },
    view: { audio: true },
    happens: (camera) => camera.jump(-7200),
    says: /CAMERA_(AWAY|SILENT) .* (has changed its picture or its clock|sent no further picture)/,
  },
  // ffmpeg believes it until the next report, and then goes back.
  'sets its clock forward, with sound': {
    camera: { audio: true, reportEveryMs: 1000 },
    view: { audio: true },
    happens: (camera) => camera.jump(3600),
    says: /CAMERA_(AWAY|SILENT) .* (has changed its picture or its clock|sent no further picture)/,
  },
};

describe.concurrent('pictures come again where a camera', () => {
  test.each(Object.entries(faults))('%s', async (_, fault) => {
    await using camera = await cameraOf(fault.camera);
    await using viewer = view({ url: camera.url, ...fault.view }, QUICK);
    await viewer.more(20);
    const gone = viewer.gone();
    await fault.happens(camera, viewer);
    const reason = await gone;
    expect(`${reason.code} ${reason.message}`).toMatch(fault.says);
    await fault.mends?.(camera);
    const took = await viewer.more(15);
    expect(took).toBeLessThan(15_000);
    expect(viewer.readers()).toHaveLength(1);
    expect(await viewer.stop()).toBeLessThan(2000);
    expectGoodTimes(viewer);
    if (fault === faults['changes its size']) expect(viewer.pictures.at(-1)!.stream.width).toBe(160);
    if (fault === faults['changes its codec'])
      expect(Buffer.from(viewer.pictures.at(-1)!.stream.fourcc).toString()).toBe('HEVC');
  });
});

/** What is got over without a new connection. */
const oddities: Record<string, Pick<Fault, 'camera' | 'view'> & { happens?(camera: Camera): unknown }> = {
  'sets its clock forward': { happens: (camera) => camera.jump(7 * 3600) },
  'sets its clock back': { happens: (camera) => camera.jump(-7 * 3600) },
  'sets its clock forward a little': { happens: (camera) => camera.jump(1) },
  'sets its clock back a little': { happens: (camera) => camera.jump(-1) },
  'sets its clock forward, with pictures out of order': {
    camera: { file: '' },
    happens: (camera) => camera.jump(7 * 3600),
  },
  'sets its clock back, with pictures out of order': {
    camera: { file: '' },
    happens: (camera) => camera.jump(-7 * 3600),
  },
  'comes to the end of its timestamps': { camera: { timestampBase: 2 ** 32 - 40 * 3600 } },
  'sends a picture twice': { happens: (camera) => camera.duplicate() },
  'sends a stray time': { happens: (camera) => camera.stray(3 * 3600) },
  'sends a stray time of before': { happens: (camera) => camera.stray(-3600) },
  'loses packets by UDP': { view: { transport: 'udp' }, happens: (camera) => camera.lose(0.05) },
};

describe.concurrent('pictures go on coming where a camera', () => {
  test.each(Object.entries(oddities))('%s', async (_, { camera: options, view: how, happens }) => {
    const order = options?.file === '' ? { file: file('order') } : {};
    await using camera = await cameraOf({ ...options, ...order });
    await using viewer = view({ url: camera.url, ...how }, { firstFrame: 6000, stall: 3000 });
    await viewer.more(30);
    await happens?.(camera);
    await viewer.more(60);
    await viewer.stop();
    expect(viewer.away).toEqual([]);
    expectGoodTimes(viewer);
    // A long gap would be one on the timeline of whoever watches.
    const times = viewer.pictures.map(({ pts }) => pts as number).sort((a, b) => a - b);
    const gaps = times.slice(20).map((time, i) => (time - times[19 + i]!) / 90);
    expect(Math.max(...gaps)).toBeLessThan(how?.transport === 'udp' ? 700 : 400);
  });
});

describe.concurrent('a camera', () => {
  test.each(['basic', 'digest'] as const)('with another password is told of (%s)', async (kind) => {
    await using camera = await cameraOf({ auth: { kind, user: 'me', password: 'right' } });
    await using viewer = view({ url: camera.url.replace('://', '://me:wr%20ong@') }, QUICK);
    const { code, message } = await viewer.gone();
    expect(code).toBe('CAMERA_REFUSED');
    expect(message).toMatch(/^rtsp:\/\/\*\*\*@127.*does not let us in: check user and password/);
    expect(message).not.toMatch(/wr.*ong|me:/);
  });

  test('without such a track is told of', async () => {
    await using camera = await cameraOf();
    await using viewer = view({ url: camera.url, track: 3 }, QUICK);
    expect((await viewer.gone()).message).toMatch(/has no such video track: check the track$/);
  });

  test('that sends by TCP alone is told of', async () => {
    await using camera = await cameraOf({ transports: ['tcp'] });
    await using viewer = view({ url: camera.url, transport: 'udp' }, QUICK);
    expect((await viewer.gone()).message).toMatch(/does not send that way: try another transport/);
  });

  test('that is away is waited for', async () => {
    await using camera = await cameraOf();
    await camera.refuse('503');
    await using viewer = view({ url: camera.url }, QUICK);
    expect((await viewer.gone()).message).toMatch(/says that it cannot serve now$/);
    await camera.refuse('closed');
    await viewer.gone();
    await camera.refuse(null);
    expect(await viewer.more(10)).toBeLessThan(15_000);
    const waits = viewer.away.map(({ wait }) => wait);
    expect(waits[1]).toBeGreaterThan(waits[0]!);
  });

  test('may tell its parameter sets late', async () => {
    await using camera = await cameraOf();
    camera.delayParameterSets(3);
    await using viewer = view({ url: camera.url }, { firstFrame: 8000, stall: 3000 });
    await viewer.more(30);
    await viewer.stop();
    expect(viewer.pictures[0]!.key).toBe(true);
    expectGoodTimes(viewer);
  });

  test('that answers nothing can be left at once', async () => {
    await using camera = await cameraOf();
    camera.stalled = true;
    await using viewer = view({ url: camera.url }, { firstFrame: 20_000, stall: 20_000 });
    await sleep(700);
    expect(viewer.readers()).toHaveLength(1);
    expect(await viewer.stop()).toBeLessThan(2000);
  });

  test('that stands still can be left at once', async () => {
    await using camera = await cameraOf();
    await using viewer = view({ url: camera.url }, { firstFrame: 20_000, stall: 20_000 });
    await viewer.more(20);
    camera.stalled = true;
    await sleep(500);
    expect(await viewer.stop()).toBeLessThan(2000);
  });

  test('whose reader stands still can be left at once', async () => {
    await using camera = await cameraOf();
    await using viewer = view({ url: camera.url });
    await viewer.more(20);
    process.kill(viewer.readers()[0]!, 'SIGSTOP');
    expect(await viewer.stop()).toBeLessThan(2000);
  });
});
