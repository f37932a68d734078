import { program } from '../config/program.ts';
import { analyseFile } from '../pipeline/analysis-file.ts';
import { readyModel } from '../ready-model.ts';
import type { AnalyseOptions } from './analyse.ts';
import type { Io } from './io.ts';
import { settingsOf, sourceFlags, spanOf } from './options.ts';
import { metered, printOutcome, remarks } from './progress.ts';

/** Runs `sidestream analyse`. */
export async function runAnalyse(io: Io, input: string, options: AnalyseOptions): Promise<void> {
  const settings = await settingsOf(options, sourceFlags(options));
  const { config } = settings;
  await using ready = await readyModel(settings, remarks(io, options));
  const report = await metered(options, (progress) =>
    analyseFile(
      {
        input,
        output: options.output,
        association: options.association ?? 'online',
        shortSide: config.model.short_side ?? undefined,
        every: config.segment.every,
        span: spanOf(options),
        deinterlace: options.deinterlace ?? false,
        force: options.force ?? false,
      },
      {
        paths: config.ffmpeg,
        model: ready.model,
        pack: ready.pack.manifest,
        identity: ready.pack.identity,
        program,
        progress,
      },
      io.signal,
    ),
  );
  const { frames, tracks, timing } = report;
  const speed = (frames.written / timing.wall_s).toFixed(1);
  const remark = `${frames.written} frames, ${tracks} tracks in ${timing.wall_s.toFixed(1)} s, ${speed} frames/s`;
  printOutcome(io, options, report, remark, [options.output]);
}
