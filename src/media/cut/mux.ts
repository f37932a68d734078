import { draft } from '../draft.ts';
import { drained } from '../encode.ts';
import { explain } from '../failures.ts';
import { type FfmpegPaths, pipe, runFfmpeg } from '../process.ts';
import { fragment, type MovieTrack, movieHeader, type Sample } from './fragments.ts';

/** Makes an MP4 of coded pictures and sound, with its index at the front. */
export interface Mux {
  /** `track`: by number, from 0. Times in ticks of the track, from the clip's beginning; sound may begin before it. */
  add(track: number, sample: Sample): Promise<void>;
  /** `ends`: when the last sample of each track is over for the decoder. Gives the file its name. */
  finish(ends: readonly number[]): Promise<void>;
  discard(): Promise<void>;
}

export interface Chapter {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

export interface MuxOptions {
  readonly output: string;
  readonly tracks: readonly MovieTrack[];
  /** None where the clip is of one piece. */
  readonly chapters: readonly Chapter[];
  /** ISO 8601. */
  readonly created: string;
}

/** Seconds before the clip's beginning in which packets may be decoded already: no time is negative. */
const LEAD = 30;
/** Samples and bytes of a fragment. */
const [MOST_SAMPLES, MOST_BYTES] = [50, 4 << 20];

/** ffmpeg's arguments for the movie on standard input. */
export function muxArguments({ chapters, created }: Pick<MuxOptions, 'chapters' | 'created'>) {
  const text = Buffer.from(chaptersText(chapters)).toString('base64');
  const about =
    chapters.length === 0
      ? []
      : [{ source: `data:text/plain;base64,${text}`, options: ['-f', 'ffmetadata'] }];
  const output = [
    ...['-map', '0', '-c', 'copy', '-copyts', '-output_ts_offset', String(-LEAD)],
    ...['-map_metadata:g', '-1', '-map_chapters', chapters.length === 0 ? '-1' : '1'],
    ...['-metadata', `creation_time=${created}`, '-movflags', '+faststart', '-f', 'mp4'],
  ];
  return { input: ['-f', 'mp4'], about, output };
}

/** As ffmpeg's metadata files have them. */
export function chaptersText(chapters: readonly Chapter[]): string {
  const milliseconds = (seconds: number) => Math.round(seconds * 1000);
  const entries = chapters.map(
    ({ from, to, title }) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${milliseconds(from)}\nEND=${milliseconds(to)}\ntitle=${title.replaceAll(/[=;#\\\n]/g, '\\$&')}\n`,
  );
  return [';FFMETADATA1\n', ...entries].join('');
}

export function openMux(options: MuxOptions, paths: FfmpegPaths, signal: AbortSignal): Mux {
  const { output: path, tracks } = options;
  const file = draft(path);
  const stdin = pipe();
  const { input, about, output } = muxArguments(options);
  const run = runFfmpeg(
    { inputs: [{ source: stdin, options: input }, ...about], outputOptions: output, output: file.path },
    paths,
    signal,
  );
  stdin.on('error', () => {}); // It is gone: its end tells.
  stdin.write(movieHeader(tracks));
  const waiting: Sample[][] = tracks.map(() => []);
  let fragments = 0;
  let over = false;
  run.ended.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );

  const fail = async (error?: unknown): Promise<never> => {
    const reason = await run.ended.then(
      () => error ?? new Error('ffmpeg ended before the clip did'),
      (failure: unknown) => failure,
    );
    signal.throwIfAborted();
    throw explain(reason, path, path);
  };

  async function write(track: number, samples: readonly Sample[], end: number): Promise<void> {
    signal.throwIfAborted();
    if (over) await fail();
    if (!stdin.write(fragment(++fragments, track + 1, samples, end))) await drained(stdin, run);
  }

  return {
    async add(track, { decoded, shown, ...sample }) {
      const own = waiting[track];
      const lead = LEAD * tracks[track].timescale;
      own.push({ ...sample, decoded: decoded + lead, shown: shown + lead });
      const bytes = own.reduce((sum, { data }) => sum + data.length, 0);
      if (own.length <= MOST_SAMPLES && bytes <= MOST_BYTES) return;
      // How long a sample lasts is known from the next one.
      const next = own[own.length - 1];
      waiting[track] = [next];
      if (own.length > 1) await write(track, own.slice(0, -1), next.decoded);
    },
    async finish(ends) {
      for (const [track, own] of waiting.entries()) {
        const end = ends[track] + LEAD * tracks[track].timescale;
        if (own.length > 0) await write(track, own, Math.max(end, own[own.length - 1].decoded + 1));
      }
      stdin.end();
      await run.ended.catch(fail);
      signal.throwIfAborted();
      await file.commit();
    },
    async discard() {
      run.kill();
      await run.ended.catch(() => {}); // It was ended on purpose.
      stdin.destroy();
      await file.discard();
    },
  };
}
