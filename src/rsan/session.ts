import { fork } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import './no-telemetry.ts';
import { SidestreamError } from '../core/errors.ts';
import type { Reply, Request, RuntimeOptions, Tensors } from './session-messages.ts';
import { startThread } from './thread.ts';

/**
 * ONNX Runtime behind one interface: lanes (worker threads or child processes) that each hold a copy of every session.
 * A lane runs one thing at a time; further runs wait here in order, so that no queue grows inside a lane.
 */
export interface Runtime extends AsyncDisposable {
  readonly lanes: number;
  /** Loads the graph at `path` into every lane. Throws PROVIDER_UNAVAILABLE or INFERENCE_FAILED. */
  load(path: string): Promise<Session>;
}

/** One graph, loaded. Disposal waits for the runs that have been asked for. */
export interface Session extends AsyncDisposable {
  /**
   * Runs the graph on the next free lane. The buffers of `feeds` are handed over and must not be used again.
   * Aborting rejects at once; a run that a lane has begun is finished there and its result dropped.
   */
  run(feeds: Tensors, signal?: AbortSignal): Promise<Tensors>;
}

export interface LaneOptions extends RuntimeOptions {
  /** Number of lanes, at least 1. */
  readonly lanes: number;
  /**
   * `thread` hands buffers over without a copy. `process` can be killed in the middle of a long run, and is what
   * WebGPU needs: two of its sessions in two threads of one process crash.
   */
  readonly kind: 'thread' | 'process';
  /** True: what the runtime and drivers write to stderr is dropped; of processes. */
  readonly quiet?: boolean;
}

export function openRuntime(options: LaneOptions): Runtime {
  // Lanes are started when the first graph is loaded: words that are known need none.
  const lanes: Lane[] = [];
  const idle: Lane[] = [];
  const waiting: ((lane: Lane) => void)[] = [];
  let nextSession = 0;

  const acquire = (signal?: AbortSignal): Promise<Lane> => {
    signal?.throwIfAborted();
    const lane = idle.pop();
    if (lane) return Promise.resolve(lane);
    return new Promise((resolve, reject) => {
      const take = (free: Lane) => {
        signal?.removeEventListener('abort', leave);
        resolve(free);
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(take), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(take);
    });
  };
  const release = (lane: Lane) => {
    const next = waiting.shift();
    if (next) next(lane);
    else idle.push(lane);
  };

  return {
    lanes: options.lanes,
    async load(path) {
      while (lanes.length < options.lanes) idle.push(lanes[lanes.push(new Lane(options)) - 1]);
      const session = nextSession++;
      await Promise.all(lanes.map((lane) => lane.ask({ kind: 'load', session, path, options })));
      const runs = new Set<Promise<Tensors>>();
      const start = async (feeds: Tensors, signal?: AbortSignal) => {
        const lane = await acquire(signal);
        const running = lane.ask({ kind: 'run', session, feeds }).finally(() => release(lane));
        // Whoever asked may leave earlier than the run does.
        runs.add(running);
        running.finally(() => runs.delete(running)).catch(() => {}); // Told to whoever asked.
        return await abortable(running, signal);
      };
      return {
        async run(feeds, signal) {
          // Each run that waits or goes on listens: as many as there are lanes, and more, are no leak.
          if (signal) setMaxListeners(0, signal);
          const run = start(feeds, signal);
          runs.add(run);
          return await run.finally(() => runs.delete(run));
        },
        async [Symbol.asyncDispose]() {
          await Promise.allSettled(runs);
          await Promise.all(lanes.map((lane) => lane.ask({ kind: 'release', session })));
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

/** `work`, or the reason of `signal` as soon as that is aborted. */
async function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return await work;
  let leave = () => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
    work.catch(() => {}); // Its error has no one left to go to once the caller has been told of the abort.
  }
}

const FROM_SOURCE = import.meta.url.endsWith('.ts');
const LANE = new URL(`./session-lane.${FROM_SOURCE ? 'ts' : 'js'}`, import.meta.url);

type Question = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/** Milliseconds that the last run of a thread may take. */
const LAST_RUN = 10_000;

/** One worker thread or child process; its death rejects everything asked of it. */
class Lane {
  readonly #post: (request: Request) => void;
  readonly #terminate: () => Promise<unknown>;
  readonly #pending = new Map<
    number,
    { resolve: (value: Tensors) => void; reject: (error: Error) => void }
  >();
  readonly #kind: LaneOptions['kind'];
  /** Questions whose answers have not come, those that nobody waits for any more included. */
  #asked = 0;
  #quiet = () => {};
  #nextId = 0;
  #ended: SidestreamError | undefined;

  constructor({ kind, quiet = false }: Pick<LaneOptions, 'kind' | 'quiet'>) {
    this.#kind = kind;
    const end = (reason: string) => this.#end(new SidestreamError('INFERENCE_FAILED', reason));
    if (kind === 'thread') {
      const worker = startThread(LANE);
      this.#post = (request) => worker.postMessage(request, transferList(request));
      this.#terminate = () => worker.terminate();
      worker.on('message', (reply: Reply) => this.#settle(reply));
      worker.on('error', (error) => end(`the inference thread failed: ${error.message}`));
      worker.on('exit', () => {
        this.#quiet();
        end('the inference thread ended');
      });
    } else {
      const child = fork(LANE, {
        execArgv: FROM_SOURCE ? ['--import', 'tsx'] : [],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'inherit', 'ipc'],
      });
      const exited = new Promise((resolve) => child.once('exit', resolve));
      this.#post = (request) => child.send(request);
      this.#terminate = async () => {
        child.kill('SIGKILL');
        await exited;
      };
      child.on('message', (reply) => this.#settle(reply as Reply));
      child.on('error', (error) => end(`the inference process failed: ${error.message}`));
      child.on('exit', (code, signal) => end(`the inference process ended (${signal ?? code})`));
    }
  }

  ask(question: Question): Promise<Tensors> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#asked++;
      this.#post({ ...question, id });
    });
  }

  async close(): Promise<void> {
    this.#end(new SidestreamError('INTERRUPTED', 'the model was closed'));
    // A thread that is ended in the middle of a run takes the whole process with it.
    if (this.#kind === 'thread' && this.#asked > 0) {
      const quiet = new Promise<void>((resolve) => {
        this.#quiet = resolve;
      });
      const patience = new AbortController();
      await Promise.race([quiet, sleep(LAST_RUN, undefined, { signal: patience.signal }).catch(() => {})]);
      patience.abort();
    }
    await this.#terminate();
  }

  #settle(reply: Reply): void {
    this.#asked--;
    if (this.#asked === 0) this.#quiet();
    const asked = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.error === undefined) asked?.resolve(reply.value);
    else asked?.reject(new SidestreamError('INFERENCE_FAILED', reply.error));
  }

  #end(reason: SidestreamError): void {
    this.#ended ??= reason;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }
}

function transferList(request: Request): ArrayBuffer[] {
  return request.kind === 'run' ? Object.values(request.feeds).map(({ data }) => data.buffer) : [];
}
