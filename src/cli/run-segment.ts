import { segment } from '../pipeline/file.ts';
import { readyModel } from '../ready-model.ts';
import type { Io } from './io.ts';
import { resultsFlags, settingsOf, sourceFlags, spanOf } from './options.ts';
import { metered, printOutcome, remarks } from './progress.ts';
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
  await using ready = await readyModel(settings, remarks(io, options));
  const report = await metered(options, (progress) =>
    segment(
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
        progress,
      },
      io.signal,
    ),
  );
  const { frames, timing } = report;
  const speed = (frames.emitted / timing.wall_s).toFixed(1);
  const remark = `${frames.emitted} frames in ${timing.wall_s.toFixed(1)} s, ${speed} frames/s`;
  printOutcome(io, options, report, remark, [options.output]);
}
