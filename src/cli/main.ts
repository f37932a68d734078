import { setMaxListeners } from 'node:events';
import { Command, CommanderError } from 'commander';
import { version } from '../config/program.ts';
import { asSidestreamError, ERRORS, isErrno } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { analyseCommand } from './analyse.ts';
import { benchCommand } from './bench.ts';
import { clipsCommand } from './clips.ts';
import { configCommand } from './config.ts';
import { doctorCommand } from './doctor.ts';
import { evalCommand } from './eval.ts';
import { eventsCommand } from './events.ts';
import type { Io } from './io.ts';
import { jobsCommand } from './jobs.ts';
import { keysCommand } from './keys.ts';
import { labelCommand } from './label.ts';
import { liveCommand } from './live.ts';
import { modelsCommand } from './models.ts';
import { rulesCommand } from './rules.ts';
import { searchCommand } from './search.ts';
import { segmentCommand } from './segment.ts';
import { serveCommand } from './serve.ts';
import { streamsCommand } from './streams.ts';
import { submitCommand } from './submit.ts';
import { timelineCommand } from './timeline.ts';
import { workerCommand } from './worker.ts';

/** Milliseconds from being asked to stop to stopping whatever is still busy: two seconds in all. */
const PATIENCE = 1700;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the command line and gives the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const abort = new AbortController();
  setMaxListeners(0, abort.signal); // Each process and each run of a model listens.
  let patience = PATIENCE;
  const stop = () => {
    // The second time, at once; the first time, everything is given the chance to clean up after itself.
    if (abort.signal.aborted) process.exit(ERRORS.INTERRUPTED.exit);
    abort.abort(Object.assign(new Error('interrupted'), { name: 'AbortError' }));
    setTimeout(() => process.exit(ERRORS.INTERRUPTED.exit), patience).unref();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  // Who reads our output may stop reading (sidestream … | head): that is no error of ours.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (isErrno(error, 'EPIPE')) process.exit(0);
      throw error;
    });
  }
  const io: Io = {
    signal: abort.signal,
    takeTime: (milliseconds) => {
      patience = milliseconds;
    },
    print: (line) => process.stdout.write(`${line}\n`),
    say: (line) => process.stderr.write(`${redact(line)}\n`),
  };
  const fail = (thrown: unknown): number => {
    const error = asSidestreamError(thrown);
    io.say(`error ${error.code}: ${error.message.replaceAll('\n', ' ')}`);
    if (argv.includes('--debug')) io.say(stackOf(error));
    return error.exit;
  };
  process.on('uncaughtException', (error) => process.exit(fail(error)));
  try {
    await program(io).parseAsync(argv);
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : ERRORS.USAGE.exit;
    return fail(thrown);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

function program(io: Io): Command {
  const root = new Command('sidestream')
    .description('Segments video with words: every pixel named.')
    .version(version)
    .addHelpText(
      'after',
      '\nBegin with:\n  sidestream doctor\n  sidestream segment video.mp4 -o named.mp4 --vocabulary "road, car, person"',
    );
  const commands = [
    segmentCommand,
    analyseCommand,
    labelCommand,
    searchCommand,
    evalCommand,
    rulesCommand,
    liveCommand,
    modelsCommand,
    serveCommand,
    workerCommand,
    submitCommand,
    jobsCommand,
    streamsCommand,
    clipsCommand,
    eventsCommand,
    timelineCommand,
    keysCommand,
    doctorCommand,
    configCommand,
    benchCommand,
  ];
  for (const command of commands) root.addCommand(command(io));
  for (const command of everyCommand(root)) {
    command.exitOverride();
    command.showSuggestionAfterError();
    command.configureOutput({
      outputError: (text, write) =>
        write(
          `${redact(
            text
              .replace(/^error: /, 'error USAGE: ')
              .trim()
              .replaceAll('\n', ' '),
          )}\n`,
        ),
    });
  }
  return root;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
