import { useEffect, useRef, useState } from 'preact/hooks';
import { api, asked, type Found } from '../api/client.ts';
import { asksFor, type Question } from './ask-query.ts';

const [PAGE, NEAR] = [24, 6];

export interface Answer {
  readonly found: readonly Found[];
  /** What fits other words better, where nothing was found. */
  readonly near: readonly Found[];
  readonly next: string | undefined;
  /** Milliseconds. */
  readonly took: number;
}

/** What was found for a question; `more` fetches the next page. */
export function useAnswer(question: Question) {
  const query = asksFor(question);
  const about = JSON.stringify(query);
  const [state, setState] = useState<{ about: string; answer?: Answer; error?: unknown }>({ about: '' });
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);
  const flight = useRef<AbortController>();
  const answer = state.about === about ? state.answer : undefined;

  async function ask(before: Answer | undefined): Promise<void> {
    const gone = new AbortController();
    flight.current?.abort();
    flight.current = gone;
    const { signal } = gone;
    setBusy(true);
    try {
      const page = { ...query, limit: PAGE, ...(before?.next ? { cursor: before.next } : {}) };
      const { found, next, took_ms } = await asked(
        api.GET('/v1/search', { params: { query: page }, signal }),
      );
      const all = [...(before?.found ?? []), ...found];
      const near = all.length > 0 ? [] : await nearest(signal);
      setState({ about, answer: { found: all, near, next, took: took_ms } });
    } catch (error) {
      if (!signal.aborted) setState({ about, answer: before, error });
    } finally {
      if (flight.current === gone) setBusy(false);
    }
  }
  const nearest = async (signal: AbortSignal): Promise<readonly Found[]> => {
    const low = { ...query, threshold: 0, limit: NEAR };
    return (await asked(api.GET('/v1/search', { params: { query: low }, signal }))).found;
  };

  useEffect(() => {
    if (question.q === '') return;
    void ask(undefined);
    return () => flight.current?.abort();
  }, [about, round]);
  return {
    answer,
    error: state.about === about ? state.error : undefined,
    busy,
    more: () => ask(answer),
    again: () => setRound(round + 1),
  };
}
