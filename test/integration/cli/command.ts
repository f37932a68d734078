import { type ChildProcess, spawn } from 'node:child_process';

/** The built command; `npm test` builds it. */
export const COMMAND = 'dist/cli.js';

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command with an environment that holds no settings but these. */
export function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(SIDESTREAM_|NODE_OPTIONS|VITEST)/.test(name),
  );
  const child: ChildProcess = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs the command to its end. */
export const sidestream = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  start(args, environment).ended;
