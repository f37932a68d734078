import { Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from './io.ts';
import { addCommon, addWords, type CommonOptions, type WordOptions } from './options.ts';

export interface CheckOptions extends CommonOptions, WordOptions {
  readonly model?: string;
}

export interface TryOptions extends CheckOptions {
  /** Milliseconds since 1970. */
  readonly at?: number;
}

const EXAMPLES = `
Rules:
  zones:
    gate: [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9]]
  rules:
    - name: someone at the gate
      when: { object: person, in: gate, for: 2 s }
    - name: flood
      when: { stuff: water, share: "> 5 %", for: 3 s }

Examples:
  sidestream rules check gate.yaml
  sidestream rules check gate.yaml --json > gate.json
  sidestream rules test gate.yaml monday.analysis tuesday.analysis
  sidestream rules test gate.yaml night.analysis --at 2026-01-31T22:00:00+01:00 --json
  sidestream rules test gate.yaml drive.truth.json.gz`;

/** A time as ISO 8601 has it, with its zone, in milliseconds since 1970. */
function moment(text: string): number {
  const value = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(value))
    throw new InvalidArgumentError('It must be ISO 8601 with its zone: 2026-01-31T22:00:00+01:00.');
  return value;
}

export function rulesCommand(io: Io): Command {
  const group = new Command('rules').description(
    'rules for events: check them, and try them on what was seen',
  );
  const add = (name: string, description: string) =>
    addCommon(addWords(group.command(name).description(description)))
      .addOption(new Option('--model <name|folder>', 'the model whose words they are').helpGroup('Model:'))
      .argument('<rules.yaml>', 'rules, as YAML or JSON');
  add('check', 'say what is wrong with rules, line by line').action(
    async (path: string, options: CheckOptions) => {
      const { checkRules } = await import('./run-rules.ts');
      await checkRules(io, path, options);
    },
  );
  add('test', 'the events that rules would have made; the model is not run')
    .argument('<file...>', 'analyses, or masks JSON, also gzipped')
    .addOption(
      new Option('--at <time>', 'when each file begins, for schedules; without it they always count')
        .argParser(moment)
        .helpGroup('Source:'),
    )
    .action(async (path: string, files: string[], options: TryOptions) => {
      const { tryRules } = await import('./run-rules.ts');
      await tryRules(io, path, files, options);
    });
  return group.addHelpText('after', EXAMPLES);
}
