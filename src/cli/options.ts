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

export function addModel(command: Command): Command {
  const group = 'Model:';
  return command
    .addOption(new Option('--model <name|folder>', 'model pack to use').helpGroup(group))
    .addOption(
      new Option('--provider <name>', 'where to run it')
        .choices(['auto', 'cpu', 'cuda', 'webgpu', 'coreml', 'dml'])
        .helpGroup(group),
    )
    .addOption(
      new Option('--precision <name>', 'arithmetic')
        .choices(['auto', 'fp32', 'fp16', 'int8'])
        .helpGroup(group),
    )
    .addOption(
      new Option('--threads <n>', 'CPU threads; 0: one a core').argParser(integer(0, 256)).helpGroup(group),
    );
}

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
