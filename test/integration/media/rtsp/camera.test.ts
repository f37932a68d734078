import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SidestreamError } from '../../../../src/core/errors.ts';
import { type CameraEvent, camera, reconnectDelay } from '../../../../src/media/rtsp/camera.ts';

/** What the connections do, one after the other. */
const script: (() => AsyncGenerator<unknown>)[] = [];
const waits: number[] = [];

vi.mock('../../../../src/media/rtsp/connection.ts', () => ({ connection: () => script.shift()!() }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number, _: unknown, { signal }: { signal: AbortSignal }) => {
    waits.push(milliseconds);
    signal.throwIfAborted();
  },
}));

beforeEach(() => {
  script.length = 0;
  waits.length = 0;
});

const away = () => new SidestreamError('CAMERA_AWAY', 'it is away');

async function* failing(error: unknown, packets = 0, lasts = 0): AsyncGenerator<unknown> {
  for (let i = 0; i < packets; i++) yield { i };
  if (lasts > 0) vi.spyOn(performance, 'now').mockReturnValue(performance.now() + lasts);
  throw error;
}

async function watch(events: number, abort = new AbortController()): Promise<CameraEvent[]> {
  const seen: CameraEvent[] = [];
  const address = { url: 'rtsp://c', transport: 'tcp', track: 0, audio: false } as const;
  const deps = { paths: { ffmpeg: '', ffprobe: '' }, ffmpegMajor: 5 };
  for await (const event of camera(address, { firstFrame: 1, stall: 1 }, deps, abort.signal)) {
    seen.push(event);
    if (seen.length === events) break;
  }
  return seen;
}

describe('the wait for the next try', () => {
  it('grows from a second to half a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 1000].map((failed) => reconnectDelay(failed, 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });
  it('is a little at random', () => {
    expect(reconnectDelay(1, 0)).toBe(750);
    for (let failed = 1; failed < 50; failed++) {
      const wait = reconnectDelay(failed);
      expect(wait).toBeGreaterThanOrEqual(750);
      expect(wait).toBeLessThanOrEqual(30_000);
    }
  });
});

describe('a camera', () => {
  it('is asked again for ever, with growing waits', async () => {
    for (let i = 0; i < 12; i++) script.push(() => failing(away()));
    const seen = await watch(12);
    expect(seen.every(({ kind }) => kind === 'away')).toBe(true);
    // The last one was not waited for.
    expect(waits).toHaveLength(11);
    for (const [i, wait] of waits.entries()) {
      const most = Math.min(30_000, 1000 * 2 ** i);
      expect(wait).toBeLessThanOrEqual(most);
      expect(wait).toBeGreaterThanOrEqual(most * 0.75);
    }
  });

  it('that comes and goes at once is not asked more often for that', async () => {
    for (let i = 0; i < 6; i++) script.push(() => failing(away(), 1));
    await watch(12);
    expect(waits.at(-1)).toBeGreaterThan(10_000);
  });

  it('is asked soon after it was there for long', async () => {
    for (let i = 0; i < 5; i++) script.push(() => failing(away()));
    script.push(() => failing(away(), 2, 11_000));
    script.push(() => failing(away()));
    const seen = await watch(8);
    vi.restoreAllMocks();
    expect(seen.map(({ kind }) => kind).slice(5)).toEqual(['packet', 'packet', 'away']);
    expect(seen[7]).toMatchObject({ kind: 'away' });
    expect((seen[7] as { wait: number }).wait).toBeLessThanOrEqual(1000);
  });

  it('is not asked again where nobody can', async () => {
    const missing = new SidestreamError('FFMPEG_MISSING', 'there is none');
    script.push(() => failing(missing));
    await expect(watch(1)).rejects.toBe(missing);
    script.push(() => failing(new TypeError('a defect')));
    await expect(watch(1)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('is left with the reason of the signal', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    script.push(async function* () {
      yield {};
      abort.abort(reason);
      throw away();
    });
    await expect(watch(9, abort)).rejects.toBe(reason);
    expect(waits).toEqual([]);
    await expect(watch(9, abort)).rejects.toBe(reason);
  });
});
