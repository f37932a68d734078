import { createHash } from 'node:crypto';
import type { ClipQuery, ClipResultName, Clips, ClipView } from '../../../src/clips/clips.ts';
import type { ClipRequest } from '../../../src/clips/request.ts';
import { timeOf } from '../../../src/clips/request.ts';
import { SidestreamError } from '../../../src/core/errors.ts';
import type { ResultObject } from '../../../src/jobs/jobs.ts';
import { clipView } from '../../fixtures/clip-view.ts';
import { resultOf } from './fakes.ts';

/** Clips in memory, with what a test wants to see of how they were called. */
export interface FakeClips extends Clips {
  readonly views: Map<string, ClipView>;
  /** By `id/name`. */
  readonly objects: Map<string, ResultObject>;
  readonly requests: {
    readonly stream: string;
    readonly request: ClipRequest;
    readonly submitter: string;
  }[];
  readonly queries: ClipQuery[];
  /** What was asked for, and how long it was to be waited for. */
  readonly asked: { readonly id: string; readonly name: ClipResultName; readonly patience: number }[];
  /** Called before a result is looked for. */
  before: (id: string, name: ClipResultName, signal: AbortSignal) => void | Promise<void>;
  /** A clip with a result that has these bytes; gives its object. */
  hold(
    id: string,
    content: Buffer,
    more?: Partial<ClipView>,
    name?: ClipResultName,
  ): ReturnType<typeof resultOf>;
}

export const shaOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

export function fakeClips(): FakeClips {
  const views = new Map<string, ClipView>();
  const get = (id: string): ClipView => {
    const view = views.get(id);
    if (!view) throw new SidestreamError('CLIP_NOT_FOUND', `there is no clip ${id}`);
    return view;
  };
  const fake: FakeClips = {
    views,
    objects: new Map(),
    requests: [],
    queries: [],
    asked: [],
    before: () => {},
    hold(id, content, more = {}, name = 'video') {
      const type = name === 'masks' ? 'application/json' : 'video/mp4';
      const view = views.get(id) ?? clipView(id);
      const one = { bytes: content.length, type, sha256: shaOf(content) };
      views.set(id, { ...view, results: { ...view.results, [name]: one }, ...more });
      const object = resultOf(content, { type, etag: shaOf(content).slice(0, 20), fileName: `${id}.mp4` });
      fake.objects.set(`${id}/${name}`, object);
      return object;
    },
    async create(stream, request, { id: submitter }) {
      if (stream === 'none') throw new SidestreamError('STREAM_NOT_FOUND', 'there is no stream none');
      fake.requests.push({ stream, request, submitter });
      const id = `clip${fake.requests.length}`;
      const iso = (text: string) => new Date(timeOf(text, Date.now())).toISOString();
      const { title, keep = false, metadata = {} } = request;
      const span = { from: iso(request.from), to: iso(request.to ?? 'now') };
      views.set(id, clipView(id, { ...span, stream, title, keep, metadata, state: 'waiting' }));
      return get(id);
    },
    async get(id) {
      return get(id);
    },
    async list(query) {
      fake.queries.push(query);
      const { stream, label, rule, event, keep, state, from, to, cursor, limit } = query;
      const all = [...views.values()]
        .reverse()
        .filter((view) => stream === undefined || view.stream === stream)
        .filter((view) => label === undefined || view.labels.includes(label))
        .filter((view) => rule === undefined || view.rule === rule)
        .filter((view) => event === undefined || view.event === event)
        .filter((view) => keep === undefined || view.keep === keep)
        .filter((view) => state === undefined || view.state === state)
        .filter((view) => from === undefined || Date.parse(view.to) > from)
        .filter((view) => to === undefined || Date.parse(view.from) < to);
      const at = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
      if (cursor !== undefined && at === 0) throw new SidestreamError('USAGE', 'cursor: is none');
      const page = all.slice(at, at + limit);
      return { clips: page, next: all.length > at + limit ? page.at(-1)?.id : undefined };
    },
    async change(id, { keep, title }) {
      const view = get(id);
      views.set(id, { ...view, keep: keep ?? view.keep, title: title ?? view.title });
      return get(id);
    },
    async remove(id) {
      views.delete(id);
    },
    async result(id, name, patience, signal) {
      fake.asked.push({ id, name, patience });
      await fake.before(id, name, signal);
      get(id);
      const found = fake.objects.get(`${id}/${name}`);
      if (!found) throw new SidestreamError('RESULT_NOT_FOUND', `clip ${id} has no ${name}`);
      return found;
    },
  };
  return fake;
}
