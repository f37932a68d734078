import { lengthOf } from '../ui/time.ts';

/** `9 s`, or as a clock from a minute on. */
export const spokenLength = (seconds: number): string =>
  seconds < 60
    ? `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`
    : lengthOf(seconds);
