import type {
  EventMessage,
  Events,
  EventView,
  Found,
  RecordedFile,
  Recordings,
  RulePreviews,
  RulePreviewView,
  Search,
  SearchQuery,
  TimelineView,
} from '../../../src/clips/clips.ts';
import type { RecordedFilesRequest, TimelineRequest } from '../../../src/clips/request.ts';
import { SidestreamError } from '../../../src/core/errors.ts';
import type { ResultObject } from '../../../src/jobs/jobs.ts';

/** Events, recordings and search in memory, with what a test wants to see of how they were called. */

export interface FakeEvents extends Events {
  readonly views: Map<string, EventView>;
  readonly queries: Parameters<Events['list']>[0][];
  /** Generators of messages that have been begun, and not ended. */
  readonly watching: () => number;
  readonly followed: { readonly query: object; readonly after: string | undefined }[];
  happen(message: EventMessage): void;
  /** True: whoever follows is told what has happened, and no more. */
  over: boolean;
}

export function fakeEvents(): FakeEvents {
  const views = new Map<string, EventView>();
  const happened: EventMessage[] = [];
  const waiting = new Set<() => void>();
  let watching = 0;
  const fake: FakeEvents = {
    views,
    queries: [],
    followed: [],
    over: false,
    watching: () => watching,
    happen(message) {
      happened.push(message);
      for (const wake of [...waiting]) wake();
    },
    async get(id) {
      const view = views.get(id);
      if (!view) throw new SidestreamError('EVENT_NOT_FOUND', `there is no event ${id}`);
      return view;
    },
    async list(query) {
      fake.queries.push(query);
      const { rule, cursor, limit } = query;
      const all = [...views.values()].reverse().filter((view) => rule === undefined || view.rule === rule);
      const at = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
      const page = all.slice(at, at + limit);
      return { events: page, next: all.length > at + limit ? page.at(-1)?.id : undefined };
    },
    async *follow(query, after, signal) {
      fake.followed.push({ query, after });
      watching++;
      try {
        let position =
          after === undefined ? happened.length : happened.findIndex(({ id }) => id === after) + 1;
        for (;;) {
          for (const message of happened.slice(position)) {
            position++;
            if (query.rule === undefined || message.data.rule === query.rule) yield message;
          }
          if (signal.aborted || fake.over) return;
          await new Promise<void>((resolve) => {
            const wake = () => {
              waiting.delete(wake);
              signal.removeEventListener('abort', wake);
              resolve();
            };
            waiting.add(wake);
            signal.addEventListener('abort', wake);
          });
        }
      } finally {
        watching--;
      }
    },
  };
  return fake;
}

export interface FakeRecordings extends Recordings {
  readonly asked: { readonly stream: string; readonly request: TimelineRequest }[];
  timelines: Map<string, TimelineView>;
  readonly filesAsked: { readonly stream: string; readonly request: RecordedFilesRequest }[];
  /** What is recorded of any stream. */
  recorded: RecordedFile[];
  /** By `stream/name`. */
  readonly objects: Map<string, ResultObject>;
}

export function fakeRecordings(): FakeRecordings {
  const fake: FakeRecordings = {
    asked: [],
    timelines: new Map(),
    filesAsked: [],
    recorded: [],
    objects: new Map(),
    async files(stream, request) {
      fake.filesAsked.push({ stream, request });
      if (stream === 'none') throw new SidestreamError('STREAM_NOT_FOUND', 'there is no stream none');
      return { files: fake.recorded.slice(0, request.limit), next: fake.recorded.at(request.limit)?.from };
    },
    async file(stream, name) {
      const object = fake.objects.get(`${stream}/${name}`);
      if (!object) throw new SidestreamError('NOT_RECORDED', `stream ${stream} has no recording ${name}`);
      return object;
    },
    async timeline(stream, request) {
      fake.asked.push({ stream, request });
      const view = fake.timelines.get(stream);
      if (!view) throw new SidestreamError('STREAM_NOT_FOUND', `there is no stream ${stream}`);
      return view;
    },
  };
  return fake;
}

export interface FakePreviews extends RulePreviews {
  readonly asked: {
    readonly stream: string;
    readonly request: Parameters<RulePreviews['preview']>[1];
    readonly submitter: string;
    readonly signal: AbortSignal;
  }[];
  view: RulePreviewView;
  /** Waited for before the answer. */
  before: (signal: AbortSignal) => Promise<void>;
}

export function fakePreviews(): FakePreviews {
  const fake: FakePreviews = {
    asked: [],
    view: {
      events: [],
      ...{ from: '2030-01-02T03:00:00.000Z', to: '2030-01-02T04:00:00.000Z' },
      ...{ until: '2030-01-02T04:00:00.000Z', seconds_recorded: 3600, gaps: [], took_ms: 12 },
      truncated: false,
    },
    before: async () => {},
    async preview(stream, request, { id: submitter }, signal) {
      fake.asked.push({ stream, request, submitter, signal });
      if (stream === 'none') throw new SidestreamError('STREAM_NOT_FOUND', 'there is no stream none');
      await fake.before(signal);
      return fake.view;
    },
  };
  return fake;
}

export interface FakeSearch extends Search {
  readonly queries: SearchQuery[];
  readonly pictures: { readonly stream: string; readonly time: number }[];
  found: Found[];
  /** Thrown by the next calls. */
  fail: Error | undefined;
}

export function fakeSearch(): FakeSearch {
  const fake: FakeSearch = {
    queries: [],
    pictures: [],
    found: [],
    fail: undefined,
    async search(query) {
      fake.queries.push(query);
      if (fake.fail) throw fake.fail;
      const page = fake.found.slice(0, query.limit);
      return { found: page, next: fake.found.length > query.limit ? 'more' : undefined, took_ms: 12 };
    },
    async picture(stream, time) {
      fake.pictures.push({ stream, time });
      if (fake.fail) throw fake.fail;
      // A part of a larger piece of memory, as pictures out of one pool are.
      return new TextEncoder().encode('..picture..').subarray(2, 9);
    },
  };
  return fake;
}
