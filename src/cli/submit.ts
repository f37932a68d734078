import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import {
  addClient,
  addCommon,
  addWords,
  type ClientOptions,
  integer,
  list,
  type WordOptions,
} from './options.ts';

export interface SubmitOptions extends ClientOptions, WordOptions {
  readonly wait?: boolean;
  readonly output?: string;
  readonly masks?: string;
  readonly panoptic?: string;
  readonly report?: string;
  readonly onServer?: boolean;
  readonly model?: string;
  readonly association?: 'online' | 'clustered';
  readonly every?: number;
  readonly format?: 'mp4' | 'mov' | 'mkv' | 'webm';
  readonly video?: boolean;
  readonly labels?: 'none' | 'names' | 'ids';
  readonly priority?: 'low' | 'normal' | 'high';
  readonly webhook?: string;
  readonly metadata?: string[];
  readonly idempotencyKey?: string;
}

const EXAMPLES = `
Examples:
  sidestream submit street.mp4 --vocabulary "road, car, person"
  sidestream submit street.mp4 --vocabulary "road, car" --wait -o named.mp4 --masks masks.json
  sidestream submit https://example.org/street.mp4 --vocabulary "road, car"
  sidestream submit /srv/videos/street.mp4 --on-server --no-video --priority low`;

/** Whether a job is waited for, and what of it is saved. */
export function addOutcome(command: Command): Command {
  return command
    .addOption(
      new Option('--wait', 'until the job has ended; implied by where to save results').helpGroup('Job:'),
    )
    .addOption(new Option('--idempotency-key <key>', 'the same key makes one job').helpGroup('Job:'))
    .addOption(new Option('-o, --output <file>', 'save the video here').helpGroup('Results:'))
    .addOption(new Option('--masks <file>', 'save the masks here').helpGroup('Results:'))
    .addOption(new Option('--panoptic <file>', 'save the panoptic file here').helpGroup('Results:'))
    .addOption(new Option('--report <file>', 'save the report here').helpGroup('Results:'));
}

/** What a job makes, and how it is treated: for new jobs and for new words. */
export function addJob(command: Command): Command {
  return addOutcome(command)
    .addOption(new Option('--no-video', 'make no video').helpGroup('Results:'))
    .addOption(
      new Option('--format <name>', 'container of the video')
        .choices(['mp4', 'mov', 'mkv', 'webm'])
        .helpGroup('Results:'),
    )
    .addOption(
      new Option('--labels <kind>', 'words on the picture')
        .choices(['none', 'names', 'ids'])
        .helpGroup('Results:'),
    )
    .addOption(
      new Option('--priority <class>', 'before which others')
        .choices(['low', 'normal', 'high'])
        .helpGroup('Job:'),
    )
    .addOption(new Option('--webhook <url>', 'is told of the end').helpGroup('Job:'))
    .addOption(
      new Option('--metadata <list>', 'name=value, commas between').argParser(list).helpGroup('Job:'),
    );
}

export function submitCommand(io: Io): Command {
  const command = new Command('submit')
    .description('give a video to a server: a file (uploaded), an address, or a path on the server')
    .argument('<input>', 'file, http(s) address, or with --on-server a path there')
    .addOption(new Option('--on-server', 'the input is a path on the server').helpGroup('Job:'))
    .addOption(new Option('--model <name>', 'model pack of the server').helpGroup('Job:'))
    .addOption(
      new Option('--association <kind>', 'how frames hang together')
        .choices(['online', 'clustered'])
        .helpGroup('Job:'),
    )
    .addOption(
      new Option('--every <n>', 'run the model on each n-th frame')
        .argParser(integer(1, 10_000))
        .helpGroup('Job:'),
    )
    .addHelpText('after', EXAMPLES);
  return addCommon(addClient(addWords(addJob(command)))).action(
    async (input: string, options: SubmitOptions) => {
      const { runSubmit } = await import('./run-client.ts');
      await runSubmit(io, input, options);
    },
  );
}
