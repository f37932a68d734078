import { type Command, InvalidArgumentError, Option } from 'commander';
import type { LoadedConfig } from '../config/load.ts';

/** Parsers of option values. Each throws commander's error, which names the option, when a value does not fit. */

export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

export function fraction(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Seconds, or [hh:]mm:ss[.fraction], as ffmpeg has it. */
export function time(text: string): number {
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(text);
  if (!match)
    throw new InvalidArgumentError('It must be seconds (12.5) or [hours:]minutes:seconds (1:02:03.5).');
  const [, hours = '0', minutes = '0', seconds] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** HEIGHTxWIDTH in pixels. */
export function size(text: string): { height: number; width: number } {
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(text);
  if (!match) throw new InvalidArgumentError('It must be HEIGHTxWIDTH, as in 640x1137.');
  return { height: Number(match[1]), width: Number(match[2]) };
}

/** Words with commas between. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** Options that every command has. */
export interface CommonOptions {
  readonly config?: string;
  readonly debug?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export function addCommon(command: Command): Command {
  return command
    .addOption(
      new Option('--config <file>', 'settings to use in place of the defaults').helpGroup('General:'),
    )
    .addOption(new Option('--json', 'print the result as JSON').helpGroup('General:'))
    .addOption(new Option('--quiet', 'no progress, no warnings').helpGroup('General:'))
    .addOption(new Option('--debug', 'show where an error came from').helpGroup('General:'));
}

export interface ModelOptions extends CommonOptions {
  readonly model?: string;
  readonly provider?: string;
  readonly precision?: string;
  readonly threads?: number;
}

const providerOption = (about: string, group: string): Option =>
  new Option('--provider <name>', about)
    .choices(['auto', 'cpu', 'cuda', 'webgpu', 'coreml', 'dml'])
    .helpGroup(group);

export function addModel(command: Command): Command {
  const group = 'Model:';
  return command
    .addOption(new Option('--model <name|folder>', 'model pack to use').helpGroup(group))
    .addOption(providerOption('where to run it', group))
    .addOption(
      new Option('--precision <name>', 'arithmetic')
        .choices(['auto', 'fp32', 'fp16', 'int8'])
        .helpGroup(group),
    )
    .addOption(
      new Option('--threads <n>', 'CPU threads; 0: one a core').argParser(integer(0, 256)).helpGroup(group),
    );
}

/** A part of the video. */
export interface SpanOptions {
  readonly start?: number;
  readonly duration?: number;
}

const SOURCE = 'Source:';

export function addSpan(command: Command): Command {
  return command
    .addOption(
      new Option('--start <time>', 'where to begin: seconds or h:mm:ss').argParser(time).helpGroup(SOURCE),
    )
    .addOption(new Option('--duration <time>', 'how much to take').argParser(time).helpGroup(SOURCE));
}

export const spanOf = ({ start, duration }: SpanOptions): SpanOptions => ({
  ...(start === undefined ? {} : { start }),
  ...(duration === undefined ? {} : { duration }),
});

/** What the model is fed. */
export interface SourceOptions extends ModelOptions, SpanOptions {
  readonly every?: number;
  readonly deinterlace?: boolean;
  readonly shortSide?: number;
}

export function addSource(command: Command): Command {
  return addSpan(command)
    .addOption(
      new Option('--every <n>', 'run the model on each n-th frame')
        .argParser(integer(1, 1000))
        .helpGroup(SOURCE),
    )
    .addOption(new Option('--deinterlace', 'make interlaced video progressive').helpGroup(SOURCE))
    .addOption(
      new Option('--short-side <pixels>', 'shorter side of what the model sees')
        .argParser(integer(32, 4096))
        .helpGroup('Model:'),
    );
}

export const sourceFlags = ({ every, shortSide }: SourceOptions) => ({
  'segment.every': every,
  'model.short_side': shortSide,
});

/** What to look for. */
export interface WordOptions {
  readonly vocabulary?: string;
  readonly vocabularyFile?: string;
  readonly expand?: 'coco-stuff' | 'model' | 'none';
  readonly things?: string[];
  readonly stuff?: string[];
}

export function addWords(command: Command): Command {
  const group = 'Names:';
  return command
    .addOption(
      new Option(
        '--vocabulary <names>',
        'what to look for: "road, car|vehicle": commas between names, | between synonyms',
      )
        .conflicts('vocabularyFile')
        .helpGroup(group),
    )
    .addOption(new Option('--vocabulary-file <file>', 'the same, one name a line').helpGroup(group))
    .addOption(
      new Option('--expand <list>', 'names added so that other things have somewhere to go')
        .choices(['coco-stuff', 'model', 'none'])
        .helpGroup(group),
    )
    .addOption(
      new Option('--things <names>', 'names to count as things, one by one').argParser(list).helpGroup(group),
    )
    .addOption(new Option('--stuff <names>', 'names to count as stuff').argParser(list).helpGroup(group));
}

/** How it looks. */
export interface PictureOptions {
  readonly encoder?: string;
  readonly crf?: number;
  readonly opacity?: number;
  readonly outline?: number;
  readonly labels?: 'none' | 'names' | 'ids';
  readonly colorBy?: 'name' | 'track';
  readonly colors?: string;
}

/** What to make, besides the video, and how it looks. */
export interface ResultOptions extends WordOptions, PictureOptions {
  readonly masks?: string;
  readonly maskVideo?: string;
  readonly panoptic?: string;
  readonly report?: string;
  readonly force?: boolean;
}

export function addResults(command: Command): Command {
  const results = 'Results:';
  command
    .addOption(
      new Option('--masks <file>', 'masks as JSON (YouTube-VIS layout, COCO RLE)').helpGroup(results),
    )
    .addOption(
      new Option(
        '--mask-video <file>',
        'masks as a lossless video (.mkv): a pixel is the number of its name',
      ).helpGroup(results),
    )
    .addOption(
      new Option('--panoptic <file>', 'what every pixel is, in pieces, for players that draw it').helpGroup(
        results,
      ),
    )
    .addOption(new Option('--report <file>', 'what was done, as JSON').helpGroup(results))
    .addOption(new Option('--force', 'overwrite results that exist').helpGroup(results));
  return addPicture(command);
}

export function addPicture(command: Command): Command {
  const picture = 'Picture:';
  return command
    .addOption(
      new Option('--opacity <part>', 'of the colours, 0 to 1').argParser(fraction(0, 1)).helpGroup(picture),
    )
    .addOption(
      new Option('--outline <pixels>', 'line around regions, 0 to 2')
        .argParser(fraction(0, 2))
        .helpGroup(picture),
    )
    .addOption(
      new Option('--labels <kind>', 'words on the picture; ids: names with the ids of things')
        .choices(['none', 'names', 'ids'])
        .helpGroup(picture),
    )
    .addOption(
      new Option('--color-by <what>', 'one colour for each name, or for each thing')
        .choices(['name', 'track'])
        .helpGroup(picture),
    )
    .addOption(new Option('--colors <list>', 'name=#rrggbb, commas between').helpGroup(picture))
    .addOption(new Option('--encoder <name>', "ffmpeg's encoder, such as h264_nvenc").helpGroup(picture))
    .addOption(
      new Option('--crf <n>', 'quality, 0 to 51; less is better')
        .argParser(integer(0, 51))
        .helpGroup(picture),
    );
}

export const resultsFlags = (options: WordOptions & PictureOptions) => ({
  'segment.expand': options.expand,
  'segment.opacity': options.opacity,
  'segment.outline': options.outline,
  'segment.labels': options.labels,
  'segment.color_by': options.colorBy,
  'segment.encoder': options.encoder,
  'segment.crf': options.crf,
});

/** Settings with the options of a command on top. */
export async function settingsOf(
  options: ModelOptions,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<LoadedConfig> {
  // Only when a command runs: help is there at once.
  const { loadConfig } = await import('../config/load.ts');
  return loadConfig({
    file: options.config,
    flags: {
      'model.name': options.model,
      'model.provider': options.provider,
      'model.precision': options.precision,
      'model.threads': options.threads,
      ...flags,
    },
  });
}

/** Options of what runs on and on: the server and its workers. */
export interface RunningOptions extends CommonOptions {
  readonly redis?: string;
  readonly provider?: string;
  readonly threads?: number;
}

export function addRunning(command: Command): Command {
  return command
    .addOption(new Option('--redis <url>', 'Redis that holds the queues').helpGroup('Work:'))
    .addOption(providerOption('where the model runs', 'Work:'))
    .addOption(
      new Option('--threads <n>', 'CPU threads of the model; 0: as many as there are cores')
        .argParser(integer(0, 256))
        .helpGroup('Work:'),
    );
}

export const runningFlags = ({ redis, provider, threads }: RunningOptions): Record<string, unknown> => ({
  'redis.url': redis,
  'model.provider': provider,
  'model.threads': threads,
});

/** Options of what talks to a server. */
export interface ClientOptions extends CommonOptions {
  readonly server?: string;
  readonly key?: string;
}

export function addClient(command: Command): Command {
  const group = 'Server:';
  return command
    .addOption(new Option('--server <url>', 'the server').helpGroup(group))
    .addOption(
      new Option('--key <key>', 'key to show to it; better in SIDESTREAM_CLIENT_KEY').helpGroup(group),
    );
}

export const CAMERA_GROUP = 'Camera:';

/** How a camera is asked, beside its address. */
export function addCameraAddress(command: Command): Command {
  return command
    .addOption(
      new Option('--transport <kind>', 'how RTSP sends')
        .choices(['tcp', 'udp', 'multicast', 'http'])
        .default('tcp')
        .helpGroup(CAMERA_GROUP),
    )
    .addOption(
      new Option('--track <n>', 'which of its video tracks, from 0')
        .argParser(integer(0, 99))
        .default(0)
        .helpGroup(CAMERA_GROUP),
    );
}
