import { readFile } from 'node:fs/promises';
import { parseVocabulary, parseVocabularyFile } from '../analysis/vocabulary.ts';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { parseColours } from '../overlay/palette.ts';
import { segment } from '../pipeline/file.ts';
import type { Io } from './io.ts';
import { readyModel } from './model.ts';
import { settingsOf } from './options.ts';
import { createMeter } from './progress.ts';
import type { SegmentOptions } from './segment.ts';

/** Runs `sidestream segment`. */
export async function runSegment(io: Io, input: string, options: SegmentOptions): Promise<void> {
  const settings = await settingsOf(options, {
    'segment.expand': options.expand,
    'segment.opacity': options.opacity,
    'segment.outline': options.outline,
    'segment.labels': options.labels,
    'segment.association': options.association,
    'segment.every': options.every,
    'segment.encoder': options.encoder,
    'segment.crf': options.crf,
    'model.short_side': options.shortSide,
  });
  const { config } = settings;
  const names =
    options.vocabulary !== undefined
      ? parseVocabulary(options.vocabulary)
      : options.vocabularyFile !== undefined
        ? parseVocabularyFile(await readText(options.vocabularyFile), options.vocabularyFile)
        : [];
  const say = options.quiet || options.json ? () => {} : io.say;
  await using ready = await readyModel(settings, say);
  const meter = options.quiet ? undefined : createMeter(process.stderr);
  const { start, duration } = options;
  const report = await segment(
    {
      input,
      output: options.output,
      names,
      expand: config.segment.expand,
      things: options.things ?? [],
      stuff: options.stuff ?? [],
      shortSide: config.model.short_side ?? undefined,
      association: config.segment.association,
      every: config.segment.every,
      span: { ...(start === undefined ? {} : { start }), ...(duration === undefined ? {} : { duration }) },
      deinterlace: options.deinterlace ?? false,
      encoder: {
        encoder: config.segment.encoder ?? undefined,
        crf: config.segment.crf,
        preset: config.segment.preset,
      },
      style: {
        opacity: config.segment.opacity,
        outline: config.segment.outline,
        labels: config.segment.labels,
        ...(options.colors === undefined ? {} : { colours: parseColours(options.colors) }),
      },
      paintSide: config.segment.paint_side,
      masks: options.masks,
      maskVideo: options.maskVideo,
      report: options.report,
      force: options.force ?? false,
    },
    {
      paths: config.ffmpeg,
      model: ready.model,
      pack: ready.pack.manifest,
      tokenizer: ready.pack.tokenizer,
      wordCache: ready.wordCache,
      progress: ({ frames, total, frameRate }) => meter?.update(frames, total, frameRate),
    },
    io.signal,
  ).finally(() => meter?.stop());

  if (options.json) {
    io.print(JSON.stringify(report, null, 2));
    return;
  }
  for (const { code, message, count } of report.warnings)
    say(`warning ${code}: ${message}${count > 1 ? ` (${count}×)` : ''}`);
  const { frames, timing } = report;
  say(
    `${frames.emitted} frames in ${timing.wall_s.toFixed(1)} s, ${(frames.emitted / timing.wall_s).toFixed(1)} frames/s`,
  );
  io.print(options.output);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new SidestreamError('USAGE', `--vocabulary-file: ${path} cannot be read: ${error.code}`);
  }
}
