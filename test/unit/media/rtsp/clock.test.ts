import { describe, expect, it } from 'vitest';
import { createBackWatch, createCameraClock, ticksOfWall, wallOf } from '../../../../src/media/rtsp/clock.ts';
import { createWall } from '../../../../src/media/rtsp/wall.ts';

const START = Date.UTC(2026, 0, 1);
const FRAME = 40;

/** The same chances each time. */
function chances(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Taken {
  /** Milliseconds since the start at which it was taken, and came. */
  readonly taken: number;
  readonly came: number;
  /** By the camera's clock. */
  readonly source: number | undefined;
}

/** Pictures of a camera that does all right. */
const even = (count: number, change: (one: Taken, i: number) => Partial<Taken> = () => ({})): Taken[] =>
  Array.from({ length: count }, (_, i) => {
    const one = { taken: i * FRAME, came: i * FRAME + 5, source: 5000 + i * FRAME };
    return { ...one, ...change(one, i) };
  });

/** Milliseconds since the start that each gets. */
function stamped(pictures: readonly Taken[], delay = 0): number[] {
  const clock = createCameraClock(delay);
  return pictures.map(({ source, came }) => wallOf(clock.stamp(source, START + came)) - START);
}

const steps = (times: readonly number[]): number[] => times.slice(1).map((time, i) => time - times[i]!);
const off = (times: readonly number[], pictures: readonly Taken[]): number[] =>
  times.map((time, i) => time - pictures[i]!.came);
const worst = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

function expectGrowing(times: readonly number[]): void {
  expect(steps(times).every((step) => step > 0)).toBe(true);
}

describe('ticks', () => {
  it('are those of the wall', () => {
    expect(ticksOfWall(1000)).toBe(90_000);
    expect(wallOf(ticksOfWall(START))).toBe(START);
  });
});

describe('the clock of a camera', () => {
  it('is smooth where arrivals are not', () => {
    const chance = chances();
    const pictures = even(3000, ({ taken }) => ({ came: taken + 5 + chance() * 60 }));
    const times = stamped(pictures);
    expectGrowing(times);
    const settled = steps(times.slice(500));
    expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(8);
    expect(worst(times.slice(500).map((time, i) => time - pictures[500 + i]!.taken - 5))).toBeLessThan(15);
  });

  it.each([200, -200])('follows one that is off by %i parts in a million', (ppm) => {
    const chance = chances(7);
    const pictures = even(6 * 3600 * 25, ({ taken }) => ({
      came: taken + 5 + chance() * 10,
      source: 5000 + taken * (1 + ppm / 1e6),
    }));
    const clock = createCameraClock(0);
    let [last, far] = [0, 0];
    for (const [i, { source, came, taken }] of pictures.entries()) {
      const time = wallOf(clock.stamp(source, START + came)) - START;
      if (i > 0 && time <= last) throw new Error(`picture ${i} is not later`);
      last = time;
      if (i > 1000) far = Math.max(far, Math.abs(time - taken - 5));
    }
    expect(far).toBeLessThan(12);
  });

  it.each([0.5, 1, 1.3])('bears one that goes at %f of its pace', (pace) => {
    const pictures = even(2000, ({ taken }) => ({ source: taken * pace }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(2100);
    expect(Math.max(...steps(times.slice(500)))).toBeLessThan(60);
  });

  it('bears one that stands still', () => {
    const pictures = even(1000, () => ({ source: 77 }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(2100);
  });

  const HOUR = 3_600_000;
  it.each([
    ['forward by hours', 7 * HOUR],
    ['back by hours', -7 * HOUR],
    ['back by three seconds', -3000],
    ['forward by a second', 1000],
    ['over the end of 32 bits', -(2 ** 32) / 90],
  ])('goes on where it jumps %s', (_, jump) => {
    const pictures = even(400, ({ source }, i) => ({ source: source! + (i >= 200 ? jump : 0) }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(50);
    expect(Math.max(...steps(times))).toBeLessThan(60);
  });

  it('goes on where it begins anew at 0', () => {
    const pictures = even(400, ({ source }, i) => ({
      source: i < 200 ? 1e9 + source! : (i - 200) * FRAME,
    }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(50);
  });

  it('is late for a while where it is set back a little, and no more than that', () => {
    const pictures = even(2000, ({ source }, i) => ({ source: source! - (i >= 200 ? 1000 : 0) }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(1100);
    expect(worst(off(times, pictures).slice(-100))).toBeLessThan(10);
  });

  it.each([3 * HOUR, -3 * HOUR, 1000])('does not mind a stray time (%i ms)', (stray) => {
    const pictures = even(400, ({ source }, i) => ({ source: source! + (i === 200 ? stray : 0) }));
    const times = stamped(pictures);
    expectGrowing(times);
    const plain = stamped(even(400));
    expect(worst(times.map((time, i) => (i === 200 ? 0 : time - plain[i]!)))).toBeLessThan(2);
    expect(times[200]).toBe(pictures[200]!.came);
  });

  it.each([1.5, 2.5, 20])('is right for the picture that is held through a silence of %s s', (seconds) => {
    // Silent behind the 100th; that one comes when the next does.
    const silence = seconds * 1000;
    const pictures = even(200, ({ taken, came, source }, i) => {
      if (i < 100) return i === 99 ? { came: came + silence } : {};
      return { taken: taken + silence, came: came + silence, source: source! + silence };
    });
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(times.map((time, i) => time - pictures[i]!.taken - 5))).toBeLessThan(1);
  });

  it('gives pictures that come twice different times', () => {
    const pictures = even(400, ({ source }, i) => ({ source: source! - (i % 50 === 49 ? FRAME : 0) }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(50);
  });

  it('takes the time of arrival where there is no other', () => {
    const pictures = even(100, (_, i) => ({ source: i % 3 === 1 ? undefined : 5000 + i * FRAME }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(1);
    expect(off(stamped(even(9, () => ({ source: undefined }))), even(9)).every((ms) => ms === 0)).toBe(true);
  });

  it('takes the time of arrival where those of the camera are without sense', () => {
    const chance = chances(3);
    const pictures = even(500, () => ({ source: Math.round(chance() * 1e9) }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(100);
  });

  it('finds the truth after a heap at the beginning', () => {
    const pictures = even(500, ({ came }, i) => ({ came: i < 20 ? 805 : came }));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(times.slice(40).map((time, i) => time - pictures[40 + i]!.came))).toBeLessThan(3);
  });

  it.each([
    [1000, 1050],
    [5000, 2050],
  ])('goes on after nothing came for %i ms, and then all at once', (pause, most) => {
    const pictures = even(1000, ({ came, taken }) => ({
      came: taken >= 8000 && taken < 8000 + pause ? 8000 + pause + 5 : came,
    }));
    const times = stamped(pictures);
    expectGrowing(times);
    // The first of the heap may have been held alone: its time is that of the camera.
    const first = pictures.findIndex(({ taken }) => taken >= 8000);
    expect(Math.abs(times[first]! - pictures[first]!.taken - 5)).toBeLessThan(10);
    expect(worst(off(times, pictures).filter((_, i) => i !== first))).toBeLessThan(most);
    expect(worst(off(times, pictures).slice(600))).toBeLessThan(5);
  });
});

/** What ffmpeg makes of times: they grow, by a tick at least. */
function bent(pictures: readonly Taken[]): Taken[] {
  let last = Number.NEGATIVE_INFINITY;
  return pictures.map((one) => {
    last = Math.max(one.source!, last + 1 / 90);
    return { ...one, source: last };
  });
}

describe('the clock of a camera whose times ffmpeg has bent', () => {
  const jittered = (count: number, change: (one: Taken, i: number) => Partial<Taken>, frame = FRAME) => {
    const chance = chances(11);
    return even(count, ({ source }, i) => {
      const one = {
        taken: i * frame,
        came: i * frame + 5 + chance() * 20,
        source: source! + i * (frame - FRAME),
      };
      return { ...one, ...change(one, i) };
    });
  };
  const HOUR = 3_600_000;

  it.each([
    [40, 'back by hours', (i: number) => (i >= 200 ? -7 * HOUR : 0)],
    [200, 'back by hours', (i: number) => (i >= 200 ? -7 * HOUR : 0)],
    [40, 'over the end of 32 bits', (i: number) => (i >= 200 ? -(2 ** 32) / 90 : 0)],
    [40, 'forward by hours for one picture', (i: number) => (i === 200 ? 3 * HOUR : 0)],
  ])('is that of arrivals, made even (%i ms, %s)', (frame, _, off) => {
    const pictures = bent(jittered(3000, ({ source }, i) => ({ source: source! + off(i) }), frame));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(times.map((time, i) => time - pictures[i]!.taken - 15).slice(100))).toBeLessThan(20);
    const settled = steps(times.slice(300));
    expect(Math.max(...settled) - frame).toBeLessThan(8);
    expect(frame - Math.min(...settled)).toBeLessThan(8);
  });

  it.each([-300, -1000, -10_000])('is that of the camera again when that goes on (%i ms)', (jump) => {
    const pictures = bent(jittered(1000, ({ source }, i) => ({ source: source! + (i >= 200 ? jump : 0) })));
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(times.map((time, i) => time - pictures[i]!.taken - 15).slice(100))).toBeLessThan(25);
    // As even as the camera's own.
    const later = steps(times.slice(200 - jump / FRAME + 200));
    expect(Math.max(...later) - Math.min(...later)).toBeLessThan(8);
  });

  it('does not mind a stray time of before', () => {
    const pictures = bent(even(400, ({ source }, i) => ({ source: source! - (i === 200 ? HOUR : 0) })));
    const plain = stamped(even(400));
    expect(worst(stamped(pictures).map((time, i) => time - plain[i]!))).toBeLessThan(2);
  });

  it('bears pictures that come twice at once', () => {
    const pictures = even(400).flatMap((one, i) => (i % 50 === 49 ? [one, one] : [one]));
    const times = stamped(bent(pictures));
    expectGrowing(times);
    expect(worst(off(times, pictures))).toBeLessThan(2);
  });

  it('follows pictures that come at another rate meanwhile', () => {
    const pictures = bent(
      even(1000, ({ source, taken }, i) => {
        const late = i > 400 ? (i - 400) * FRAME : 0;
        return { taken: taken + late, came: taken + late + 5, source: source! - (i > 200 ? HOUR : 0) };
      }),
    );
    const times = stamped(pictures);
    expectGrowing(times);
    expect(worst(off(times, pictures).slice(900))).toBeLessThan(10);
    expect(worst(off(times, pictures))).toBeLessThan(500);
  });
});

describe('a clock that is set back', () => {
  /** The picture at which it is noticed. */
  const noticed = (sources: readonly number[], isBent = false) => {
    const setBack = createBackWatch(isBent);
    return sources.findIndex((source) => setBack(source));
  };
  const frames = (count: number, off: (i: number) => number = () => 0) =>
    Array.from({ length: count }, (_, i) => i * FRAME + off(i));
  const grown = (sources: readonly number[]) =>
    bent(sources.map((source) => ({ taken: 0, came: 0, source }))).map(({ source }) => source!);

  it('is noticed after a few pictures', () => {
    const back = frames(300, (i) => (i >= 100 ? -60_000 : 0));
    expect(noticed(back)).toBe(105);
    expect(noticed(grown(back), true)).toBe(105);
  });

  it('is noticed where pictures out of order stay bent', () => {
    const shown = coded(300, 2).map((place, i) => place * FRAME - (i >= 100 ? 160 : 0));
    expect(
      noticed(
        coded(300, 2).map((place) => place * 700),
        true,
      ),
    ).toBe(-1);
    expect(noticed(grown(shown), true)).toBeLessThan(130);
  });

  it('is not seen in a stray time, in pictures that come twice, or in one that never went', () => {
    expect(noticed(frames(300, (i) => (i === 100 ? -60_000 : 0)))).toBe(-1);
    expect(noticed(frames(300, (i) => (i % 20 === 19 ? -FRAME : 0)))).toBe(-1);
    const twice = frames(300).flatMap((source, i) => (i % 20 === 19 ? [source, source] : [source]));
    expect(noticed(grown(twice), true)).toBe(-1);
    expect(noticed(grown(Array.from({ length: 300 }, () => 77)), true)).toBe(-1);
  });
});

/** Coded order of groups of `b` pictures that are shown before the one coded ahead of them; `order`: places of showing. */
const coded = (count: number, b: number): number[] => {
  const order = [0];
  for (let at = 0; order.length < count; at += b + 1)
    order.push(at + b + 1, ...Array.from({ length: b }, (_, i) => at + 1 + i));
  return order.slice(0, count);
};

describe('the clock of a camera with pictures out of order', () => {
  const cases = [
    [2, 1, 40],
    [2, 2, 40],
    [3, 2, 40],
    [2, 1, 100],
    [3, 2, 200],
    [7, 2, 40],
  ] as const;
  const camera = (count: number, b: number, frame: number) =>
    coded(count, b).map((shown, i) => ({ taken: shown * frame, came: i * frame + 5, source: shown * frame }));

  /** Times in the order of showing. */
  function shownTimes(pictures: readonly Taken[], delay: number): number[] {
    const times = stamped(pictures, delay);
    return times
      .map((time, i) => ({ time, taken: pictures[i]!.taken }))
      .sort((a, b) => a.taken - b.taken)
      .map(({ time }) => time);
  }

  it.each(cases)('gives growing times as they are shown: %i of them, delay %i, %i ms', (b, delay, frame) => {
    const chance = chances(5);
    const pictures = camera(600, b, frame).map((one) => ({ ...one, came: one.came + chance() * 30 }));
    const times = shownTimes(pictures, delay);
    expectGrowing(times);
    expect(worst(off(stamped(pictures, delay), pictures))).toBeLessThan(1200);
    const settled = steps(times.slice(100, -10));
    expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(frame);
  });

  it.each(cases)('and where it jumps: %i of them, delay %i, %i ms', (b, delay, frame) => {
    for (const jump of [7 * 3_600_000, -7 * 3_600_000]) {
      // Before a picture that is coded ahead.
      const pictures = camera(600, b, frame).map((one, i) => ({
        ...one,
        source: one.source + (i > 40 * (b + 1) ? jump : 0),
      }));
      const times = stamped(pictures, delay);
      expect(new Set(times).size).toBe(times.length);
      expect(worst(off(times, pictures))).toBeLessThan(2100);
      expectGrowing(shownTimes(pictures, delay));
    }
  });

  it('bears heaps, copies and missing times', () => {
    const chance = chances(9);
    const pictures: Taken[] = camera(900, 2, 40).map((one, i) => ({
      ...one,
      came: i > 300 && i < 425 ? 17_005 : one.came,
      source: chance() < 0.02 ? undefined : one.source,
    }));
    pictures.splice(500, 0, pictures[500]!);
    const times = stamped(pictures, 2);
    expect(new Set(times).size).toBe(times.length);
    const first = pictures.findIndex(({ came }) => came === 17_005);
    expect(worst(off(times, pictures).filter((_, i) => i !== first))).toBeLessThan(2600);
  });
});

describe('what goes with the pictures', () => {
  it('has their clock, and grows', () => {
    const clock = createCameraClock(0);
    let last = 0;
    for (let i = 0; i < 500; i++) {
      const jump = i > 250 ? 5 * 3_600_000 : 0;
      const picture = clock.stamp(1000 + i * 20 + jump, START + i * 20 + (i % 7));
      const sound = clock.along(1000 + i * 20 + jump, START + i * 20 + (i % 5));
      expect(sound).toBeGreaterThan(last);
      expect(Math.abs(wallOf(sound) - wallOf(picture))).toBeLessThan(30);
      last = sound;
    }
    expect(wallOf(clock.along(undefined, START + 60_000)) - START).toBe(60_000);
  });

  it('has a clock of its own where theirs does not fit', () => {
    const clock = createCameraClock(0);
    let last = 0;
    for (let i = 0; i < 500; i++) {
      const now = START + i * 20;
      clock.stamp(i * 20, now);
      // Off by 400 ms until the camera reports.
      const sound = clock.along(i * 20 + (i < 250 ? 400 : 10), now + (i % 3));
      expect(sound).toBeGreaterThan(last);
      expect(Math.abs(wallOf(sound) - now)).toBeLessThan(35);
      last = sound;
    }
  });

  it('has the time of its arrival before the first of them', () => {
    expect(wallOf(createCameraClock(0).along(77, START))).toBe(START);
  });
});

describe('our own clock', () => {
  const at = { clock: START, steady: 0 };
  const wall = createWall(
    () => at.clock,
    () => at.steady,
  );
  const pass = (milliseconds: number, set = 0) => {
    at.steady += milliseconds;
    at.clock += milliseconds + set;
    return wall() - START;
  };

  it('is followed, forward at once, and never back', () => {
    expect(pass(1000)).toBe(1000);
    expect(pass(1000, 5000)).toBe(7000);
    expect(pass(1000, -3000)).toBeCloseTo(7990, 6);
    expect(pass(100_000)).toBeGreaterThan(100_000);
    expect(pass(300_000)).toBe(at.clock - START);
  });
});
