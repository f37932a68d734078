import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import { moment } from './moment.ts';
import {
  addClient,
  addCommon,
  addWords,
  type ClientOptions,
  fraction,
  integer,
  type WordOptions,
} from './options.ts';

/** Which clips are meant. */
export interface ClipFilter {
  readonly stream?: string;
  readonly label?: string;
  readonly rule?: string;
}

export interface ClipListOptions extends ClientOptions, ClipFilter {
  readonly event?: string;
  readonly state?: string;
  readonly keep?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

export interface ClipCreateOptions extends ClientOptions, WordOptions {
  readonly from: string;
  readonly to?: string;
  readonly title?: string;
  readonly keep?: boolean;
  readonly tolerance?: number;
  readonly audio: boolean;
  readonly wait?: boolean;
  readonly overlay?: boolean;
  readonly output?: string;
}

export interface ClipPullOptions extends ClientOptions, ClipFilter {
  readonly since?: string;
  /** A folder. */
  readonly to: string;
  readonly overlay?: boolean;
  readonly masks?: boolean;
  readonly verify?: boolean;
}

export interface ClipSearchOptions extends ClientOptions {
  readonly stream?: string;
  readonly job?: string;
  readonly from?: string;
  readonly to?: string;
  readonly threshold?: number;
  readonly share?: number;
  readonly limit: number;
  readonly clip?: boolean;
  readonly keep?: boolean;
}

const TIMES = `
Times are such as 2h (ago), +30s (from now), 2026-01-31 12:00 (on this machine's clock) or 2026-01-31T11:00Z.`;

const EXAMPLES = `${TIMES}

Examples:
  sidestream clips create 0mif3p9q4… --from 1m --to +10s --title "Van at the gate" --keep
  sidestream clips create 0mif3p9q4… --from "2026-01-31 12:00" --to "2026-01-31 12:01" -o van.mp4
  sidestream clips list --label person --from 24h
  sidestream clips pull --since 24h --rule "person at gate" --to /srv/evidence
  sidestream clips search "white van|white truck" --from 7d --clip
  sidestream clips keep 0mif3p9q4…`;

const run = () => import('./run-clips.ts');

function addFilter(command: Command): Command {
  return command
    .addOption(new Option('--stream <id>', 'only those of this stream'))
    .addOption(new Option('--label <name>', 'only those in which this name is seen'))
    .addOption(new Option('--rule <name>', 'only those that were cut for this rule'));
}

const time = (flags: string, about: string) => new Option(flags, about).argParser(moment);

export function clipsCommand(io: Io): Command {
  const command = new Command('clips')
    .description('parts of what a server has recorded')
    .addHelpText('after', EXAMPLES);
  const add = (name: string, description: string) =>
    addCommon(addClient(command.command(name).description(description)));

  addFilter(add('list', 'the newest first'))
    .addOption(new Option('--event <id>', 'only the one that was cut for this event'))
    .addOption(
      new Option('--state <state>', 'only these').choices(['waiting', 'queued', 'running', 'done', 'failed']),
    )
    .addOption(new Option('--keep', 'only those that are kept'))
    .addOption(new Option('--no-keep', 'only those that are not'))
    .addOption(time('--from <time>', 'only those of the time from here'))
    .addOption(time('--to <time>', 'and to here'))
    .addOption(new Option('--limit <n>', 'how many').argParser(integer(1, 10_000)).default(20))
    .addHelpText('after', TIMES)
    .action(async (options: ClipListOptions) => (await run()).runList(io, options));

  add('show', 'one clip')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => (await run()).runShow(io, id, options));

  addWords(add('create', 'cut a clip of what was recorded; it may end in the future'))
    .argument('<stream>', 'id of the stream')
    .requiredOption('--from <time>', 'where it begins', moment)
    .addOption(time('--to <time>', 'where it ends; now, if not said'))
    .addOption(new Option('--title <text>', 'what people call it'))
    .addOption(new Option('--keep', 'do not remove it when its time is over'))
    .addOption(
      new Option(
        '--tolerance <seconds>',
        'how much earlier it may begin, so that nothing is coded anew; 0: exact',
      ).argParser(fraction(0, 60)),
    )
    .addOption(new Option('--no-audio', 'without sound'))
    .addOption(new Option('--wait', 'until it is cut; implied by -o'))
    .addOption(new Option('-o, --output <file>', 'save its video here'))
    .addOption(new Option('--overlay', 'with -o: the video with names painted over it'))
    .addHelpText('after', TIMES)
    .action(async (stream: string, options: ClipCreateOptions) =>
      (await run()).runCreate(io, stream, options),
    );

  addFilter(add('pull', 'save the videos of all clips that are done, but for those that are there already'))
    .argument('[id...]', 'only these')
    .requiredOption('--to <folder>', 'where to: each stream has a folder in it')
    .addOption(time('--since <time>', 'only those that have any of the time from then on'))
    .addOption(new Option('--overlay', 'videos with names painted over them, in place of the plain ones'))
    .addOption(new Option('--masks', 'masks as well'))
    .addOption(new Option('--verify', 'check what is there by its checksum, not only by its size'))
    .addHelpText(
      'after',
      `${TIMES}\n\nWhat breaks off goes on where it stopped, also in the next call. A file has its name when its checksum is right.`,
    )
    .action(async (ids: string[], options: ClipPullOptions) =>
      (await import('./run-pull.ts')).runPull(io, ids, options),
    );

  for (const [name, description, keep] of [
    ['keep', 'do not remove clips when their time is over', true],
    ['release', 'let clips go when their time is over', false],
  ] as const) {
    add(name, description)
      .argument('<id...>')
      .action(async (ids: string[], options: ClientOptions) => (await run()).runKeep(io, ids, keep, options));
  }
  add('remove', 'remove clips, also those that are kept')
    .argument('<id...>')
    .action(async (ids: string[], options: ClientOptions) => (await run()).runRemove(io, ids, options));

  add('search', 'when words are seen in what was recorded and analysed, best first')
    .argument('<words>', '| between words for the same')
    .addOption(new Option('--stream <id>', 'only in this stream').conflicts('job'))
    .addOption(new Option('--job <id>', 'only in the video of this job'))
    .addOption(time('--from <time>', 'only in the time from here'))
    .addOption(time('--to <time>', 'and to here'))
    .addOption(
      new Option('--threshold <score>', 'least score, 0 to 1 (default: 0.5)').argParser(fraction(0, 1)),
    )
    .addOption(
      new Option('--share <part>', 'least share of the picture, 0 to 1 (default: 0.0005)').argParser(
        fraction(0, 1),
      ),
    )
    .addOption(new Option('--limit <n>', 'how many').argParser(integer(1, 10_000)).default(20))
    .addOption(new Option('--clip', 'cut a clip of each'))
    .addOption(new Option('--keep', 'with --clip: do not remove them when their time is over'))
    .addHelpText('after', TIMES)
    .action(async (words: string, options: ClipSearchOptions) => (await run()).runSearch(io, words, options));
  return command;
}
