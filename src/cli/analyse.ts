import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import { addCommon, addModel, addSource, type SourceOptions } from './options.ts';

export interface AnalyseOptions extends SourceOptions {
  readonly output: string;
  readonly association?: 'online' | 'clustered';
  readonly force?: boolean;
}

const EXAMPLES = `
Examples:
  sidestream analyse drive.mp4 -o drive.analysis
  sidestream label drive.analysis --vocabulary "road, car, person" --masks masks.json
  sidestream search drive.analysis "traffic sign"`;

export function analyseCommand(io: Io): Command {
  const command = new Command('analyse')
    .description("the model's part alone: what is seen in a video, before any word")
    .argument('<input>', 'video file, or address (http, https, rtsp)')
    .addOption(
      new Option('-o, --output <file>', 'analysis to write, such as drive.analysis')
        .makeOptionMandatory()
        .helpGroup('Results:'),
    )
    .addOption(new Option('--force', 'overwrite results that exist').helpGroup('Results:'))
    .addOption(
      new Option('--association <kind>', 'how regions are followed from frame to frame')
        .choices(['online', 'clustered'])
        .helpGroup('Model:'),
    );
  return addCommon(addModel(addSource(command)))
    .addHelpText('after', EXAMPLES)
    .action(async (input: string, options: AnalyseOptions) => {
      const { runAnalyse } = await import('./run-analyse.ts');
      await runAnalyse(io, input, options);
    });
}
