import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from 'pino';

/** Keeps processes of this program running beside it: one that ends is started again, a little later each time. */
export interface Supervisor extends AsyncDisposable {
  readonly pids: readonly number[];
}

/** Milliseconds: first and longest wait before a new start; how long one must have lived to count as healthy. */
const [FIRST_WAIT, LONGEST_WAIT, HEALTHY] = [1000, 30_000, 60_000];
/** Milliseconds from asking a process to end to killing it. */
const PATIENCE = 9000;

/** `entry`: the program's own entry file; `commands`: the arguments of each process. */
export function supervise(entry: string, commands: readonly (readonly string[])[], log: Logger): Supervisor {
  const children = new Set<ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;
  const start = (args: readonly string[], wait: number) => {
    const begun = Date.now();
    // Its log is ours.
    const child = fork(entry, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    children.add(child);
    child.on('error', (error) => log.error({ err: error }, 'a worker cannot be started'));
    child.once('exit', (code, signal) => {
      children.delete(child);
      if (stopping) return;
      const next = Date.now() - begun > HEALTHY ? FIRST_WAIT : wait;
      log.error(
        { pid: child.pid, code, signal, seconds: next / 1000 },
        'a worker ended: it is started again',
      );
      const timer = setTimeout(() => {
        timers.delete(timer);
        start(args, Math.min(LONGEST_WAIT, next * 2));
      }, next);
      timers.add(timer);
    });
  };
  for (const args of commands) start(args, FIRST_WAIT);
  return {
    get pids() {
      return [...children].flatMap(({ pid }) => pid ?? []);
    },
    async [Symbol.asyncDispose]() {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(
        [...children].map(async (child) => {
          const gone = once(child, 'exit');
          child.kill('SIGTERM');
          const last = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
          await gone;
          clearTimeout(last);
        }),
      );
    },
  };
}
