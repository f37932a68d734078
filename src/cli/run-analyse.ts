import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../config/folders.ts';
import { analyseFile } from '../pipeline/analysis-file.ts';
import type { AnalyseOptions } from './analyse.ts';
import type { Io } from './io.ts';
import { readyModel } from './model.ts';
import { settingsOf, sourceFlags, spanOf } from './options.ts';
import { createMeter, sayWarnings } from './progress.ts';

/** Runs `sidestream analyse`. */
export async function runAnalyse(io: Io, input: string, options: AnalyseOptions): Promise<void> {
  const settings = await settingsOf(options, sourceFlags(options));
  const { config } = settings;
  const say = options.quiet || options.json ? () => {} : io.say;
  await using ready = await readyModel(settings, say);
  const meter = options.quiet ? undefined : createMeter(process.stderr);
  const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
  const report = await analyseFile(
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
      program: `sidestream ${version}`,
      progress: ({ frames, total, frameRate }) => meter?.update(frames, total, frameRate),
    },
    io.signal,
  ).finally(() => meter?.stop());
  if (options.json) {
    io.print(JSON.stringify(report, null, 2));
    return;
  }
  sayWarnings(report.warnings, say);
  const { frames, tracks, timing } = report;
  const speed = (frames.written / timing.wall_s).toFixed(1);
  say(`${frames.written} frames, ${tracks} tracks in ${timing.wall_s.toFixed(1)} s, ${speed} frames/s`);
  io.print(options.output);
}
