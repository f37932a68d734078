declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A timestamp in ticks of its stream's time base. An integer; may be negative (edit lists, priming). */
export type Pts = Unit<'pts'>;
/** A duration or an instant in seconds. */
export type Seconds = Unit<'seconds'>;

/** An exact fraction: a time base (1/12800 s), a frame rate (30000/1001) or an aspect ratio. `den` is positive. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

export const pts = (ticks: number): Pts => ticks as Pts;
export const seconds = (value: number): Seconds => value as Seconds;

/** The instant of `ticks` in seconds, correctly rounded once. */
export function ptsToSeconds(ticks: Pts, timeBase: Rational): Seconds {
  return seconds((ticks * timeBase.num) / timeBase.den);
}

export function rationalToNumber(value: Rational): number {
  return value.num / value.den;
}

/** Parses ffmpeg's `num/den` or `num:den`; undefined for `0/0`, `N/A` and anything that is no positive fraction. */
export function parseRational(text: string | undefined): Rational | undefined {
  const match = /^(\d+)[/:](\d+)$/.exec(text ?? '');
  if (!match) return undefined;
  const num = Number(match[1]);
  const den = Number(match[2]);
  return num > 0 && den > 0 ? { num, den } : undefined;
}
