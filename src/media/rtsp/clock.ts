import { type Pts, pts, type Rational } from '../../core/time.ts';

/** Ticks in which a live stream counts time, since 1970: its timeline is the clock on the wall. */
export const LIVE_TIME_BASE: Rational = { num: 1, den: 90_000 };
const TICKS_PER_MS = 90;

export const ticksOfWall = (milliseconds: number): Pts => pts(Math.round(milliseconds * TICKS_PER_MS));
/** Milliseconds since 1970. */
export const wallOf = (time: Pts): number => time / TICKS_PER_MS;

/** A camera's clock that is off by more, in milliseconds, has jumped. */
const JUMP = 2000;
/** A picture that seems to come earlier than it can by so many milliseconds has a stray time, or the clock has jumped. */
const TOO_EARLY = 500;
/** Share by which the difference of clocks follows what is seen: some hundred frames. */
const SLOWLY = 0.005;
/** Where pictures come earlier than by that difference, it follows by this share, and at once by more milliseconds. */
const QUICKLY = 0.5;
const SUDDEN = 100;
/** Milliseconds of lateness beyond which it follows faster: no network holds pictures back for that long for ever. */
const LATE = 1000;
const FASTER = 0.1;
/** Milliseconds that a frame may be ahead for each frame that decoding runs ahead of showing. */
const REORDERED = 50;
/** Pictures that are remembered, so that those which are shown before them get earlier times. */
const REMEMBERED = 64;
/** Ticks at least from one picture to the next where others may still have to find room between them. */
const ROOM = 90;
/** Milliseconds that a clock goes on by at least: ffmpeg makes a time that does not grow one tick later than the last one. */
const STILL = 2;
/** Shares by which times and their distance follow arrivals while the camera's clock stands still. */
const [FOLLOWING, PACING] = [0.1, 0.005];
/** Share by which the distance of pictures follows what the camera's clock says. */
const LEARNING = 0.1;
/** Milliseconds by which no picture is behind another that came before it. */
const BEHIND = 1000;
/** Packets behind or standing still, beyond which a clock counts as set back; and what each other packet takes off that. */
const [MOST_BACK, RECOVERY] = [5, 0.25];
/** Packets in which it must have gone on before it can stand still: one that never does would not after a new connection. */
const RUNNING = 10;
/**
 * Milliseconds by which sound may be off from when it comes. By more, the camera counts the two by different clocks, as far
 * as is known: until its first report says how they belong together, each begins at 0, and pictures wait for a key frame.
 */
const APART = 150;

/** By how far it has gone from one picture to the next, in milliseconds. */
const standsStill = (step: number): boolean => step >= 0 && step < STILL;

export interface CameraClock {
  /**
   * When a packet's picture was taken. `source`: by the camera's clock, in milliseconds; undefined where it does not say.
   * `arrival`: now, in milliseconds since 1970. Never the same time twice; in the order of showing.
   */
  stamp(source: number | undefined, arrival: number): Pts;
  /** The same for what goes with the pictures. */
  along(source: number | undefined, arrival: number): Pts;
}

interface Given {
  /** In milliseconds of the camera's clock. */
  readonly source: number;
  /** In ticks of ours. */
  readonly time: number;
}

/**
 * Maps the clock of a camera to ours. Pictures cannot come before they are taken, so of all differences between the clocks
 * the least one is nearest to the truth; it creeps up slowly, as clocks drift. So times are smooth where arrivals are not,
 * and follow our clock for weeks. Where the camera's clock jumps, is set back or wraps, the picture's time is that of its
 * arrival, and the new difference counts from the second picture on that agrees with it: one stray time changes nothing.
 * While it stands still, which is what ffmpeg makes of a clock that is set back, times are those of arrival, made even.
 *
 * `delay`: frames by which decoding runs ahead of showing.
 */
export function createCameraClock(delay: number): CameraClock {
  const early = delay * REORDERED;
  const tooEarly = delay > 0 ? JUMP : TOO_EARLY;
  let offset: number | undefined;
  /** The difference that a picture out of line has suggested, and that picture. */
  let candidate: { readonly offset: number; readonly given: Given; readonly floor: number } | undefined;
  /** Pictures by the present reading of the camera's clock, as they are shown. */
  let known: Given[] = [];
  /** All that is shown before those. */
  let floor = Number.NEGATIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  let latestAlong = Number.NEGATIVE_INFINITY;
  let sound: CameraClock | undefined;
  /** What the last picture said, and when it came. */
  let last: { readonly source: number; readonly arrival: number } | undefined;
  /** Milliseconds from one picture to the next. */
  let interval: number | undefined;
  let still = false;

  /** The time of this picture by those before it, and a little by its arrival, in milliseconds since 1970. */
  function paced(arrival: number, distance: number): number {
    const expected = wallOf(pts(latest)) + distance;
    const late = arrival - expected;
    if (Math.abs(late) > TOO_EARLY) return arrival;
    interval = Math.max(0, distance + late * PACING);
    return expected + late * FOLLOWING;
  }

  /** The time of a picture at which the camera's clock stands still, or goes on again from another time than expected. */
  function unclocked(source: number, arrival: number): Pts | undefined {
    const before = last;
    last = { source, arrival };
    if (!before || delay > 0) return undefined;
    const step = source - before.source;
    const passed = arrival - before.arrival;
    const distance = interval ?? passed;
    const stood = still;
    // A picture that is sent twice comes twice at once.
    still = standsStill(step) && (stood || passed > distance / 2);
    if (!still && step >= STILL && step < JUMP) interval = distance + (step - distance) * LEARNING;
    if (!still && !stood) return undefined;
    const time = paced(arrival, distance);
    if (!still) {
      if (offset !== undefined && Math.abs(source + offset - time) < distance / 2) return undefined;
      offset = time - source;
    }
    candidate = undefined;
    return pts(append(ticksOfWall(time)));
  }

  /** ffmpeg holds the last picture before a silence until the next one comes: it is late, and its clock is right. */
  function held(source: number, arrival: number): Pts | undefined {
    if (!last || still || offset === undefined) return undefined;
    const step = source - last.source;
    if (step < STILL || step >= JUMP || arrival - last.arrival - step <= LATE) return undefined;
    last = { source, arrival };
    return place(source, source + offset);
  }

  /** The difference of the clocks after this picture; undefined where it is out of line. */
  function difference(source: number, arrival: number): number | undefined {
    const seen = arrival - source;
    if (offset === undefined) return seen;
    const late = seen - offset;
    if (late <= JUMP && late >= -tooEarly) {
      const ahead = late + early;
      if (ahead < 0) return offset + (ahead > -SUDDEN ? ahead * QUICKLY : ahead);
      return offset + late * SLOWLY + Math.max(0, late - LATE) * FASTER;
    }
    if (!candidate || Math.abs(seen - candidate.offset) > JUMP) return undefined;
    known = [candidate.given];
    floor = candidate.floor;
    return seen;
  }

  /** After all others. */
  function append(time: number): number {
    latest = Math.max(time, latest + (delay > 0 ? ROOM : 1));
    return latest;
  }

  /** Between those that are shown before and after it. */
  function insert(source: number, wanted: number): number {
    let at = known.length;
    while (at > 0 && known[at - 1].source > source) at--;
    const before = known[at - 1];
    const after = known[at];
    let time = wanted;
    if (!after) time = append(time);
    else {
      const low = before?.time ?? floor;
      if (time <= low || time >= after.time) {
        const share = before ? (source - before.source) / (after.source - before.source) : 0.5;
        time = Math.round(low + (after.time - low) * share);
        if (time <= low) time = low + 1;
        // A picture that has come twice leaves no room.
        if (!(time < after.time)) time = append(time);
      }
    }
    known.splice(at, 0, { source, time });
    if (known.length > REMEMBERED) floor = known.shift()!.time;
    return time;
  }

  /** `time`: in milliseconds since 1970, by the camera's clock. */
  function place(source: number, time: number): Pts {
    const wanted = ticksOfWall(time);
    return pts(delay > 0 ? insert(source, wanted) : append(wanted));
  }

  return {
    stamp(source, arrival) {
      if (source === undefined) return pts(append(ticksOfWall(arrival)));
      const special = held(source, arrival) ?? unclocked(source, arrival);
      if (special !== undefined) return special;
      const before = latest;
      const now = difference(source, arrival);
      if (now === undefined) {
        const time = append(ticksOfWall(arrival));
        candidate = { offset: arrival - source, given: { source, time }, floor: before };
        return pts(time);
      }
      candidate = undefined;
      offset = now;
      return place(source, source + offset);
    },
    along(source, arrival) {
      sound ??= createCameraClock(0);
      const own = sound.stamp(source, arrival);
      const time = source === undefined || offset === undefined ? own : ticksOfWall(source + offset);
      const ticks = Math.abs(wallOf(time) - arrival) > APART ? own : time;
      latestAlong = Math.max(ticks, latestAlong + 1);
      return pts(latestAlong);
    },
  };
}

/**
 * Tells from a camera's times, in milliseconds, whether its clock has been set back, and not for a picture or two. `bent`:
 * ffmpeg has made them grow.
 */
export function createBackWatch(bent: boolean): (source: number) => boolean {
  let last: number | undefined;
  let latest = Number.NEGATIVE_INFINITY;
  let running = 0;
  let back = 0;
  return (source) => {
    const still = last !== undefined && standsStill(source - last);
    last = source;
    if (bent ? still && running >= RUNNING : source < latest - BEHIND) back++;
    else {
      if (!still) running++;
      back = Math.max(0, back - RECOVERY);
      latest = source;
    }
    return back > MOST_BACK;
  };
}
