import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fed, FedPacket } from '../../../../src/media/live/fed.ts';
import { createGop } from '../../../../src/media/live/gop.ts';
import { createKept, type KeptOptions } from '../../../../src/media/live/kept.ts';
import { type NutStream, rawVideo } from '../../../../src/media/nut.ts';

const VIDEO = rawVideo({ layout: 'gray8', width: 6, height: 4, timeBase: { num: 1, den: 90_000 } });
const SOUND: NutStream = { ...VIDEO, kind: 'audio', fourcc: Buffer.from('abcd') };
const packet = (pts: number, key = false, stream = VIDEO): FedPacket => ({
  ...{ stream, key, pts, data: new Uint8Array(10) },
});

/** An ffmpeg that does what a test says. */
function fakeFed() {
  let over: (error?: Error) => void = () => {};
  const fed = {
    written: [] as number[],
    waiting: 0,
    killed: 0,
    finished: 0,
    /** It ends by itself. */
    die: (error = new Error('it broke')) => over(error),
    /** It ends as it should. */
    leave: () => over(),
    write: ({ pts }: FedPacket) => void fed.written.push(pts),
    async *frames() {},
    end: () => void fed.finished++,
    kill() {
      fed.killed++;
      over(new Error('it was ended'));
    },
    ended: new Promise<never>((resolve, reject) => {
      over = (error) => (error ? reject(error) : resolve(undefined as never));
    }),
  };
  fed.ended.catch(() => {});
  return fed;
}

function setUp(options: Partial<KeptOptions> = {}) {
  const feds: ReturnType<typeof fakeFed>[] = [];
  const downs: number[] = [];
  let ups = 0;
  const kept = createKept({
    open() {
      const fed = fakeFed();
      feds.push(fed);
      return fed as unknown as Fed;
    },
    down: (_, wait) => downs.push(wait),
    up: () => void ups++,
    mostWaiting: 100,
    ...options,
  });
  return { kept, feds, downs, ups: () => ups };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an ffmpeg that is kept', () => {
  it('begins when it is told of what, and at a key frame', () => {
    const { kept, feds, ups } = setUp();
    kept.write(packet(1, true), 0);
    expect(kept.running).toBe(false);
    kept.describe([VIDEO, SOUND]);
    expect(kept.running).toBe(true);
    expect(ups()).toBe(1);
    kept.write(packet(2), 0);
    kept.write(packet(3, true, SOUND), 1);
    kept.write(packet(4, true), 0);
    kept.write(packet(5, true, SOUND), 1);
    kept.write(packet(6), 0);
    expect(feds[0]!.written).toEqual([4, 5, 6]);
  });

  it('is followed by another where it ends, after ever longer', async () => {
    const { kept, feds, downs } = setUp();
    kept.describe([VIDEO]);
    for (let i = 0; i < 7; i++) {
      feds[i]!.die();
      await settle();
      expect(kept.running).toBe(false);
      kept.write(packet(1, true), 0);
      await vi.advanceTimersByTimeAsync(downs[i]! - 1);
      expect(feds).toHaveLength(i + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(feds).toHaveLength(i + 2);
    }
    expect(downs).toEqual([100, 400, 1600, 6400, 25_600, 30_000, 30_000]);
    expect(feds.at(-1)!.written).toEqual([]);
  });

  it('is followed soon where it has run for long', async () => {
    const { kept, feds, downs } = setUp();
    kept.describe([VIDEO]);
    feds[0]!.die();
    await vi.advanceTimersByTimeAsync(100);
    await vi.advanceTimersByTimeAsync(11_000);
    feds[1]!.leave();
    await settle();
    expect(downs).toEqual([100, 100]);
  });

  it('goes on where what it is told of is alike', () => {
    const { kept, feds } = setUp();
    kept.describe([VIDEO]);
    kept.describe([{ ...VIDEO }]);
    expect(feds).toHaveLength(1);
    kept.describe([VIDEO, SOUND]);
    kept.describe([VIDEO, { ...SOUND, specific: Uint8Array.of(1) }]);
    expect(feds).toHaveLength(3);
    expect(feds.map(({ killed }) => killed)).toEqual([1, 1, 0]);
  });

  it('does not count as ended where another has taken its place', async () => {
    const { kept, feds, downs } = setUp();
    kept.describe([VIDEO]);
    kept.describe([SOUND]);
    await settle();
    expect(downs).toEqual([]);
    expect(kept.running).toBe(true);
    expect(feds).toHaveLength(2);
  });

  it('begins at once with something else, also while it is waited for', async () => {
    const { kept, feds, downs } = setUp();
    kept.describe([VIDEO]);
    for (let i = 0; i < 4; i++) {
      feds[i]!.die();
      await settle();
      await vi.advanceTimersByTimeAsync(i < 3 ? downs[i]! : 0);
    }
    kept.describe([SOUND]);
    expect(feds).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(feds).toHaveLength(5);
  });

  it('skips to the next key frame where too much waits', () => {
    const { kept, feds } = setUp();
    kept.describe([VIDEO]);
    kept.write(packet(1, true), 0);
    feds[0]!.waiting = 101;
    kept.write(packet(2), 0);
    feds[0]!.waiting = 0;
    kept.write(packet(3), 0);
    kept.write(packet(4, true), 0);
    kept.write(packet(5), 0);
    expect(feds[0]!.written).toEqual([1, 4, 5]);
    expect(kept.skips).toBe(1);
    expect(kept.running).toBe(true);
  });

  it('is fed what is to be played again', async () => {
    const past = [packet(7, true), packet(8)];
    const { kept, feds } = setUp({ replay: () => past.map((one) => ({ packet: one, to: 0 })) });
    kept.describe([VIDEO]);
    kept.write(packet(9), 0);
    expect(feds[0]!.written).toEqual([7, 8, 9]);
    kept.restart();
    await vi.advanceTimersByTimeAsync(100);
    expect(feds[1]!.written).toEqual([7, 8]);
  });

  it('may finish, and is ended where it does not', async () => {
    const { kept, feds, downs } = setUp();
    kept.describe([VIDEO]);
    const closed = kept.close();
    expect(feds[0]).toMatchObject({ finished: 1, killed: 0 });
    await vi.advanceTimersByTimeAsync(999);
    expect(feds[0]!.killed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(feds[0]!.killed).toBe(1);
    await closed;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(feds).toHaveLength(1);
    expect(downs).toEqual([]);
  });

  it('is gone at once where it finishes, and is not begun again', async () => {
    const { kept, feds } = setUp();
    kept.describe([VIDEO]);
    const closed = kept.close();
    feds[0]!.leave();
    await closed;
    expect(feds[0]!.killed).toBe(0);
    kept.describe([SOUND]);
    expect(feds).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be closed before it has begun, and while it is waited for', async () => {
    await setUp().kept.close();
    const { kept, feds } = setUp();
    kept.describe([VIDEO]);
    feds[0]!.die();
    await settle();
    await kept.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(feds).toHaveLength(1);
  });
});

describe('a group of pictures', () => {
  const times = (gop: ReturnType<typeof createGop<FedPacket>>) => gop.packets.map(({ pts }) => pts);

  it('begins with the last key frame', () => {
    const gop = createGop<FedPacket>(1000);
    gop.push(packet(1));
    expect(times(gop)).toEqual([]);
    for (const one of [packet(2, true), packet(3), packet(4)]) gop.push(one);
    expect(times(gop)).toEqual([2, 3, 4]);
    gop.push(packet(5, true));
    expect(times(gop)).toEqual([5]);
    gop.clear();
    gop.push(packet(6));
    expect(times(gop)).toEqual([]);
  });

  it('is not kept where it grows too large', () => {
    const gop = createGop<FedPacket>(30);
    for (let i = 1; i <= 3; i++) gop.push(packet(i, i === 1));
    expect(times(gop)).toEqual([1, 2, 3]);
    gop.push(packet(4));
    gop.push(packet(5));
    expect(times(gop)).toEqual([]);
    gop.push(packet(6, true));
    expect(times(gop)).toEqual([6]);
  });
});
