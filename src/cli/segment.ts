import { Command, Option } from 'commander';
import type { Expansion } from '../analysis/vocabulary.ts';
import type { Io } from './io.ts';
import { addCommon, addModel, fraction, integer, list, type ModelOptions, time } from './options.ts';

export interface SegmentOptions extends ModelOptions {
  readonly output: string;
  readonly vocabulary?: string;
  readonly vocabularyFile?: string;
  readonly expand?: Expansion;
  readonly things?: string[];
  readonly stuff?: string[];
  readonly shortSide?: number;
  readonly association?: 'none' | 'online';
  readonly every?: number;
  readonly start?: number;
  readonly duration?: number;
  readonly deinterlace?: boolean;
  readonly encoder?: string;
  readonly crf?: number;
  readonly opacity?: number;
  readonly outline?: number;
  readonly labels?: 'none' | 'names' | 'ids';
  readonly colors?: string;
  readonly masks?: string;
  readonly maskVideo?: string;
  readonly report?: string;
  readonly force?: boolean;
}

const EXAMPLES = `
Examples:
  sidestream segment drive.mp4 -o named.mp4 --vocabulary "road, car|vehicle, person"
  sidestream segment drive.mp4 -o named.mp4 --vocabulary-file names.txt --masks masks.json --report report.json
  sidestream segment https://example.org/clip.mp4 -o named.webm --model san-vit-b-16 --expand coco-stuff
  sidestream segment film.mkv -o scene.mp4 --start 12:30 --duration 20 --labels none --opacity 0.7`;

export function segmentCommand(io: Io): Command {
  const names = 'Names:';
  const results = 'Results:';
  const picture = 'Picture:';
  const source = 'Source:';
  const command = new Command('segment')
    .description('name every pixel of a video: file or address in, overlaid video out, in one process')
    .argument('<input>', 'video file, or address (http, https, rtsp)')
    .addOption(
      new Option('-o, --output <file>', 'video to write: .mp4 .mkv .mov .webm')
        .makeOptionMandatory()
        .helpGroup(results),
    )
    .addOption(
      new Option('--masks <file>', 'masks as JSON (YouTube-VIS layout, COCO RLE)').helpGroup(results),
    )
    .addOption(
      new Option(
        '--mask-video <file>',
        'masks as a lossless video (.mkv): a pixel is the number of its name',
      ).helpGroup(results),
    )
    .addOption(new Option('--report <file>', 'what was done, as JSON').helpGroup(results))
    .addOption(new Option('--force', 'overwrite results that exist').helpGroup(results))
    .addOption(
      new Option(
        '--vocabulary <names>',
        'what to look for: "road, car|vehicle": commas between names, | between synonyms',
      )
        .conflicts('vocabularyFile')
        .helpGroup(names),
    )
    .addOption(new Option('--vocabulary-file <file>', 'the same, one name a line').helpGroup(names))
    .addOption(
      new Option('--expand <list>', 'names added so that other things have somewhere to go')
        .choices(['coco-stuff', 'model', 'none'])
        .helpGroup(names),
    )
    .addOption(
      new Option('--things <names>', 'names to count as things, one by one').argParser(list).helpGroup(names),
    )
    .addOption(
      new Option('--association <kind>', 'how frames hang together: not at all, or from each to the next')
        .choices(['online', 'none'])
        .helpGroup(names),
    )
    .addOption(new Option('--stuff <names>', 'names to count as stuff').argParser(list).helpGroup(names))
    .addOption(
      new Option('--opacity <part>', 'of the colours, 0 to 1').argParser(fraction(0, 1)).helpGroup(picture),
    )
    .addOption(
      new Option('--outline <pixels>', 'line around regions, 0 to 2')
        .argParser(fraction(0, 2))
        .helpGroup(picture),
    )
    .addOption(
      new Option('--labels <kind>', 'words on the picture')
        .choices(['none', 'names', 'ids'])
        .helpGroup(picture),
    )
    .addOption(new Option('--colors <list>', 'name=#rrggbb, commas between').helpGroup(picture))
    .addOption(new Option('--encoder <name>', "ffmpeg's encoder, such as h264_nvenc").helpGroup(picture))
    .addOption(
      new Option('--crf <n>', 'quality, 0 to 51; less is better')
        .argParser(integer(0, 51))
        .helpGroup(picture),
    )
    .addOption(
      new Option('--start <time>', 'where to begin: seconds or h:mm:ss').argParser(time).helpGroup(source),
    )
    .addOption(new Option('--duration <time>', 'how much to take').argParser(time).helpGroup(source))
    .addOption(
      new Option('--every <n>', 'run the model on each n-th frame')
        .argParser(integer(1, 1000))
        .helpGroup(source),
    )
    .addOption(new Option('--deinterlace', 'make interlaced video progressive').helpGroup(source))
    .addOption(
      new Option('--short-side <pixels>', 'shorter side of what the model sees')
        .argParser(integer(32, 4096))
        .helpGroup('Model:'),
    );
  return addCommon(addModel(command))
    .addHelpText('after', EXAMPLES)
    .action(async (input: string, options: SegmentOptions) => {
      const { runSegment } = await import('./run-segment.ts');
      await runSegment(io, input, options);
    });
}
