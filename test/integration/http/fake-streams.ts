import { Readable } from 'node:stream';
import { SidestreamError } from '../../../src/core/errors.ts';
import type { StreamPatch, StreamRequest } from '../../../src/streams/request.ts';
import type { Relayed, Streams, StreamView } from '../../../src/streams/streams.ts';
import { streamView } from '../../fixtures/stream-view.ts';

/** Streams in memory, with what a test wants to see of how they were called. */
export interface FakeStreams extends Streams {
  readonly views: Map<string, StreamView>;
  readonly requests: { readonly request: StreamRequest; readonly submitter: string }[];
  readonly patches: StreamPatch[];
  /** What was asked of the worker. */
  readonly asked: { readonly id: string; readonly path: string; readonly signal: AbortSignal }[];
  /** What it answers. */
  answer: () => Relayed;
  /** Thrown by the next call of `change`. */
  fail: Error | undefined;
}

export function fakeStreams(): FakeStreams {
  const views = new Map<string, StreamView>();
  const get = (id: string): StreamView => {
    const view = views.get(id);
    if (!view) throw new SidestreamError('STREAM_NOT_FOUND', `there is no stream ${id}`);
    return view;
  };
  const fake: FakeStreams = {
    views,
    requests: [],
    patches: [],
    asked: [],
    fail: undefined,
    answer: () => relayed(Readable.from([Buffer.from('picture')]), { 'content-type': 'image/jpeg' }),
    async create(request, { id: submitter }) {
      fake.requests.push({ request, submitter });
      const id = `stream${fake.requests.length}`;
      views.set(id, streamView(id, { url: request.url, name: request.name ?? 'camera' }));
      return get(id);
    },
    async get(id) {
      return get(id);
    },
    async list() {
      return [...views.values()];
    },
    async change(id, patch) {
      get(id);
      if (fake.fail) throw fake.fail;
      fake.patches.push(patch);
      views.set(id, { ...get(id), ...(patch.name === undefined ? {} : { name: patch.name }) });
      return get(id);
    },
    async remove(id) {
      views.delete(id);
    },
    async relay(id, path, signal) {
      get(id);
      fake.asked.push({ id, path, signal });
      return fake.answer();
    },
  };
  return fake;
}

export const relayed = (body: Readable, headers: Record<string, string> = {}, status = 200): Relayed => ({
  status,
  headers,
  body,
});
