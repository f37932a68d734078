import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { Upload } from 'tus-js-client';
import { ERRORS, type ErrorCode, isErrno, SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import type { JobView } from '../jobs/jobs.ts';
import { draft } from '../media/draft.ts';

/** A thin client of the HTTP API. */
export interface Client {
  /** A JSON answer. Throws the error that the server tells, or SERVER_UNREACHABLE. */
  ask<T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<T>;
  /** Uploads a file, resuming where the connection breaks; gives its id. `progress`: bytes. */
  upload(path: string, progress: (sent: number, total: number) => void): Promise<string>;
  /** Follows a job to its end, over interruptions. */
  follow(id: string, progress: (job: JobView) => void): Promise<JobView>;
  /** Hears server-sent events for ever, over interruptions; goes on after the last one that had an id. */
  listen(path: string, hear: (event: EventSourceMessage) => void): Promise<never>;
  /** Saves a result under a name that it gets when it is whole. */
  save(path: string, file: string): Promise<void>;
  /** An answer as it comes, whose body is read or cancelled. Throws as `ask` does. */
  open(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /**
   * Waits until what failed `broken` times in a row, not counting this one, may be tried again: as long as the server
   * says where it does, for ever while it is still at it. Throws what trying again does not help with, or has not for long.
   */
  bear(error: unknown, broken: number): Promise<void>;
  /** The same for work as a whole, until it is done. */
  persist<T>(work: () => Promise<T>): Promise<T>;
}

/** Milliseconds between tries of what broke off. */
const RETRIES = [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000];
/** Milliseconds after which to ask again, for errors whose server has said it; a minute at most. */
const asked = new WeakMap<object, number>();
const LONGEST = 60_000;

export function createClient(
  { server, key }: { readonly server: string; readonly key: string | null },
  signal: AbortSignal,
): Client {
  const base = server.replace(/\/+$/, '');
  const authorised: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    let answer: Response;
    try {
      const headers = { ...authorised, ...(init.headers as Record<string, string>) };
      answer = await fetch(`${base}${path}`, { ...init, headers, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(error);
    }
    if (answer.ok) return answer;
    const problem = await problemOf(answer);
    const seconds = Number(answer.headers.get('retry-after'));
    if (seconds > 0) asked.set(problem, Math.min(LONGEST, seconds * 1000));
    throw problem;
  }

  const unreachable = (cause: unknown) =>
    new SidestreamError(
      'SERVER_UNREACHABLE',
      `${redact(base)} does not answer: check --server, and that it runs`,
      {
        cause,
      },
    );

  /** What one connection brings: events, and undefined for bytes that make none yet. */
  async function* events(path: string, last?: string): AsyncGenerator<EventSourceMessage | undefined> {
    const headers = {
      accept: 'text/event-stream',
      ...(last === undefined ? {} : { 'last-event-id': last }),
    };
    const answer = await request(path, { headers });
    const come: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (event) => come.push(event) });
    const text = new TextDecoder();
    for await (const bytes of answer.body ?? []) {
      yield undefined;
      parser.feed(text.decode(bytes as Uint8Array, { stream: true }));
      yield* come.splice(0);
    }
  }

  const pause = (broken: number, least = 0) =>
    sleep(Math.max(least, RETRIES[Math.min(broken, RETRIES.length - 1)]), undefined, { signal });

  async function bear(error: unknown, broken: number): Promise<void> {
    signal.throwIfAborted();
    // An error of the system is about a file here; what `fetch` says of the network is a TypeError.
    if (isErrno(error) && error.syscall !== undefined) throw error;
    if (!(error instanceof SidestreamError)) {
      if (!(error instanceof TypeError) || broken >= RETRIES.length) throw unreachable(error);
    } else {
      const { code, retryable } = error;
      // What is not there now may be later, but nobody says so.
      if (!retryable || code === 'RESULT_NOT_FOUND') throw error;
      if (broken >= RETRIES.length && code !== 'CLIP_NOT_READY') throw error;
    }
    await pause(broken, asked.get(error as object));
  }

  const client: Client = {
    async ask(method, path, body, headers = {}) {
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await request(path, {
        method,
        headers: { ...json, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (answer.status === 204 ? undefined : await answer.json()) as never;
    },
    async upload(path, progress) {
      const { size } = await stat(path).catch(() => {
        throw new SidestreamError('INPUT_NOT_FOUND', `${path} does not exist: check the path`);
      });
      const location = await new Promise<string>((done, fail) => {
        const upload = new Upload(createReadStream(path), {
          endpoint: `${base}/v1/uploads`,
          uploadSize: size,
          headers: authorised,
          metadata: { filename: basename(path) },
          retryDelays: RETRIES,
          chunkSize: 16 << 20,
          onProgress: progress,
          onSuccess: () => done(upload.url ?? ''),
          onError: (error) => fail(signal.aborted ? signal.reason : uploadFailure(error)),
        });
        signal.addEventListener('abort', () => void upload.abort().finally(() => fail(signal.reason)), {
          once: true,
        });
        upload.start();
      });
      return location.split('/').at(-1) ?? '';
    },
    async follow(id, progress) {
      let last: string | undefined;
      for (let broken = 0; ; broken++) {
        try {
          for await (const event of events(`/v1/jobs/${id}/events`, last)) {
            broken = 0;
            if (event === undefined) continue;
            last = event.id ?? last;
            progress(JSON.parse(event.data));
            if (/^(done|failed|cancelled)$/.test(event.event ?? ''))
              return await client.ask<JobView>('GET', `/v1/jobs/${id}`);
          }
          await pause(broken);
        } catch (error) {
          await bear(error, broken);
        }
      }
    },
    async listen(path, hear) {
      let last: string | undefined;
      for (let broken = 0; ; broken++) {
        try {
          for await (const event of events(path, last)) {
            broken = 0;
            if (!event) continue;
            last = event.id ?? last;
            hear(event);
          }
          await pause(broken);
        } catch (error) {
          await bear(error, broken);
        }
      }
    },
    async save(path, file) {
      const answer = await request(path);
      const saved = draft(file);
      try {
        await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(saved.path), { signal });
        await saved.commit();
      } catch (error) {
        await saved.discard();
        signal.throwIfAborted();
        throw error;
      }
    },
    open: (path, headers = {}) => request(path, { headers }),
    bear,
    async persist(work) {
      for (let broken = 0; ; broken++) {
        try {
          return await work();
        } catch (error) {
          await bear(error, broken);
        }
      }
    },
  };

  function uploadFailure(error: Error): SidestreamError {
    const answer =
      'originalResponse' in error ? (error.originalResponse as { getBody(): string } | null) : null;
    return (answer && fromProblem(answer.getBody())) ?? unreachable(error);
  }
  return client;
}

async function problemOf(answer: Response): Promise<SidestreamError> {
  const text = await answer.text().catch(() => '');
  const known = fromProblem(text);
  if (known) return known;
  return new SidestreamError(
    'SERVER_UNREACHABLE',
    `the server answers ${answer.status} ${answer.statusText}: is it Sidestream's?`,
  );
}

/** An error as RFC 9457 has it, with a code of ours. */
function fromProblem(text: string): SidestreamError | undefined {
  try {
    const { code, detail, title } = JSON.parse(text);
    if (!(code in ERRORS)) return undefined;
    return new SidestreamError(code as ErrorCode, detail ?? title ?? ERRORS[code as ErrorCode].text);
  } catch {
    return undefined;
  }
}
