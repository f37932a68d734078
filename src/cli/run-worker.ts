import { runWorkers } from '../../workers/main.ts';
import { program, version } from '../config/program.ts';
import type { Io } from './io.ts';
import { createLog } from './log.ts';
import { runningFlags, settingsOf } from './options.ts';
import type { WorkerOptions } from './worker.ts';

/** Milliseconds for handing back what is being worked on. */
const STOP_TIME = 8000;

/** Runs `sidestream worker`. */
export async function runWorker(io: Io, options: WorkerOptions): Promise<void> {
  io.takeTime(STOP_TIME);
  const { config } = await settingsOf(options, runningFlags(options));
  const log = createLog(options);
  const stop = new AbortController();
  const end = () => stop.abort();
  io.signal.addEventListener('abort', end, { once: true });
  if (io.signal.aborted) end();
  // A server that is gone, however it went, takes its own workers with it.
  if (options.attached) {
    process.once('disconnect', end);
    if (!process.connected) end();
  }
  await runWorkers(config, { queues: options.queues, program, version, log }, stop.signal);
  if (process.connected) process.disconnect();
}
