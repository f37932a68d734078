import type { Clips } from '../clips/clips.ts';
import { type ErrorCode, SidestreamError } from '../core/errors.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Streams } from '../streams/streams.ts';
import { toClip } from './clip-schemas.ts';
import { toJob } from './schemas.ts';
import { toStream } from './stream-schemas.ts';

/** What has changed among jobs, streams and clips since the last look. Old ones, which nobody works on, are not read again. */

/** One thing as it is now, or that it is gone. */
export interface Told {
  readonly kind: Kind | 'event';
  readonly id: string;
  readonly event: string;
  readonly data: object;
}

export type Kind = 'job' | 'stream' | 'clip';

/** Things of one kind, and what was told of them. */
export interface Things {
  readonly kind: Kind;
  /**
   * What has changed. The first look tells nothing: it is what later ones are compared with. `asked`: ids of what somebody
   * has just changed or removed, also old ones. Where it throws, nothing of what it was to tell is lost.
   */
  look(asked: ReadonlySet<string>): Promise<readonly Told[]>;
}

/** So many of those that were made last are looked at in any state: some end before they are seen to begin. */
const LATEST = 30;
/** So many of those in one state that changes by itself. */
const MOST = 1000;
/** Milliseconds between two messages about a stream of which figures alone have changed. */
const FIGURES = 2000;

export const watchJobs = (jobs: Pick<Jobs, 'list' | 'get'>): Things =>
  watch({
    kind: 'job',
    list: () =>
      together([
        jobs.list({ limit: LATEST }).then(({ jobs }) => jobs),
        ...(['queued', 'running'] as const).map(
          async (state) => (await jobs.list({ state, limit: MOST })).jobs,
        ),
      ]),
    get: (id) => jobs.get(id),
    gone: 'JOB_NOT_FOUND',
    show: toJob,
  });

export const watchClips = (clips: Pick<Clips, 'list' | 'get'>): Things =>
  watch({
    kind: 'clip',
    list: () =>
      together([
        clips.list({ limit: LATEST }).then(({ clips }) => clips),
        ...(['waiting', 'queued', 'running'] as const).map(
          async (state) => (await clips.list({ state, limit: MOST })).clips,
        ),
      ]),
    get: (id) => clips.get(id),
    gone: 'CLIP_NOT_FOUND',
    show: toClip,
  });

export const watchStreams = (streams: Pick<Streams, 'list' | 'get'>): Things =>
  watch({
    kind: 'stream',
    list: () => streams.list(),
    get: (id) => streams.get(id),
    gone: 'STREAM_NOT_FOUND',
    show: toStream,
    figures: 'stats',
  });

const together = async <V>(lists: readonly Promise<readonly V[]>[]): Promise<readonly V[]> =>
  (await Promise.all(lists)).flat();

interface Watching<V, S> {
  readonly kind: Kind;
  /** All that may change by itself; the same one may come twice. */
  list(): Promise<readonly V[]>;
  get(id: string): Promise<V>;
  /** What `get` throws where there is none. */
  readonly gone: ErrorCode;
  show(view: V): S;
  /** What of it changes all the time. */
  readonly figures?: keyof S;
}

interface Known {
  readonly text: string;
  /** The same without figures. */
  readonly state: string;
  /** When it was told, in milliseconds since 1970. */
  readonly at: number;
}

function watch<V extends { readonly id: string }, S extends object>({
  kind,
  list,
  get,
  gone,
  show,
  figures,
}: Watching<V, S>): Things {
  const known = new Map<string, Known>();
  let begun = false;

  /** It, unless it is as it was told. */
  function changed(view: V, silent: boolean): Told | undefined {
    const { id } = view;
    const data = show(view);
    const text = JSON.stringify(data);
    const before = known.get(id);
    if (before?.text === text) return undefined;
    const at = Date.now();
    const state = figures === undefined ? text : JSON.stringify({ ...data, [figures]: undefined });
    if (before?.state === state && at - before.at < FIGURES) return undefined;
    known.set(id, { text, state, at });
    return silent ? undefined : { kind, id, event: kind, data };
  }

  async function find(id: string): Promise<V | undefined> {
    try {
      return await get(id);
    } catch (error) {
      if (error instanceof SidestreamError && error.code === gone) return undefined;
      throw error;
    }
  }

  return {
    kind,
    async look(asked) {
      // Should the first look fail, the next one tells all: nobody knows then what was missed.
      const silent = !begun;
      begun = true;
      const listed = new Map((await list()).map((view) => [view.id, view]));
      const others = [...new Set([...known.keys(), ...asked])].filter((id) => !listed.has(id));
      const found = await Promise.all(others.map(async (id) => [id, await find(id)] as const));
      const told = [...listed.values()].map((view) => changed(view, silent));
      for (const [id, view] of found) {
        told.push(view ? changed(view, false) : { kind, id, event: `${kind}-removed`, data: { id } });
        // Nobody works on it any more.
        known.delete(id);
      }
      return told.filter((one) => one !== undefined);
    },
  };
}
