import { join } from 'node:path';
import type { AnalysisHeader } from '../../analysis/file/format.ts';
import { asSidestreamError, SidestreamError } from '../../core/errors.ts';
import type { FedPacket } from '../../media/live/fed.ts';
import { openRecorder, type Recorder } from '../../media/live/record.ts';
import type { NutStream } from '../../media/nut.ts';
import type { FfmpegPaths } from '../../media/process.ts';
import { LIVE_TIME_BASE, ticksOfWall } from '../../media/rtsp/clock.ts';
import { codecOf } from '../../media/rtsp/parameter-sets.ts';
import type { Seen } from '../live.ts';
import { type Chapter, type ChapterFile, createChapter } from './chapter.ts';

/** A stream's own pictures and sound, in segments, with what the model saw in them. Times are ticks of LIVE_TIME_BASE. */

export interface RecordingRequest {
  /** Where segments are written until they are taken. */
  readonly folder: string;
  /** Of a segment, at least: it ends with the next key frame. */
  readonly seconds: number;
  readonly audio: boolean;
}

export interface RecordingDeps {
  readonly paths: FfmpegPaths;
  /** What the analysis of pictures like these says of itself. `begin`: of the segment. */
  readonly header: (stream: NutStream, begin: number) => AnalysisHeader;
  /** Told why nothing is recorded; undefined: it goes on. */
  readonly tell: (error: unknown) => void;
  /** Takes over the files of a segment, one after the other. `missing`: what is not recorded since the one before. */
  readonly keep: (segment: Segment | undefined, missing: readonly Missing[]) => void;
}

export interface Segment {
  /** Times of the first picture, and at which the last one is over. */
  readonly begin: number;
  readonly end: number;
  readonly pictures: number;
  /** MP4. */
  readonly video: string;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly audio: boolean;
  /** Undefined where the model had seen nothing yet. */
  readonly analysis: ChapterFile | undefined;
}

/** A stretch that is not recorded; `reason`: a code, see `docs/clips.md`. */
export interface Missing {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export interface Recording {
  /** What the camera sends, as it comes. */
  camera(packet: FedPacket): void;
  /** What the model saw. */
  seen(frame: Seen): void;
  /** No pictures come, and why. */
  away(reason: string): void;
  /** Finishes what is open. `reason`: why nothing follows. */
  close(reason: string): Promise<void>;
}

/** Milliseconds that the model may be behind the end of a segment. */
const PATIENCE = 4000;
const TICKS = LIVE_TIME_BASE.den;
/** A picture that is so much late is no gap. */
const LEAST_GAP = TICKS / 2;

export async function openRecording(
  { folder, seconds, audio }: RecordingRequest,
  { paths, header, tell, keep }: RecordingDeps,
  signal: AbortSignal,
): Promise<Recording> {
  /** A segment that is written, or waits for the model. */
  interface Open {
    readonly begin: number;
    readonly streams: readonly NutStream[];
    readonly chapter: Chapter;
    readonly times: number[];
    end: number;
    /** From one of its pictures to the next. */
    usual?: number | undefined;
    readonly film: Deferred<string | undefined>;
    readonly analysed: Deferred<void>;
    failure?: unknown;
  }
  const open: Open[] = [];
  let writing: Open | undefined;
  let carried: Seen | undefined;
  let accounted: number = ticksOfWall(Date.now());
  let why = 'STARTING';
  /** What was said of why nothing comes, since something came last. */
  let said: string | undefined;
  let missing: Missing[] = [];
  /** From one picture to the next, as it was last. */
  let usual: number | undefined;
  let keeping: Promise<void> = Promise.resolve();

  const recorder: Recorder = await openRecorder(
    { folder, seconds },
    {
      paths,
      tell,
      films: {
        begun(begin, streams) {
          lacking(accounted, begin, why);
          const path = join(folder, `${begin}.analysis`);
          const chapter = createChapter(path, header(streams[0], begin), carried);
          writing = {
            ...{ begin, streams, chapter, times: [], end: Number.POSITIVE_INFINITY },
            ...{ film: deferred<string | undefined>(), analysed: deferred<void>() },
          };
          open.push(writing);
          why = 'CAMERA_AWAY';
          said = undefined;
          const mine = writing;
          keeping = keeping.then(() => finish(mine)).catch(tell);
        },
        picture(time) {
          writing?.times.push(time);
          writing?.chapter.picture(time);
        },
        ended(_begin, next, slow) {
          if (!writing) return;
          const mine = writing;
          writing = undefined;
          usual = usualOf(mine.times, usual);
          mine.usual = usual;
          const last = Math.max(...mine.times);
          // A camera that sent nothing for a while goes on with a key frame, and that begins the next segment.
          const isSilent = next !== undefined && isHole(next - last, usual);
          if (slow) why = 'DISK_SLOW';
          else if (isSilent) why = 'CAMERA_SILENT';
          mine.end = next === undefined || isSilent ? last + (usual ?? TICKS / 25) : next;
          accounted = mine.end;
          setTimeout(() => mine.analysed.resolve(), PATIENCE).unref();
        },
        kept(begin, path, error) {
          const mine = open.find((one) => one.begin === begin);
          if (error !== undefined) {
            mine!.failure = error;
            why = reasonOf(error);
          }
          mine?.film.resolve(path);
        },
      },
    },
    signal,
  );

  function lacking(from: number, to: number, reason: string): void {
    if (to - from > LEAST_GAP) missing.push({ from, to, reason });
  }

  async function finish(mine: Open): Promise<void> {
    const video = await mine.film.promise;
    if (video !== undefined) await mine.analysed.promise;
    open.splice(open.indexOf(mine), 1);
    const { begin, end, streams, chapter, times } = mine;
    if (video === undefined) {
      await chapter.discard();
      lacking(begin, end, mine.failure === undefined ? 'CAMERA_AWAY' : reasonOf(mine.failure));
      return;
    }
    const analysis = await chapter.finish(end).catch(async (error) => {
      tell(error);
      await chapter.discard();
      return undefined;
    });
    const before = [...missing.filter(({ to }) => to <= begin), ...holesIn(times, mine.usual)];
    missing = missing.filter(({ to }) => to > begin);
    const [{ width, height }] = streams;
    const about = { width, height, codec: codecOf(streams[0]), audio: streams.length > 1 };
    keep({ begin, end, pictures: times.length, video, ...about, analysis }, before);
  }

  return {
    camera(packet) {
      if (packet.stream.kind === 'video' || audio) recorder.take(packet);
    },
    seen(frame) {
      for (const one of open) {
        if (one.end <= frame.pts) one.analysed.resolve();
        else if (one.begin <= frame.pts) one.chapter.seen(frame);
      }
      carried = frame;
    },
    away(reason) {
      recorder.pause();
      why = reason;
      if (said === reason) return;
      said = reason;
      // Whoever looks learns at once why nothing more comes.
      const from = accounted;
      keeping = keeping.then(() => keep(undefined, [{ from, to: from, reason }])).catch(tell);
    },
    async close(reason) {
      await recorder.close();
      for (const one of open) one.analysed.resolve();
      await keeping;
      // Cameras' clocks may be a little ahead of ours.
      const now = Math.max(ticksOfWall(Date.now()), accounted);
      lacking(accounted, now, why);
      keep(undefined, [...missing, { from: now, to: now, reason }]);
      missing = [];
    },
  };
}

/** Where a camera sent nothing for a while and then went on. `usual`: from one picture to the next. */
function holesIn(times: readonly number[], usual: number | undefined): Missing[] {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted
    .slice(1)
    .flatMap((to, i) =>
      isHole(to - sorted[i], usual) ? [{ from: sorted[i] + (usual ?? 0), to, reason: 'CAMERA_SILENT' }] : [],
    );
}

/** True where so long a time from one picture to the next is none of a camera that is slow. */
const isHole = (distance: number, usual: number | undefined): boolean =>
  usual !== undefined && distance > Math.max(LEAST_GAP, 4 * usual);

/** From one picture to the next, mostly. `before`: what it was before these, which counts where they are too few to tell. */
function usualOf(times: readonly number[], before: number | undefined): number | undefined {
  const sorted = [...times].sort((a, b) => a - b);
  const distances = sorted.slice(1).map((time, i) => time - sorted[i]);
  const median = distances.sort((a, b) => a - b)[distances.length >> 1];
  return distances.length > 1 ? median : (before ?? median);
}

function reasonOf(error: unknown): string {
  if (/No space left|ENOSPC/i.test(`${error} ${(error as { lines?: string[] }).lines?.join(' ') ?? ''}`))
    return 'DISK_FULL';
  const { code } = asSidestreamError(error);
  return error instanceof SidestreamError ? code : 'OUTPUT_UNWRITABLE';
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
