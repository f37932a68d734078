import { Command } from 'commander';
import { shownSettings } from '../config/shown.ts';
import type { Io } from './io.ts';
import { addCommon, type CommonOptions, settingsOf } from './options.ts';
import { table } from './table.ts';

export function configCommand(io: Io): Command {
  return addCommon(
    new Command('config').description('the settings in force, and where each comes from'),
  ).action(async (options: CommonOptions) => {
    const { settings } = await settingsOf(options);
    const rows = [...shownSettings(settings)].map(([key, { value, source }]) => ({ key, value, source }));
    if (options.json) {
      const entries = rows.map(({ key, value, source }) => [key, { value, source }]);
      io.print(JSON.stringify(Object.fromEntries(entries), null, 2));
    } else {
      io.print(table(rows.map(({ key, value, source }) => [key, JSON.stringify(value), source])));
    }
  });
}
