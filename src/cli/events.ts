import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import { moment } from './moment.ts';
import { addClient, addCommon, type ClientOptions, integer } from './options.ts';

export interface WatchOptions extends ClientOptions {
  readonly stream?: string;
  readonly rule?: string;
}

export interface EventListOptions extends WatchOptions {
  readonly label?: string;
  readonly state?: 'open' | 'closed';
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

const EXAMPLES = `
Times are such as 2h (ago), 2026-01-31 12:00 (on this machine's clock) or 2026-01-31T11:00Z.

Examples:
  sidestream events list --rule "person at gate" --from 24h
  sidestream events list --state open --json
  sidestream events watch --stream 0mif3p9q4…`;

const run = () => import('./run-events.ts');

export function eventsCommand(io: Io): Command {
  const command = new Command('events')
    .description('what rules of streams were waiting for')
    .addHelpText('after', EXAMPLES);
  const add = (name: string, description: string) =>
    addCommon(addClient(command.command(name).description(description)))
      .addOption(new Option('--stream <id>', 'only those of this stream'))
      .addOption(new Option('--rule <name>', 'only those of this rule'));
  add('list', 'the newest first')
    .addOption(new Option('--label <name>', 'only those in which this name took part'))
    .addOption(new Option('--state <state>', 'only these').choices(['open', 'closed']))
    .addOption(new Option('--from <time>', 'only those of the time from here').argParser(moment))
    .addOption(new Option('--to <time>', 'and to here').argParser(moment))
    .addOption(new Option('--limit <n>', 'how many').argParser(integer(1, 10_000)).default(20))
    .action(async (options: EventListOptions) => (await run()).runList(io, options));
  add('watch', 'tell what happens, as it happens; over interruptions nothing is missed').action(
    async (options: WatchOptions) => (await run()).runWatch(io, options),
  );
  return command;
}
