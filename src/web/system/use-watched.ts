import { useEffect, useRef } from 'preact/hooks';
import { type Asked, useAsked } from '../ui/use-asked.ts';

/** As `useAsked`, and again every so many milliseconds for as long as somebody looks. */
export function useWatched<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  about: readonly unknown[],
  every: number,
): Asked<T> {
  const asked = useAsked(ask, about);
  const { again, loading } = asked;
  const busy = useRef(loading);
  busy.current = loading;
  useEffect(() => {
    const look = () => {
      // Whoever is slow to answer is not asked twice.
      if (document.visibilityState === 'visible' && !busy.current) again();
    };
    const timer = setInterval(look, every);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [again, every]);
  return asked;
}
