import { parseVocabulary } from '../analysis/vocabulary.ts';
import type { Config } from '../config/load.ts';
import { SidestreamError } from '../core/errors.ts';
import { cutSpans, type Span, type SpanClip } from '../pipeline/cut-spans.ts';
import { type FileHit, searchFiles } from '../pipeline/search.ts';
import { readyModel } from '../ready-model.ts';
import type { Io } from './io.ts';
import { settingsOf } from './options.ts';
import { clock, remarks } from './progress.ts';
import { modelOf } from './run-label.ts';
import type { SearchOptions } from './search.ts';
import { table } from './table.ts';

/** Runs `sidestream search`. */
export async function runSearch(io: Io, args: readonly string[], options: SearchOptions): Promise<void> {
  const analyses = args.slice(0, -1);
  if (analyses.length === 0)
    throw new SidestreamError('USAGE', 'give one or more analyses, and then the words');
  const asked = parseVocabulary(args.at(-1)!);
  if (asked.length > 1)
    throw new SidestreamError(
      'USAGE',
      'words for one thing: parts after a comma would be others; use | between words for the same',
    );
  checkCutting(analyses, options);
  const model = options.model ?? (await modelOf(analyses[0]));
  const settings = await settingsOf({ ...options, model }, { 'segment.expand': options.expand });
  await using ready = await readyModel(settings, () => {});
  const { pack } = ready;
  const hits = await searchFiles(
    {
      analyses,
      words: asked[0],
      expand: settings.config.segment.expand,
      limits: { threshold: options.threshold, share: options.share },
    },
    {
      model: ready.model,
      pack: pack.manifest,
      identity: pack.identity,
      tokenizer: pack.tokenizer,
      prompts: pack.manifest.prompts,
      cache: ready.wordCache,
    },
    io.signal,
  );
  const best = hits.slice(0, options.limit);
  const { cut: folder, video } = options;
  if (folder !== undefined && video !== undefined && best.length > 0) {
    await cut(io, best, { folder, video, words: asked[0][0] }, options, settings.config);
    return;
  }
  if (options.json) {
    io.print(JSON.stringify(best, null, 2));
    return;
  }
  if (best.length === 0) {
    if (!options.quiet) io.say('seen nowhere');
    return;
  }
  const files = analyses.length > 1;
  io.print(
    table([
      [...(files ? ['file'] : []), 'start', 'end', 'score', 'track', 'share'],
      ...best.map(({ file, start, end, score, track, share }) => [
        ...(files ? [file] : []),
        start.toFixed(2),
        end.toFixed(2),
        score.toFixed(3),
        String(track),
        `${(share * 100).toFixed(1)} %`,
      ]),
    ]),
  );
}

function checkCutting(analyses: readonly string[], { cut: folder, video }: SearchOptions): void {
  if (folder === undefined && video === undefined) return;
  if (folder === undefined) throw new SidestreamError('USAGE', '--video is for --cut FOLDER');
  if (video === undefined)
    throw new SidestreamError('USAGE', 'to cut the video it must be given: --video FILE');
  if (analyses.length > 1)
    throw new SidestreamError('USAGE', '--cut is for one analysis and its video: search the others apart');
}

/** Cuts spans out of the video: a line for each clip when it is whole. */
async function cut(
  io: Io,
  hits: readonly FileHit[],
  about: { readonly folder: string; readonly video: string; readonly words: string },
  options: SearchOptions,
  { segment, ffmpeg: paths }: Config,
): Promise<void> {
  const [{ file: analysis }] = hits;
  const { padding, force = false } = options;
  const encoder = { encoder: segment.encoder ?? undefined, crf: segment.crf, preset: segment.preset };
  const made = ({ start, end, score, path }: SpanClip) => {
    if (!options.json) io.print([start.toFixed(3), end.toFixed(3), score.toFixed(3), path].join('  '));
  };
  const say = remarks(io, options);
  const progress = ({ start, end }: Span, number: number, total: number) =>
    say(`clip ${number + 1} of ${total}: ${(end - start).toFixed(1)} s from ${clock(start)}`);
  const clips = await cutSpans(
    { ...about, analysis, hits, padding, force, encoder },
    { paths, progress, made },
    io.signal,
  );
  if (options.json) io.print(JSON.stringify(clips, null, 2));
}
