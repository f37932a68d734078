import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from '../src/config/folders.ts';
import type { JobView } from '../src/jobs/jobs.ts';

/**
 * A whole installation in a folder of its own: Redis, the server and any number of workers as processes, and between them
 * and Redis a network that can be cut. For tests and measurements.
 */
export interface Installation extends AsyncDisposable {
  readonly folder: string;
  /** What a command of this installation finds in its environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly workers: readonly ChildProcess[];
  /** Address of the server. */
  readonly url: string;
  ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /** Gives the job when it has ended. */
  ended(id: string, milliseconds?: number, interval?: number): Promise<JobView>;
  /** Starts one more worker; resolves when it is ready. */
  addWorker(args?: readonly string[], prefix?: readonly string[]): Promise<ChildProcess>;
  kill(worker: ChildProcess): Promise<void>;
  restartServer(signal: NodeJS.Signals): Promise<void>;
  restartRedis(signal: NodeJS.Signals): Promise<void>;
  /** Nothing passes between Redis and the others any more, but nobody is told. */
  cut(): void;
  mend(): void;
  /** Everything that should not be there when all jobs have ended: processes, files. */
  leftovers(): Promise<string[]>;
}

export interface InstallationOptions {
  /** Arguments of each worker; default: two for all kinds of work. */
  readonly workers?: readonly (readonly string[])[];
  readonly env?: NodeJS.ProcessEnv;
  /** Whether Redis writes to disk, so that it may be restarted. */
  readonly durable?: boolean;
  /** Told of every line that a process logs. */
  readonly log?: (line: string) => void;
  readonly serve?: readonly string[];
}

const CLI = join(projectFolder, 'dist', 'cli.js');
/** Milliseconds. */
const START_TIME = 30_000;

export async function install(options: InstallationOptions = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'sidestream-installation-'));
  const socket = join(folder, 'redis.sock');
  const network = await openNetwork(join(folder, 'net.sock'), socket);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    SIDESTREAM_REDIS_URL: `unix://${network.path}`,
    SIDESTREAM_DATA__DIRECTORY: join(folder, 'data'),
    SIDESTREAM_WORKERS__SCRATCH: join(folder, 'scratch'),
    SIDESTREAM_STORAGE__RESERVE_BYTES: '0',
    SIDESTREAM_JOBS__ROOTS: projectFolder,
    SIDESTREAM_HTTP__RATE_LIMIT: '1000000',
    ...options.env,
  };
  const log = options.log ?? (() => {});
  const children = new Set<ChildProcess>();
  const workers: ChildProcess[] = [];
  let redis = await startRedis();
  let port = 0;
  let server = await startServer();

  async function startRedis(): Promise<ChildProcess> {
    const disk = options.durable
      ? ['--appendonly', 'yes', '--dir', folder]
      : ['--appendonly', 'no', '--dir', folder];
    const args = [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
      ...disk,
    ];
    const child = start('redis-server', args);
    for (let tries = 0; ; tries++) {
      const there = await new Promise<boolean>((resolve) => {
        const probe = dial(socket);
        probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
        probe.once('close', () => resolve(false));
        setTimeout(() => probe.destroy(), 200);
      });
      if (there) return child;
      if (tries > 200) throw new Error('redis-server did not start');
      await sleep(30);
    }
  }

  function start(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { env, cwd: projectFolder, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => text.split('\n').filter(Boolean).forEach(log));
    child.stdout?.setEncoding('utf8');
    return child;
  }

  /** Waits for a line that tells that a process is ready. */
  async function said(child: ChildProcess, stream: 'stdout' | 'stderr', what: RegExp): Promise<string> {
    let text = '';
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`a process did not start: ${text}`)), START_TIME);
      child.once('exit', (code) => reject(new Error(`a process ended with ${code}: ${text}`)));
      child[stream]?.on('data', (part: string) => {
        text += part;
        if (!what.test(text)) return;
        clearTimeout(timer);
        resolve(text);
      });
    });
  }

  async function startServer(): Promise<ChildProcess> {
    const serve = options.serve ?? ['--workers', '0'];
    const child = start(process.execPath, [CLI, 'serve', '--port', String(port), ...serve]);
    const text = await said(child, 'stdout', /listening on \S+\n/);
    port = Number(/:(\d+)\n/.exec(text)?.[1]);
    return child;
  }

  async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  const self: Installation = {
    folder,
    env,
    workers,
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    async ask(method, path, body) {
      const answer = await fetch(`${self.url}${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async ended(id, milliseconds = 120_000, interval = 100) {
      for (const end = Date.now() + milliseconds; ; await sleep(interval)) {
        // The server may be away for a moment.
        const job = await self.ask<JobView>('GET', `/v1/jobs/${id}`).catch(() => undefined);
        if (job && job.state !== 'queued' && job.state !== 'running') return job;
        if (Date.now() > end) throw new Error(`job ${id} did not end: ${JSON.stringify(job)}`);
      }
    },
    async addWorker(args = [], prefix = []) {
      const [command, ...rest] = [...prefix, process.execPath, CLI, 'worker', ...args];
      const child = start(command, rest);
      workers.push(child);
      await said(child, 'stderr', /worker ready/);
      return child;
    },
    async kill(worker) {
      workers.splice(workers.indexOf(worker), 1);
      await stop(worker, 'SIGKILL');
    },
    async restartServer(signal) {
      await stop(server, signal);
      server = await startServer();
    },
    async restartRedis(signal) {
      await stop(redis, signal);
      redis = await startRedis();
    },
    cut: () => network.cut(),
    mend: () => network.mend(),
    async leftovers() {
      const own = new Set([redis, server, ...workers].map(({ pid }) => pid));
      const running = (await processesOf(folder)).filter(({ pid }) => !own.has(pid));
      const files = await readdir(join(folder, 'data', 'storage'), { recursive: true }).catch(() => []);
      const scratch = await readdir(join(folder, 'scratch'), { recursive: true }).catch(() => []);
      const alive = workers.map(({ pid }) => `sidestream-worker-${pid}-`);
      return [
        ...running.map(({ pid, command }) => `process ${pid} ${command}`),
        ...files
          .filter((name) => /(^|\/)parts(\/|$)|^\.incoming\/./.test(name))
          .map((name) => `file ${name}`),
        ...scratch
          .filter((name) => !alive.some((one) => name.startsWith(one)) || name.includes('/work-'))
          .map((name) => `scratch ${name}`),
      ];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...workers, server].map((child) => stop(child, 'SIGTERM')));
      await stop(redis, 'SIGKILL');
      for (const child of children) child.kill('SIGKILL');
      await network[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  const wanted = options.workers ?? [[], []];
  await Promise.all(wanted.map((args) => self.addWorker(args)));
  return self;
}

/** A relay between two sockets, which may hold everything back. */
async function openNetwork(path: string, target: string) {
  const pairs = new Set<readonly [Socket, Socket]>();
  let held = false;
  const server: Server = createServer((near) => {
    const far = dial(target);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => to.write(data));
      from.on('error', () => {}); // Its close says it all.
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (held) from.pause();
    }
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    cut() {
      held = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    mend() {
      held = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Processes whose command line or environment names a folder. */
export async function processesOf(folder: string): Promise<{ pid: number; command: string }[]> {
  const found = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const command = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
      const environment = await readFile(`/proc/${name}/environ`, 'utf8');
      if (command && (command.includes(folder) || environment.includes(folder)))
        found.push({ pid: Number(name), command });
    } catch {
      // It is gone, or somebody else's.
    }
  }
  return found;
}

/** Processes that a process has started, by any of its threads. */
export async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
}
