import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import {
  addCommon,
  addModel,
  addResults,
  addSource,
  addWords,
  type ResultOptions,
  type SourceOptions,
} from './options.ts';

export interface SegmentOptions extends SourceOptions, ResultOptions {
  readonly output: string;
  readonly association?: 'none' | 'online' | 'clustered';
}

const EXAMPLES = `
Examples:
  sidestream segment drive.mp4 -o named.mp4 --vocabulary "road, car|vehicle, person"
  sidestream segment drive.mp4 -o named.mp4 --vocabulary-file names.txt --masks masks.json --report report.json
  sidestream segment https://example.org/clip.mp4 -o named.webm --model san-vit-b-16 --expand coco-stuff
  sidestream segment film.mkv -o scene.mp4 --start 12:30 --duration 20 --labels none --opacity 0.7`;

export function segmentCommand(io: Io): Command {
  const command = new Command('segment')
    .description('name every pixel of a video: file or address in, overlaid video out, in one process')
    .argument('<input>', 'video file, or address (http, https, rtsp)')
    .addOption(
      new Option('-o, --output <file>', 'video to write: .mp4 .mkv .mov .webm')
        .makeOptionMandatory()
        .helpGroup('Results:'),
    )
    .addOption(
      new Option(
        '--association <kind>',
        'how frames hang together: from each to the next, in windows, or not at all',
      )
        .choices(['online', 'clustered', 'none'])
        .helpGroup('Model:'),
    );
  return addCommon(addModel(addSource(addWords(addResults(command)))))
    .addHelpText('after', EXAMPLES)
    .action(async (input: string, options: SegmentOptions) => {
      const { runSegment } = await import('./run-segment.ts');
      await runSegment(io, input, options);
    });
}
