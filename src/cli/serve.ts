import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import { addCommon, addRunning, integer, type RunningOptions } from './options.ts';

export interface ServeOptions extends RunningOptions {
  readonly host?: string;
  readonly port?: number;
  readonly workers?: number;
}

const EXAMPLES = `
Examples:
  sidestream serve                                 API and workers, next to a Redis on this machine
  sidestream serve --workers 0                     the API alone: workers run elsewhere
  sidestream serve --host 0.0.0.0 --port 80        for others too; make a key first: sidestream keys create`;

export function serveCommand(io: Io): Command {
  const command = new Command('serve')
    .description('HTTP API for video jobs, with workers beside it')
    .addOption(new Option('--host <address>', 'where to listen').helpGroup('Server:'))
    .addOption(
      new Option('--port <n>', 'where to listen; 0: any free one')
        .argParser(integer(0, 65_535))
        .helpGroup('Server:'),
    )
    .addOption(
      new Option('--workers <n>', 'workers for all kinds of work; without it one of each kind')
        .argParser(integer(0, 64))
        .helpGroup('Work:'),
    )
    .addHelpText('after', EXAMPLES);
  return addCommon(addRunning(command)).action(async (options: ServeOptions) => {
    const { runServe } = await import('./run-serve.ts');
    await runServe(io, options);
  });
}
