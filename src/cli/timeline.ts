import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import { moment } from './moment.ts';
import { addClient, addCommon, type ClientOptions, integer } from './options.ts';

export interface TimelineOptions extends ClientOptions {
  readonly from: string;
  readonly to: string;
  readonly step?: number;
  readonly vocabulary?: string;
}

const EXAMPLES = `
The darker a column, the longer the name is seen in its time; ╳ stands where nothing was recorded.
Times are such as 2h (ago), 2026-01-31 12:00 (on this machine's clock) or 2026-01-31T11:00Z.

Examples:
  sidestream timeline 0mif3p9q4…
  sidestream timeline 0mif3p9q4… --from 24h --vocabulary "white van, dog"
  sidestream timeline 0mif3p9q4… --from "2026-01-31 12:00" --to "2026-01-31 13:00" --step 10 --json`;

export function timelineCommand(io: Io): Command {
  const command = new Command('timeline')
    .description('what was recorded of a stream of a server, and seen when')
    .argument('<stream>', 'id of the stream')
    .addOption(new Option('--from <time>', 'where it begins').argParser(moment).default('now-1h', '1h'))
    .addOption(new Option('--to <time>', 'where it ends').argParser(moment).default('now', 'now'))
    .addOption(
      new Option('--step <seconds>', 'length of a column; as the terminal has room, if not said').argParser(
        integer(1, 86_400),
      ),
    )
    .addOption(new Option('--vocabulary <names>', 'other words than at the time'))
    .addHelpText('after', EXAMPLES);
  return addCommon(addClient(command)).action(async (stream: string, options: TimelineOptions) => {
    const { runTimeline } = await import('./run-timeline.ts');
    await runTimeline(io, stream, options);
  });
}
