import type { Span } from './days.ts';
import { spanAt } from './recorded.ts';

/** A segment of a recording, as a video. Times are milliseconds since 1970; `begin`: its second 0. */
export interface RecordedFile extends Span {
  readonly begin: number;
  readonly url: string;
}

/** Asks for the segments that have any of a time, in order, and from when on there are more. */
export type AskFiles = (
  span: Span,
  limit?: number,
) => Promise<{ readonly files: readonly RecordedFile[]; readonly next: number | undefined }>;

export interface Files {
  /** The segment that has the time, or the one before it where the next begins a moment later. */
  at(time: number): Promise<RecordedFile | undefined>;
  /** The next one, however much later; undefined: there is none yet. */
  after(file: RecordedFile): Promise<RecordedFile | undefined>;
  /** Why it does not come; undefined: it does. */
  fault(file: RecordedFile): Promise<unknown>;
}

/** Milliseconds that are asked for at a time. */
const WINDOW = 15 * 60_000;
/** Windows that are remembered. */
const MOST = 100;
/** Milliseconds after which the newest segments are asked for again. */
const AGAIN = 1500;
/** Less than that between two segments is no gap: a picture came a little late. */
const LEAST_GAP = 500;
/** Segments become known some time after they are over. */
const SETTLE = 120_000;

interface Known {
  readonly files: readonly RecordedFile[];
  /** When it was asked for. */
  readonly asked: number;
}

/** The segments of a recording, which are asked for when they are needed, and remembered. */
export function createFiles(
  ask: AskFiles,
  fault: (file: RecordedFile) => Promise<unknown>,
  now: () => number,
): Files {
  const windows = new Map<number, Promise<Known>>();

  async function all(span: Span): Promise<readonly RecordedFile[]> {
    const files: RecordedFile[] = [];
    for (let from: number | undefined = span.from; from !== undefined && from < span.to; ) {
      const page = await ask({ from, to: span.to });
      const known = new Set(files.map(({ url }) => url));
      files.push(...page.files.filter(({ url }) => !known.has(url)));
      from = page.next;
    }
    return files;
  }

  /** `fresh`: what may have come since is asked for. */
  async function window(begin: number, fresh: boolean): Promise<readonly RecordedFile[]> {
    const known = windows.get(begin);
    if (known) {
      const { files, asked } = await known;
      const whole = asked > begin + WINDOW + SETTLE;
      if (whole || !fresh || now() - asked < AGAIN) return files;
    }
    const asked = now();
    const coming = all({ from: begin, to: begin + WINDOW }).then((files) => ({ files, asked }));
    windows.delete(begin);
    windows.set(begin, coming);
    // What failed is asked for again.
    coming.catch(() => windows.get(begin) === coming && windows.delete(begin));
    const [oldest] = windows.keys();
    if (windows.size > MOST && oldest !== undefined) windows.delete(oldest);
    return (await coming).files;
  }

  const windowOf = (time: number) => Math.floor(time / WINDOW) * WINDOW;
  const within = (files: readonly RecordedFile[], time: number) =>
    spanAt(files, time) ?? files.findLast(({ to }) => to <= time && time - to < LEAST_GAP);

  return {
    fault,
    async at(time) {
      const begin = windowOf(time);
      if (begin > now()) return undefined;
      return within(await window(begin, false), time) ?? within(await window(begin, true), time);
    },
    async after(file) {
      const isNext = ({ from, url }: RecordedFile) => from >= file.to - LEAST_GAP && url !== file.url;
      const begin = windowOf(file.to);
      const here = (await window(begin, false)).find(isNext) ?? (await window(begin, true)).find(isNext);
      if (here) return here;
      if (begin + WINDOW > now()) return undefined;
      return (await ask({ from: begin + WINDOW, to: now() + 1000 }, 2)).files.find(isNext);
    },
  };
}

/** Second of the file that shows the time. The middle of a millisecond: rounding falls on no other frame. */
export const secondOf = ({ begin }: RecordedFile, time: number): number =>
  Math.max(0, (time - begin + 0.5) / 1000);

export const timeOfSecond = ({ begin }: RecordedFile, second: number): number => begin + second * 1000;
