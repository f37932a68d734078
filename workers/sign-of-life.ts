import { availableParallelism, freemem, hostname, loadavg, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { foldersOf } from '../src/config/folders.ts';
import type { Config } from '../src/config/load.ts';
import { asSidestreamError } from '../src/core/errors.ts';
import { runShort } from '../src/media/process.ts';
import type { QueueName } from '../src/queue/names.ts';
import { type Gpu, MOST_PIECES, type WorkerBoard, type WorkerReport } from '../src/queue/worker-board.ts';
import { listPacks } from '../src/rsan/packs/pack.ts';
import { examineGpus } from '../src/system/gpus.ts';
import type { Doing } from './doing.ts';
import type { Models } from './models.ts';

/** Name of this process among all workers. */
export const workerId = (): string => `${hostname()}-${process.pid}`;

export interface SignDeps {
  readonly config: Config;
  readonly board: WorkerBoard;
  readonly version: string;
  readonly queues: readonly QueueName[];
  readonly doing: Doing;
  readonly models: Models;
  /** Whether work waits for room on the disk. */
  readonly isFull: () => boolean;
  /** Told of what went wrong. */
  readonly trouble: (error: Error) => void;
}

/** Milliseconds between two words at most, and at least where there is news; between two looks at the machine. */
const [BEAT, NEWS, LOOK] = [5000, 1000, 15_000];
/** Milliseconds that a look may take, and the last word. */
const [PATIENCE, LAST] = [5000, 1000];

/** Tells that this worker lives and what it does until `signal` is aborted, then takes it back. */
export async function giveSigns(deps: SignDeps, signal: AbortSignal): Promise<void> {
  const { config, board, doing, trouble } = deps;
  const [id, since] = [workerId(), Date.now()];
  const cpu = createCpuMeter();
  let gpus: readonly Gpu[] = [];
  let packs: readonly string[] = [];
  const look = async () => {
    gpus = await examineGpus(toolOutput(signal));
    const known = await listPacks(foldersOf(config).packs);
    packs = known.filter(({ installed }) => installed).map(({ manifest }) => manifest.name);
  };
  const say = () => board.say(id, reportOf(deps, { since, gpus, packs, cpu: cpu() }));
  const rest = (milliseconds: number, until = signal) =>
    sleep(milliseconds, undefined, { signal: until }).catch(() => {}); // The loops look at the signal.
  /** What does not come off this time may the next. */
  const again = async (work: () => Promise<void>, pause: () => Promise<void>) => {
    while (!signal.aborted) {
      await work().catch(trouble);
      await pause();
    }
  };
  const untilNews = async () => {
    const news = new AbortController();
    const wake = () => news.abort();
    signal.addEventListener('abort', wake, { once: true });
    doing.changed = wake;
    await rest(NEWS);
    if (!signal.aborted) await rest(BEAT - NEWS, news.signal);
    signal.removeEventListener('abort', wake);
  };
  await Promise.all([again(say, untilNews), again(look, () => rest(LOOK))]);
  // Should Redis be away, it is forgotten soon.
  await Promise.race([board.leave(id).catch(trouble), sleep(LAST, undefined, { ref: false })]);
}

function reportOf(
  { version, queues, doing, models, isFull }: SignDeps,
  seen: Pick<WorkerReport, 'since' | 'gpus' | 'packs' | 'cpu'>,
): WorkerReport {
  const work = doing.now();
  return {
    host: hostname(),
    pid: process.pid,
    version,
    queues,
    ...seen,
    work: work.slice(0, MOST_PIECES),
    working: work.length,
    full: isFull(),
    models: models.loaded(),
    rss: process.memoryUsage.rss(),
    cores: availableParallelism(),
    load: loadavg()[0],
    memory: { total: totalmem(), free: freemem() },
  };
}

/** Cores that this process has used since the time before. */
function createCpuMeter(): () => number {
  let [used, at] = [process.cpuUsage(), performance.now()];
  return () => {
    const [now, time] = [process.cpuUsage(), performance.now()];
    const spent = now.user + now.system - used.user - used.system;
    const cores = time > at ? spent / 1000 / (time - at) : 0;
    [used, at] = [now, time];
    return Math.round(cores * 100) / 100;
  };
}

const toolOutput = (signal: AbortSignal) => async (program: string, args: readonly string[]) => {
  try {
    const { stdout, failed } = await runShort(program, args, { timeout: PATIENCE, signal });
    return failed ? undefined : stdout;
  } catch (error) {
    // Without the tool names are all that is known.
    if (signal.aborted || asSidestreamError(error).code === 'FFMPEG_MISSING') return undefined;
    throw error;
  }
};
