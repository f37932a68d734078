import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api, asked } from '../api/client.ts';
import { onTold } from '../state/feed.ts';
import { type Asked, useAsked } from '../ui/use-asked.ts';
import type { Span } from './days.ts';
import { createFiles, type Files } from './files.ts';
import { type Recorded, recordedOf, withEvent, withTail } from './recorded.ts';

/** Seconds of a bucket: of a day, and when one looks closely. */
const [COARSE, FINE] = [60, 10];
/** Milliseconds that are looked at closely at most. */
const CLOSE = 2 * 3_600_000;
/** Milliseconds between two looks at what came to the end, and how far back it may have changed. */
const [EVERY, BACK] = [5000, 90_000];
const MINUTE = 60_000;

const iso = (time: number) => new Date(time).toISOString();

async function ask(stream: string, span: Span, step: number, signal: AbortSignal): Promise<Recorded> {
  const query = { from: iso(span.from), to: iso(span.to), step };
  const path = { id: stream };
  return recordedOf(await asked(api.GET('/v1/streams/{id}/timeline', { params: { path, query }, signal })));
}

/** What there is of a day of a camera, as it grows. Of a day to come there is nothing. */
export function useRecorded(stream: string, day: Span): Asked<Recorded> {
  const shown = useAsked(
    async (signal) => {
      const to = Math.min(day.to, Date.now());
      if (to > day.from) return await ask(stream, { from: day.from, to }, COARSE, signal);
      return { ...day, to: day.from, stretches: [], gaps: [], step: COARSE * 1000, rows: [], events: [] };
    },
    [stream, day.from],
  );
  const { change, data } = shown;
  const latest = useRef<Recorded>();
  latest.current = data;
  useEffect(() => {
    const gone = new AbortController();
    const timer = setInterval(async () => {
      const known = latest.current;
      if (!known || known.to >= day.to || document.visibilityState === 'hidden') return;
      const last = Math.max(known.stretches.at(-1)?.to ?? known.from, known.from);
      const from = Math.max(day.from, Math.floor((Math.min(last, known.to) - BACK) / MINUTE) * MINUTE);
      const span = { from, to: Math.min(day.to, Date.now()) };
      if (span.to <= from) return;
      // It is asked for again in a moment.
      const tail = await ask(stream, span, COARSE, gone.signal).catch(() => undefined);
      if (tail && !gone.signal.aborted) change((before) => withTail(before, tail));
    }, EVERY);
    const stop = onTold('event', (event) => {
      if (event.stream === stream) change((before) => withEvent(before, event));
    });
    return () => {
      gone.abort();
      clearInterval(timer);
      stop();
    };
  }, [stream, day.from, day.to, change]);
  return shown;
}

/** Milliseconds after which one is taken to look at this part, and by which its end may be older than that of the day. */
const [SETTLE, LATE] = [250, 30_000];

/** The same of a part of the day in shorter buckets, once one looks at it closely. */
export function useClose(stream: string, view: Span, until: number): Recorded | undefined {
  const [close, setClose] = useState<{ readonly stream: string; readonly recorded: Recorded }>();
  const length = view.to - view.from;
  useEffect(() => {
    if (length > CLOSE) return;
    const gone = new AbortController();
    const timer = setTimeout(async () => {
      const step = FINE * 1000;
      const from = Math.floor((view.from - length) / step) * step;
      const to = Math.min(view.to + length, until);
      if (to <= from) return;
      // What is known of the day is shown until then.
      const recorded = await ask(stream, { from, to }, FINE, gone.signal).catch(() => undefined);
      if (recorded && !gone.signal.aborted) setClose({ stream, recorded });
    }, SETTLE);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [stream, view.from, length, until]);
  const has =
    close?.stream === stream &&
    length <= CLOSE &&
    close.recorded.from <= view.from &&
    close.recorded.to >= Math.min(view.to, until) - LATE;
  return has ? close.recorded : undefined;
}

/** The segments of a camera's recording. */
export function useFiles(stream: string): Files {
  return useMemo(
    () =>
      createFiles(
        async ({ from, to }, limit) => {
          const query = { from: iso(Math.floor(from)), to: iso(Math.ceil(to)), ...(limit ? { limit } : {}) };
          const path = { id: stream };
          const page = await asked(api.GET('/v1/streams/{id}/recordings', { params: { path, query } }));
          return {
            files: page.files.map((file) => ({
              from: Date.parse(file.from),
              to: Date.parse(file.to),
              begin: Date.parse(file.begin),
              url: file.url,
            })),
            next: page.next === undefined ? undefined : Date.parse(page.next),
          };
        },
        async ({ url }) => {
          const path = { id: stream, file: url.slice(url.lastIndexOf('/') + 1) };
          const headers = { range: 'bytes=0-0' };
          const first = api.GET('/v1/streams/{id}/recordings/{file}', {
            params: { path },
            headers,
            parseAs: 'blob',
          });
          return await asked(first).then(
            () => undefined,
            (error) => error,
          );
        },
        Date.now,
      ),
    [stream],
  );
}
