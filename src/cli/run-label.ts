import { openAnalysis } from '../analysis/file/reader.ts';
import { SidestreamError } from '../core/errors.ts';
import { label } from '../pipeline/label.ts';
import { readyModel } from '../ready-model.ts';
import type { Io } from './io.ts';
import type { LabelOptions } from './label.ts';
import { resultsFlags, settingsOf, spanOf } from './options.ts';
import { metered, printOutcome } from './progress.ts';
import { resultsOf, wordsOf } from './words.ts';

/** Runs `sidestream label`. */
export async function runLabel(io: Io, analysis: string, options: LabelOptions): Promise<void> {
  const { output, masks, maskVideo, panoptic } = options;
  const made = [output, masks, maskVideo, panoptic];
  if (made.every((one) => one === undefined))
    throw new SidestreamError(
      'USAGE',
      'nothing to make: give --masks FILE, --mask-video FILE, --panoptic FILE, or --video with -o',
    );
  const settings = await settingsOf(
    { ...options, model: options.model ?? (await modelOf(analysis)) },
    resultsFlags(options),
  );
  const { config } = settings;
  const words = await wordsOf(options, config);
  await using ready = await readyModel(settings, () => {});
  const report = await metered(options, (progress) =>
    label(
      {
        analysis,
        video: options.video,
        span: spanOf(options),
        ...words,
        ...resultsOf({ ...options, output }, config),
      },
      {
        paths: config.ffmpeg,
        model: ready.model,
        pack: ready.pack.manifest,
        identity: ready.pack.identity,
        tokenizer: ready.pack.tokenizer,
        wordCache: ready.wordCache,
        progress,
      },
      io.signal,
    ),
  );
  const { frames, timing } = report;
  const speed = (frames.labelled / timing.wall_s).toFixed(0);
  const remark = `${frames.labelled} frames in ${timing.wall_s.toFixed(1)} s, ${speed} frames/s`;
  printOutcome(io, options, report, remark, made);
}

/** The name of the model that made an analysis. */
export async function modelOf(path: string): Promise<string> {
  await using analysis = await openAnalysis(path);
  return analysis.header.model.name;
}
