import { Command, InvalidArgumentError, Option } from 'commander';
import { QUEUES, type QueueName } from '../queue/names.ts';
import type { Io } from './io.ts';
import { addCommon, addRunning, type CommonOptions, list } from './options.ts';

export interface WorkerOptions extends CommonOptions {
  readonly queues: readonly QueueName[];
  readonly threads?: number;
  readonly provider?: string;
  readonly redis?: string;
  /** Set by the server for workers of its own: they end with it. */
  readonly attached?: boolean;
}

const EXAMPLES = `
Examples:
  sidestream worker                                all kinds of work
  sidestream worker --queues analyse               a machine with a GPU
  sidestream worker --queues jobs,render           machines without one
  SIDESTREAM_REDIS_URL=redis://jobs:6379 sidestream worker --queues analyse`;

function queues(text: string): QueueName[] {
  const names = list(text);
  const unknown = names.find((name) => !(QUEUES as readonly string[]).includes(name));
  if (unknown !== undefined || names.length === 0)
    throw new InvalidArgumentError(`There are the queues ${QUEUES.join(', ')}.`);
  return [...new Set(names)] as QueueName[];
}

export function workerCommand(io: Io): Command {
  const command = new Command('worker')
    .description('work on the jobs of a server: as many machines as there are')
    .addOption(
      new Option('--queues <names>', `kinds of work, commas between: ${QUEUES.join(', ')}`)
        .argParser(queues)
        .default(QUEUES, 'all')
        .helpGroup('Work:'),
    )
    .addOption(new Option('--attached').hideHelp())
    .addHelpText('after', EXAMPLES);
  return addCommon(addRunning(command)).action(async (options: WorkerOptions) => {
    const { runWorker } = await import('./run-worker.ts');
    await runWorker(io, options);
  });
}
