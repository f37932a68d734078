import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { connection } from '../state/feed.ts';

export interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  /** Asks again; what is there stays until the answer comes. */
  readonly again: () => void;
  /** Changes what is there, when something is known better. */
  readonly change: (change: (data: T) => T) => void;
}

/**
 * Asks for something when the screen opens, when `about` changes, and when the server was away meanwhile. What comes too
 * late is dropped.
 */
export function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>, about: readonly unknown[]): Asked<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({ loading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  const seen = useRef(about);
  if (!same(seen.current, about)) {
    // Of something else than what is shown now.
    seen.current = about;
    state.data = undefined;
    state.error = undefined;
    state.loading = true;
  }
  useEffect(() => {
    const gone = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    latest.current(gone.signal).then(
      (data) => {
        if (!gone.signal.aborted) setState({ data, loading: false });
      },
      (error) => {
        if (!gone.signal.aborted) setState((before) => ({ data: before.data, error, loading: false }));
      },
    );
    return () => gone.abort();
  }, [...about, round, connection.value]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  const change = useCallback((to: (data: T) => T) => {
    setState((before) => (before.data === undefined ? before : { ...before, data: to(before.data) }));
  }, []);
  return { data: state.data, error: state.error, loading: state.loading, again, change };
}

const same = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((one, i) => Object.is(one, b[i]));
