import { type Pts, pts, type Rational } from '../../core/time.ts';

/** Ticks in which a live stream counts time, since 1970: its timeline is the clock on the wall. */
export const LIVE_TIME_BASE: Rational = { num: 1, den: 90_000 };
const TICKS_PER_MS = 90;

export const ticksOfWall = (milliseconds: number): Pts => pts(Math.round(milliseconds * TICKS_PER_MS));
/** Milliseconds since 1970. */
export const wallOf = (time: Pts): number => time / TICKS_PER_MS;

/** A camera's clock that is off by more, in milliseconds, has jumped. */
const JUMP = 2000;
/** Share by which the difference of clocks follows what is seen: some hundred frames. */
const SLOWLY = 0.005;
/** Milliseconds that a frame may be ahead for each frame that decoding runs ahead of showing. */
const REORDERED = 50;
/** Times that are remembered, so that none is given twice. */
const REMEMBERED = 64;

export interface CameraClock {
  /**
   * When a packet's picture was taken. `source`: by the camera's clock, in milliseconds; undefined where it does not say.
   * `arrival`: now, in milliseconds since 1970. Never the same time twice; in the order of showing.
   */
  stamp(source: number | undefined, arrival: number): Pts;
  /** The same for what goes with the pictures; undefined before the first of them. */
  along(source: number | undefined, arrival: number): Pts;
}

/**
 * Maps the clock of a camera to ours. Pictures cannot come before they are taken, so of all differences between the clocks
 * the least one is nearest to the truth; it creeps up slowly, as clocks drift. So times are smooth where arrivals are not,
 * and follow our clock for weeks. Where the camera's clock jumps, is set back or wraps, the picture's time is that of its
 * arrival, and the new difference counts from the second picture on that agrees with it: one stray time changes nothing.
 *
 * `delay`: frames by which decoding runs ahead of showing.
 */
export function createCameraClock(delay: number): CameraClock {
  const early = delay * REORDERED;
  let offset: number | undefined;
  let candidate: number | undefined;
  const given: number[] = [];

  function capture(source: number | undefined, arrival: number): number {
    if (source === undefined) return arrival;
    if (offset === undefined) {
      offset = arrival - source;
      return arrival;
    }
    const late = arrival - (source + offset);
    if (Math.abs(late) > JUMP) {
      const moved = arrival - source;
      if (candidate !== undefined && Math.abs(moved - candidate) < JUMP) {
        offset = moved;
        candidate = undefined;
      } else candidate = moved;
      return arrival;
    }
    candidate = undefined;
    offset += late < -early ? late + early : late * SLOWLY;
    return source + offset;
  }

  return {
    stamp(source, arrival) {
      let time: number = ticksOfWall(capture(source, arrival));
      // Where decoding order is that of showing, times grow.
      const last = given.at(-1);
      if (delay === 0 && last !== undefined && time <= last) time = last + 1;
      while (given.includes(time)) time++;
      given.push(time);
      if (given.length > REMEMBERED) given.shift();
      return pts(time);
    },
    along(source, arrival) {
      if (source === undefined || offset === undefined) return ticksOfWall(arrival);
      const time = source + offset;
      return ticksOfWall(Math.abs(arrival - time) > JUMP ? arrival : time);
    },
  };
}
