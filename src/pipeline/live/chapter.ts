import type { AnalysisHeader } from '../../analysis/file/format.ts';
import type { TrackSpan } from '../../analysis/file/reader.ts';
import { type AnalysisWriter, createAnalysisWriter } from '../../analysis/file/writer.ts';
import type { AnalysedFrame } from '../../core/frame.ts';
import { type Pts, pts as ptsOf } from '../../core/time.ts';
import { GROUP, type Seeded, together } from '../associate.ts';
import type { Seen } from '../live.ts';
import { createTally, type SeenName } from './tally.ts';

/** The analysis of one recorded segment: an entry for each of its pictures, though the model saw only some of them. */
export interface Chapter {
  /** A picture of the segment, by its time in ticks; nearly in order. */
  picture(time: number): void;
  /** What the model saw; in order, each behind the pictures that are shown before it. */
  seen(frame: Seen): void;
  /** Undefined where the model has seen nothing yet. `end`: ticks at which the last picture is over. */
  finish(end: number): Promise<ChapterFile | undefined>;
  discard(): Promise<void>;
}

export interface ChapterFile {
  /** The analysis. */
  readonly path: string;
  /** Its tables of tracks, for searching. */
  readonly spans: readonly TrackSpan[];
  readonly names: readonly SeenName[];
}

/** `carried`: what was seen last before it; it is what its first pictures show. */
export function createChapter(path: string, header: AnalysisHeader, carried: Seen | undefined): Chapter {
  const tally = createTally();
  const spans: TrackSpan[] = [];
  let pending: number[] = [];
  let latest = carried;
  let group: Seeded[] = [];
  let analysed = 0;
  let placed = 0;
  let writer: AnalysisWriter | undefined;
  let writing: Promise<void> = Promise.resolve();

  function place(time: number, seen: Seen, isNew: boolean): void {
    if (isNew && analysed === GROUP) flush(time);
    if (isNew) analysed++;
    const { regions, tracks, seeds } = seen;
    group.push({ index: placed++, pts: ptsOf(time), regions, tracks, seeds, analysed: isNew });
  }

  /** Pictures before `time` show what was seen last. */
  function repeat(time: number): void {
    const before = pending.filter((one) => one < time);
    pending = pending.filter((one) => one >= time);
    if (latest) for (const one of before) place(one, latest, false);
  }

  function flush(next: number): void {
    if (group.length === 0) return;
    const frames = [...together(group)];
    spans.push({ tracks: frames[0].tracks, from: frames[0].pts, to: next as Pts });
    group = [];
    analysed = 0;
    writing = writing.then(() => write(frames));
    writing.catch(() => {}); // `finish` says so.
  }

  async function write(frames: readonly AnalysedFrame[]): Promise<void> {
    writer ??= await createAnalysisWriter(path, header);
    for (const frame of frames) await writer.add(frame);
  }

  return {
    picture(time) {
      let at = pending.length;
      while (at > 0 && pending[at - 1] > time) at--;
      pending.splice(at, 0, time);
    },
    seen(frame) {
      repeat(frame.pts);
      latest = frame;
      tally.add(frame);
      if (pending[0] !== frame.pts) return;
      pending.shift();
      place(frame.pts, frame, true);
    },
    async finish(end) {
      repeat(end);
      flush(end);
      await writing;
      if (!writer) return undefined;
      await writer.finish();
      return { path, spans, names: tally.finish(end) };
    },
    async discard() {
      await writing.catch(() => {}); // It is not wanted any more.
      await writer?.[Symbol.asyncDispose]();
    },
  };
}
