import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Expansion } from '../analysis/vocabulary.ts';
import { isErrno, SidestreamError } from '../core/errors.ts';
import type { Io } from './io.ts';
import {
  addCommon,
  addModel,
  fraction,
  integer,
  list,
  type ModelOptions,
  settingsOf,
  time,
} from './options.ts';

interface SegmentOptions extends ModelOptions {
  readonly output: string;
  readonly vocabulary?: string;
  readonly vocabularyFile?: string;
  readonly expand?: Expansion;
  readonly things?: string[];
  readonly stuff?: string[];
  readonly shortSide?: number;
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
    .action((input: string, options: SegmentOptions) => run(io, input, options));
}

async function run(io: Io, input: string, options: SegmentOptions): Promise<void> {
  const settings = settingsOf(options, {
    'segment.expand': options.expand,
    'segment.opacity': options.opacity,
    'segment.outline': options.outline,
    'segment.labels': options.labels,
    'segment.every': options.every,
    'segment.encoder': options.encoder,
    'segment.crf': options.crf,
    'model.short_side': options.shortSide,
  });
  const { config } = settings;
  const [
    { segment },
    { readyModel },
    { parseVocabulary, parseVocabularyFile },
    { parseColours },
    { createMeter },
  ] = await Promise.all([
    import('../pipeline/file.ts'),
    import('./model.ts'),
    import('../analysis/vocabulary.ts'),
    import('../overlay/palette.ts'),
    import('./progress.ts'),
  ]);
  const names =
    options.vocabulary !== undefined
      ? parseVocabulary(options.vocabulary)
      : options.vocabularyFile !== undefined
        ? parseVocabularyFile(await readText(options.vocabularyFile), options.vocabularyFile)
        : [];
  const say = options.quiet || options.json ? () => {} : io.say;
  await using ready = await readyModel(settings, say);
  const meter = options.quiet ? undefined : createMeter(process.stderr, undefined);
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
      progress: ({ frames, total }) => meter?.update(frames, total),
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
