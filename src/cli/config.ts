import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { SECRET_KEYS } from '../config/schema.ts';
import { redact } from '../core/redact.ts';
import type { Io } from './io.ts';
import { addCommon, type CommonOptions } from './options.ts';
import { table } from './table.ts';

export function configCommand(io: Io): Command {
  return addCommon(
    new Command('config').description('the settings in force, and where each comes from'),
  ).action((options: CommonOptions) => {
    const { config, sources } = loadConfig({ file: options.config });
    const rows = [...sources].map(([key, source]) => {
      const [section, name] = key.split('.');
      const value = JSON.stringify((config as Record<string, Record<string, unknown>>)[section][name]);
      return { key, value: SECRET_KEYS.has(key) ? redact(value) : value, source };
    });
    if (options.json) {
      const entries = rows.map(({ key, value, source }) => [key, { value: JSON.parse(value), source }]);
      io.print(JSON.stringify(Object.fromEntries(entries), null, 2));
    } else {
      io.print(table(rows.map(({ key, value, source }) => [key, value, source])));
    }
  });
}
