import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from '../src/config/folders.ts';
import { compare, contentOf, type Fidelity } from './fidelity.ts';

/** The command line as it is shipped. */
export const CLI = join(projectFolder, 'dist', 'cli.js');

export interface TrialOptions {
  /** Folder to work in; the result stays there as `result` with the extension. */
  readonly folder: string;
  /** `.mp4`, `.mkv`, `.mov` or `.webm`. */
  readonly extension: string;
  /** Seconds until the command is stopped. */
  readonly limit: number;
  /** Handed to `segment`. */
  readonly options: readonly string[];
}

/** How `segment` dealt with a file, and what it left. */
export interface Trial {
  /** Exit status; undefined: it was stopped at the limit. */
  readonly exit: number | undefined;
  readonly seconds: number;
  /** Standard error, line by line. */
  readonly said: readonly string[];
  /** Number of processes that outlived the command. */
  readonly orphans: number;
  /** Files that lie about, a video that should not be there among them. */
  readonly strays: readonly string[];
  /** The result; undefined: there is none. */
  readonly result: string | undefined;
  /** Frames read and written. */
  readonly frames: readonly [source: number, result: number] | undefined;
  /** Against the source; undefined: nothing to compare. */
  readonly fidelity: Fidelity | undefined;
}

/** Seconds that a command gets to stop when it is asked to. */
const STOPPING = 3;
/** Statuses of inputs that cannot be used, or not be read. */
const REFUSED = [65, 66];

/** Runs `segment` on a file, alone in a fresh folder, and looks closely at what comes of it. */
export async function tryFile(
  input: string,
  { folder, extension, limit, options }: TrialOptions,
  signal: AbortSignal,
): Promise<Trial> {
  await mkdir(folder, { recursive: true });
  const room = await mkdtemp(join(folder, 'trial-'));
  try {
    const name = `result${extension}`;
    const args = [CLI, 'segment', input, '-o', join(room, name), '--quiet', ...options];
    const begun = performance.now();
    // A group of its own, so that whatever it leaves behind can be found and ended.
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const end = await outcome(child, limit, signal);
    const seconds = (performance.now() - begun) / 1000;
    const orphans = await leftBehind(child);
    const made = await readdir(room);
    const strays = made.filter((file) => file !== name || end.exit !== 0);
    const common = { ...end, seconds, orphans, strays };
    if (end.exit !== 0 || !existsSync(join(room, name))) {
      return { ...common, result: undefined, frames: undefined, fidelity: undefined };
    }
    const result = join(folder, name);
    await rename(join(room, name), result);
    const [before, after] = [await contentOf(input, signal), await contentOf(result, signal)];
    return {
      ...common,
      result,
      frames: [before?.times.length ?? 0, after?.times.length ?? 0],
      fidelity: before && after ? compare(before, after) : undefined,
    };
  } finally {
    await rm(room, { recursive: true });
  }
}

/** What is not as it should be; empty: nothing. */
export function flaws({ exit, said, orphans, strays, result, fidelity }: Trial): string[] {
  const found: string[] = [];
  if (orphans > 0) found.push('processes left');
  if (strays.length > 0) found.push(`files left: ${strays.join(', ')}`);
  if (exit === undefined) return [...found, 'too slow'];
  if (exit !== 0) {
    if (!REFUSED.includes(exit)) found.push(`exit ${exit}`);
    if (said.length !== 1 || !/^error [A-Z_]+: .+/.test(said[0]))
      found.push(`${said.length} lines in place of one`);
    return found;
  }
  if (result === undefined) return [...found, 'no result'];
  if (!fidelity) return [...found, 'no picture'];
  if (!fidelity.pts) found.push('other frames or times');
  if (!fidelity.duration) found.push('other length');
  if (fidelity.audio === 'differs') found.push('other sound');
  if (fidelity.unplayable) found.push(`not for browsers: ${fidelity.unplayable}`);
  return found;
}

async function outcome(
  child: ChildProcess,
  limit: number,
  signal: AbortSignal,
): Promise<Pick<Trial, 'exit' | 'said'>> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let late = false;
  const stop = () => signalGroup(child, 'SIGKILL');
  // Asked to stop first: what it leaves behind then is its own doing.
  const clock = setTimeout(() => {
    late = true;
    child.kill('SIGTERM');
    setTimeout(stop, STOPPING * 1000).unref();
  }, limit * 1000);
  signal.addEventListener('abort', stop);
  try {
    const exit = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      // Not `close`: an orphan that holds standard error would keep us waiting.
      child.once('exit', resolve);
    });
    signal.throwIfAborted();
    await sleep(20); // What was written last is on its way.
    const said = stderr.split('\n').filter((line) => line.trim() !== '');
    return { exit: late ? undefined : (exit ?? -1), said };
  } finally {
    clearTimeout(clock);
    signal.removeEventListener('abort', stop);
    child.stderr?.destroy();
  }
}

/** Processes of the group that are there though their parent has gone; they are ended. */
async function leftBehind(child: ChildProcess): Promise<number> {
  // What was killed along with it takes a moment to be collected.
  for (let i = 0; i < 10 && signalGroup(child, 0); i++) await sleep(50);
  return signalGroup(child, 'SIGKILL') ? 1 : 0;
}

/** False where no process of the group is left. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false; // Gone.
  }
}
