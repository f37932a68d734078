import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { Upload } from 'tus-js-client';
import { ERRORS, type ErrorCode, SidestreamError } from '../core/errors.ts';
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
  /** Hears server-sent events for ever, over interruptions. */
  listen(path: string, hear: (event: EventSourceMessage) => void): Promise<never>;
  /** Saves a result under a name that it gets when it is whole. */
  save(path: string, file: string): Promise<void>;
}

/** Milliseconds between tries of what broke off. */
const RETRIES = [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000];

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
    if (!answer.ok) throw await problemOf(answer);
    return answer;
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

  /** Throws what trying again does not help with, or has not for long. */
  function bear(error: unknown, broken: number): void {
    signal.throwIfAborted();
    const may = error instanceof TypeError || (error instanceof SidestreamError && error.retryable);
    if (!may || broken >= RETRIES.length) throw error instanceof SidestreamError ? error : unreachable(error);
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
        } catch (error) {
          bear(error, broken);
        }
        await sleep(RETRIES[Math.min(broken, RETRIES.length - 1)], undefined, { signal });
      }
    },
    async listen(path, hear) {
      for (let broken = 0; ; broken++) {
        try {
          for await (const event of events(path)) {
            broken = 0;
            if (event) hear(event);
          }
        } catch (error) {
          bear(error, broken);
        }
        await sleep(RETRIES[Math.min(broken, RETRIES.length - 1)], undefined, { signal });
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
