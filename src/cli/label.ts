import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import {
  addCommon,
  addResults,
  addSpan,
  addWords,
  type CommonOptions,
  type ResultOptions,
  type SpanOptions,
  type WordOptions,
} from './options.ts';

export interface LabelOptions extends CommonOptions, WordOptions, ResultOptions, SpanOptions {
  readonly output?: string;
  readonly video?: string;
  readonly model?: string;
}

const EXAMPLES = `
Examples:
  sidestream label drive.analysis --vocabulary "road, car, person" --masks masks.json
  sidestream label drive.analysis --vocabulary "bus, cyclist" --video drive.mp4 -o named.mp4 --labels ids
  sidestream label drive.analysis --vocabulary-file names.txt --start 1:00 --duration 10 --masks minute.json`;

export function labelCommand(io: Io): Command {
  const command = new Command('label')
    .description('name an analysis anew: other words for old video, without running the model')
    .argument('<file.analysis>', 'as analyse wrote it')
    .addOption(
      new Option('-o, --output <file>', 'video to write: .mp4 .mkv .mov .webm; wants --video').helpGroup(
        'Results:',
      ),
    )
    .addOption(new Option('--video <file>', 'the video that was analysed').helpGroup('Source:'))
    .addOption(
      new Option(
        '--model <name|folder>',
        'the model that made it, where it is not found by its name',
      ).helpGroup('Model:'),
    );
  return addCommon(addSpan(addWords(addResults(command))))
    .addHelpText('after', EXAMPLES)
    .action(async (analysis: string, options: LabelOptions) => {
      const { runLabel } = await import('./run-label.ts');
      await runLabel(io, analysis, options);
    });
}
