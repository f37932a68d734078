import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import { addCommon, addModel, integer, type ModelOptions, settingsOf } from './options.ts';
import { table } from './table.ts';

const PARTS = ['picture', 'model', 'associate', 'label', 'segment'] as const;

export function benchCommand(io: Io): Command {
  return addCommon(
    addModel(new Command('bench').description('measure this machine: speeds as ratios of what it can do')),
  )
    .addOption(new Option('--only <part>', 'one part').choices(PARTS))
    .option('--seconds <n>', 'length of the measured clip', integer(2, 120), 10)
    .action(async (options: ModelOptions & { only?: string; seconds: number }) => {
      const settings = await settingsOf(options);
      const { bench } = await import('../../bench/bench.ts');
      const parts = options.only === undefined ? PARTS : PARTS.filter((part) => part === options.only);
      const rows = await bench(
        settings,
        { parts, seconds: options.seconds },
        options.quiet ? () => {} : io.say,
        io.signal,
      );
      if (options.json) io.print(JSON.stringify(rows, null, 2));
      else
        io.print(
          table([
            ['what', 'value', 'aim', 'how'],
            ...rows.map((row) => [row.what, row.value, row.aim, row.how]),
          ]),
        );
    });
}
