import { segment } from '../pipeline/file.ts';
import type { Io } from './io.ts';
import { readyModel } from './model.ts';
import { resultsFlags, settingsOf, sourceFlags, spanOf } from './options.ts';
import { createMeter, sayWarnings } from './progress.ts';
import type { SegmentOptions } from './segment.ts';
import { resultsOf, wordsOf } from './words.ts';

/** Runs `sidestream segment`. */
export async function runSegment(io: Io, input: string, options: SegmentOptions): Promise<void> {
  const flags = {
    ...sourceFlags(options),
    ...resultsFlags(options),
    'segment.association': options.association,
  };
  const settings = await settingsOf(options, flags);
  const { config } = settings;
  const words = await wordsOf(options, config);
  const say = options.quiet || options.json ? () => {} : io.say;
  await using ready = await readyModel(settings, say);
  const meter = options.quiet ? undefined : createMeter(process.stderr);
  const report = await segment(
    {
      input,
      ...words,
      ...resultsOf(options, config),
      shortSide: config.model.short_side ?? undefined,
      association: config.segment.association,
      every: config.segment.every,
      span: spanOf(options),
      deinterlace: options.deinterlace ?? false,
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
  sayWarnings(report.warnings, say);
  const { frames, timing } = report;
  say(
    `${frames.emitted} frames in ${timing.wall_s.toFixed(1)} s, ${(frames.emitted / timing.wall_s).toFixed(1)} frames/s`,
  );
  io.print(options.output);
}
