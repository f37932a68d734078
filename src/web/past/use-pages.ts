import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { connection, onTold } from '../state/feed.ts';
import { type Listing, type Pages, withItem, without, withPage } from './pages.ts';

export interface Paged<T> {
  /** Undefined until the first page is there. */
  readonly pages: Pages<T> | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  /** Fetches the next page; also again after it failed. */
  readonly more: () => void;
  /** Somebody here knows it before it is told. */
  readonly put: (item: T) => void;
  readonly forget: (id: string) => void;
}

export interface PagesAsked<T, K extends 'clip' | 'event'> extends Listing<T> {
  readonly kind: K;
  readonly ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Pages<T>>;
  /** What the list is of: another value is another list. */
  readonly about: string;
}

/** Clips or events as they are now, page by page. */
export function usePages<T extends { readonly id: string }, K extends 'clip' | 'event'>(
  asked: PagesAsked<T, K>,
): Paged<T> {
  const [state, setState] = useState<{ about: string; pages?: Pages<T>; error?: unknown }>({
    about: asked.about,
  });
  const [loading, setLoading] = useState(true);
  /** What is being fetched, and what was told meanwhile: that is newer than what comes. */
  const flight = useRef<{ readonly gone: AbortController; readonly told: ((p: Pages<T>) => Pages<T>)[] }>();
  const latest = useRef(asked);
  latest.current = asked;
  const { about, kind } = asked;
  const pages = state.about === about ? state.pages : undefined;

  const change = useCallback((to: (pages: Pages<T>) => Pages<T>) => {
    flight.current?.told.push(to);
    setState((before) => (before.pages ? { ...before, pages: to(before.pages) } : before));
  }, []);

  const fetchFrom = useCallback(async (begin: Pages<T> | undefined): Promise<void> => {
    const mine = { gone: new AbortController(), told: [] as ((p: Pages<T>) => Pages<T>)[] };
    flight.current?.gone.abort();
    flight.current = mine;
    const { about: mineAbout, ask } = latest.current;
    setLoading(true);
    try {
      const page = await ask(begin?.next, mine.gone.signal);
      if (flight.current !== mine) return;
      const fresh = mine.told.reduce((all, to) => to(all), page);
      setState((now) => ({
        about: mineAbout,
        pages: begin && now.about === mineAbout && now.pages ? withPage(now.pages, fresh) : fresh,
      }));
    } catch (error) {
      if (flight.current === mine) setState((now) => ({ ...now, about: mineAbout, error }));
    } finally {
      if (flight.current === mine) {
        flight.current = undefined;
        setLoading(false);
      }
    }
  }, []);

  useEffect(() => {
    void fetchFrom(undefined);
    return () => flight.current?.gone.abort();
  }, [about, connection.value, fetchFrom]);
  useEffect(() => {
    const stops = [
      onTold(kind, (item) => change((before) => withItem(before, item as unknown as T, latest.current))),
      ...(kind === 'clip'
        ? [onTold('clip-removed', ({ id }) => change((before) => without(before, id)))]
        : []),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [kind, change]);

  return {
    pages,
    error: state.about === about ? state.error : undefined,
    loading,
    more: () => {
      if (!flight.current) void fetchFrom(pages?.next === undefined ? undefined : pages);
    },
    put: useCallback((item: T) => change((before) => withItem(before, item, latest.current)), [change]),
    forget: useCallback((id: string) => change((before) => without(before, id)), [change]),
  };
}
