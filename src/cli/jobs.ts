import { Command, Option } from 'commander';
import { RESULTS } from '../jobs/jobs.ts';
import type { Io } from './io.ts';
import { addClient, addCommon, addWords, type ClientOptions, integer } from './options.ts';
import { addJob, addOutcome, type SubmitOptions } from './submit.ts';

export interface ListOptions extends ClientOptions {
  readonly state?: string;
  readonly label?: string;
  readonly limit: number;
}

export interface DownloadOptions extends ClientOptions {
  readonly output: string;
  readonly what: (typeof RESULTS)[number];
}

const EXAMPLES = `
Examples:
  sidestream jobs list --state running
  sidestream jobs show 0mif3p9q4…
  sidestream jobs retry 0mif3p9q4… --wait -o named.mp4
  sidestream jobs download 0mif3p9q4… -o named.mp4
  sidestream jobs label 0mif3p9q4… --vocabulary "bus, cyclist" --wait --masks buses.json`;

const run = () => import('./run-client.ts');

export function jobsCommand(io: Io): Command {
  const command = new Command('jobs').description('jobs of a server').addHelpText('after', EXAMPLES);
  const add = (name: string, description: string) =>
    addCommon(addClient(command.command(name).description(description)));
  add('list', 'the newest first')
    .addOption(
      new Option('--state <state>', 'only these').choices([
        'queued',
        'running',
        'done',
        'failed',
        'cancelled',
      ]),
    )
    .addOption(new Option('--label <name>', 'only those that looked for this name'))
    .addOption(new Option('--limit <n>', 'how many').argParser(integer(1, 100)).default(20))
    .action(async (options: ListOptions) => (await run()).runList(io, options));
  add('show', 'one job')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => (await run()).runShow(io, id, options));
  add('cancel', 'stop a job')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => (await run()).runCancel(io, id, options));
  addOutcome(add('retry', 'the same once more, as a new job, for one that has ended'))
    .argument('<id>')
    .action(async (id: string, options: SubmitOptions) => (await run()).runRetry(io, id, options));
  add('remove', 'stop a job, and remove it with all of its results')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => (await run()).runRemove(io, id, options));
  add('download', 'save a result')
    .argument('<id>')
    .requiredOption('-o, --output <file>', 'where to')
    .addOption(new Option('--what <result>', 'which').choices(RESULTS).default('video'))
    .action(async (id: string, options: DownloadOptions) => (await run()).runDownload(io, id, options));
  addWords(addJob(add('label', 'new words for the video of a job, without running the model')))
    .argument('<id>')
    .action(async (id: string, options: SubmitOptions) => (await run()).runJobLabel(io, id, options));
  return command;
}
