import { runServer } from '../main.ts';
import { QUEUES, type QueueName } from '../queue/names.ts';
import type { Io } from './io.ts';
import { createLog } from './log.ts';
import { type RunningOptions, runningFlags, settingsOf } from './options.ts';
import type { ServeOptions } from './serve.ts';

/** Milliseconds for requests that are under way and for workers to hand back theirs. */
const STOP_TIME = 10_000;

/** Runs `sidestream serve`. */
export async function runServe(io: Io, options: ServeOptions): Promise<void> {
  io.takeTime(STOP_TIME);
  const flags = { ...runningFlags(options), 'http.host': options.host, 'http.port': options.port };
  const loaded = await settingsOf(options, flags);
  const log = createLog(options);
  const listening = (address: string, page: string | undefined) => {
    if (options.json) return io.print(JSON.stringify({ address, page }));
    io.print(`listening on ${address}`);
    io.print(page === undefined ? 'no page: it was not built ("npm run build")' : `the page: ${page}`);
  };
  const entry = process.argv[1];
  await runServer(loaded, { log, entry, workers: workersOf(options), listening }, io.signal);
}

/** The queues whose work is done with a model. */
const SEEING: readonly QueueName[] = ['analyse', 'live'];

/** Machines that see and machines that paint are different ones in large installations: so are processes in small ones. */
function workersOf(options: ServeOptions): string[][] {
  const common = ['worker', '--attached', ...passedOn(options)];
  if (options.workers === undefined) {
    const others = QUEUES.filter((name) => !SEEING.includes(name));
    return [
      [...common, '--queues', SEEING.join(',')],
      [...common, '--queues', others.join(',')],
    ];
  }
  return Array.from({ length: options.workers }, () => common);
}

function passedOn({ config, quiet, redis, provider, threads }: RunningOptions): string[] {
  return [
    ...(config === undefined ? [] : ['--config', config]),
    ...(quiet ? ['--quiet'] : []),
    ...(redis === undefined ? [] : ['--redis', redis]),
    ...(provider === undefined ? [] : ['--provider', provider]),
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
  ];
}
