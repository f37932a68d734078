import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api, asked } from '../api/client.ts';
import { connection, onTold } from '../state/feed.ts';
import type { Filter } from './filter.ts';
import { onMade } from './made.ts';
import { type Pages, withJob, without, withPage } from './pages.ts';

/** Jobs of a page; as many as the server gives. */
const PAGE = 100;
/** Pages that are fetched again when the server was away: what lies further down comes when it is looked at. */
const MOST_AGAIN = 5;

export interface Listed {
  /** Undefined until the first page is there. */
  readonly pages: Pages | undefined;
  readonly error: unknown;
  /** Fetches the next page; also again after it failed. */
  readonly more: () => void;
  /** Somebody here knows it before it is told. */
  readonly forget: (id: string) => void;
}

type Change = (pages: Pages) => Pages;

/** The jobs that a filter lets through, as they are now. */
export function useJobs({ state, label }: Filter): Listed {
  const [pages, setPages] = useState<Pages>();
  const [error, setError] = useState<unknown>();
  /** What is being fetched, and what was told meanwhile: that is newer than what comes. */
  const flight = useRef<{ readonly gone: AbortController; readonly told: Change[] }>();

  const change = useCallback((to: Change) => {
    flight.current?.told.push(to);
    setPages((before) => before && to(before));
  }, []);

  const fetchFrom = useCallback(
    async (begin: Pages | undefined, count: number): Promise<void> => {
      const mine = { gone: new AbortController(), told: [] as Change[] };
      flight.current?.gone.abort();
      flight.current = mine;
      try {
        let all = begin ?? { jobs: [], next: undefined };
        for (let i = 0; i < count; i++) {
          const query = { state, label, limit: PAGE, cursor: all.next };
          const page = await asked(api.GET('/v1/jobs', { params: { query }, signal: mine.gone.signal }));
          all = withPage(all, { jobs: page.jobs, next: page.next });
          if (all.next === undefined) break;
        }
        if (flight.current !== mine) return;
        const late = mine.told.reduce((before, to) => to(before), all);
        // What is shown is as new as what was told; only the end is missing.
        setPages((now) => (begin && now ? withPage(now, late) : late));
        setError(undefined);
      } catch (failed) {
        if (flight.current === mine) setError(failed);
      } finally {
        if (flight.current === mine) flight.current = undefined;
      }
    },
    [state, label],
  );

  const latest = useRef<Pages>();
  latest.current = pages;
  const begun = useRef(fetchFrom);
  useEffect(() => {
    // Another filter is another list; after the server was away it is the same one, which may have changed.
    const fresh = begun.current !== fetchFrom;
    begun.current = fetchFrom;
    if (fresh) setPages(undefined);
    const shown = fresh ? 0 : (latest.current?.jobs.length ?? 0);
    void fetchFrom(undefined, Math.min(MOST_AGAIN, Math.max(1, Math.ceil(shown / PAGE))));
  }, [fetchFrom, connection.value]);
  useEffect(() => () => flight.current?.gone.abort(), []);

  useEffect(() => {
    const filter = { state, label };
    const stops = [
      onTold('job', (job) => change((before) => withJob(before, job, filter))),
      onTold('job-removed', ({ id }) => change((before) => without(before, id))),
      onMade((job) => change((before) => withJob(before, job, filter))),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [state, label, change]);

  const more = useCallback(() => {
    const { current } = latest;
    if (flight.current) return;
    if (!current) void fetchFrom(undefined, 1);
    else if (current.next !== undefined) void fetchFrom(current, 1);
  }, [fetchFrom]);
  const forget = useCallback((id: string) => change((before) => without(before, id)), [change]);
  return { pages, error, more, forget };
}
