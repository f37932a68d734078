/** What the packets of some seconds tell of a camera. */

export interface Arrival {
  /** Milliseconds, by a clock of ours. */
  readonly at: number;
  /** By the camera's clock, in milliseconds; undefined where it does not say. */
  readonly source: number | undefined;
  readonly key: boolean;
  readonly bytes: number;
}

export interface Measured {
  readonly frames: number;
  /** Frames a second. */
  readonly fps: number;
  /** Seconds from a key frame to the next, at most; undefined where fewer than two came. */
  readonly keySeconds: number | undefined;
  /** Seconds that were looked at. */
  readonly seconds: number;
  /** Frames by which pictures come out of order. */
  readonly delay: number;
  /** Milliseconds by which 95 of 100 pictures are late, at most, against the earliest. */
  readonly jitter: number;
  /** Bits a second. */
  readonly bitRate: number;
  /** Times that its clock went another way than ours. */
  readonly jumps: number;
}

/** What is sent at first comes all at once: milliseconds that are not looked at where enough follows. */
const BURST = 1000;
/** Milliseconds by which a clock may differ from ours from one picture to the next. */
const JUMP = 2000;

export function measure(arrivals: readonly Arrival[], delay: number): Measured {
  const [begin, end] = [arrivals[0].at, arrivals.at(-1)!.at];
  const steady = arrivals.filter(({ at }) => at >= begin + BURST);
  const seen = steady.length > 5 ? steady : arrivals;
  const seconds = Math.max(0.001, (end - seen[0].at) / 1000);
  const keys = arrivals.filter(({ key }) => key);
  const gaps = keys.slice(1).map((key, i) => timeOf(key) - timeOf(keys[i]));
  return {
    frames: arrivals.length,
    fps: (seen.length - 1) / seconds,
    keySeconds: gaps.length > 0 ? Math.max(...gaps) / 1000 : undefined,
    seconds: (end - begin) / 1000,
    delay,
    jitter: jitterOf(seen),
    bitRate: (seen.slice(1).reduce((sum, { bytes }) => sum + bytes, 0) * 8) / seconds,
    jumps: jumpsOf(arrivals),
  };
}

const timeOf = ({ source, at }: Arrival): number => source ?? at;

function jumpsOf(arrivals: readonly Arrival[]): number {
  return arrivals.slice(1).filter(({ source, at }, i) => {
    const before = arrivals[i];
    if (source === undefined || before.source === undefined) return false;
    return Math.abs(source - before.source - (at - before.at)) > JUMP;
  }).length;
}

function jitterOf(arrivals: readonly Arrival[]): number {
  const timed = arrivals.filter(({ source }) => source !== undefined);
  // In the order of showing, whatever order they come in.
  const sources = timed.map(({ source }) => source!).sort((a, b) => a - b);
  const late = timed.map(({ at }, i) => at - sources[i]).sort((a, b) => a - b);
  return late.length > 0 ? late[Math.floor((late.length - 1) * 0.95)] - late[0] : 0;
}
