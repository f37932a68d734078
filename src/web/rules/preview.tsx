import { History } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, asked, type Stream } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Notice, Problem } from '../ui/parts.tsx';
import { clockOf } from '../ui/time.ts';
import { type Rules, same } from './rules.ts';
import { sayLength } from './say.ts';

const t = text.rules.preview;
type Seen = components['schemas']['RulesPreview'];
/** Events that are listed, each with a picture. */
const LISTED = 30;

/** What the rules would have met in the last hour, before they are saved. */
export function Preview({ stream, rules }: { readonly stream: Stream; readonly rules: Rules }) {
  const [seen, setSeen] = useState<{ readonly rules: Rules; readonly result: Seen }>();
  const [error, setError] = useState<unknown>();
  const [running, setRunning] = useState(false);
  const gone = useRef<AbortController>();
  useEffect(() => () => gone.current?.abort(), []);
  const { id } = stream;

  async function look(): Promise<void> {
    gone.current?.abort();
    const mine = new AbortController();
    gone.current = mine;
    setRunning(true);
    setError(undefined);
    try {
      const body = { rules: { ...rules } };
      const params = { path: { id } };
      const result = await asked(
        api.POST('/v1/streams/{id}/rules/preview', { params, body, signal: mine.signal }),
      );
      if (!mine.signal.aborted) setSeen({ rules, result });
    } catch (failed) {
      if (!mine.signal.aborted) setError(failed);
    } finally {
      if (!mine.signal.aborted) setRunning(false);
    }
  }
  const stale = seen !== undefined && !same(seen.rules, rules);
  return (
    <section class="card rules-preview" aria-labelledby="preview-title">
      <header class="row">
        <h2 id="preview-title" class="grow">
          {t.title}
        </h2>
        <Button icon={History} disabled={running || rules.rules.length === 0} onClick={() => void look()}>
          {seen ? t.again : t.go}
        </Button>
      </header>
      <div class="stack" aria-live="polite" aria-busy={running}>
        {running && (
          <p class="row soft">
            <span class="spinner" />
            {t.running}
          </p>
        )}
        {error !== undefined && <Problem error={error} />}
        {!stream.record && !seen && <p class="small soft">{t.needsRecording}</p>}
        {stale && <Notice tone="warn">{t.stale}</Notice>}
        {seen && <Result id={id} rules={seen.rules} result={seen.result} />}
      </div>
    </section>
  );
}

/** To a tenth of a second: what is between two pictures is nobody's concern. */
const lengthBetween = (from: string, to: string): string =>
  sayLength(Math.round((Date.parse(to) - Date.parse(from)) / 100) / 10);

function Result({
  id,
  rules,
  result,
}: {
  readonly id: string;
  readonly rules: Rules;
  readonly result: Seen;
}) {
  const { events, gaps, truncated, seconds_recorded, from, to } = result;
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const place = (begin: string, end: string | undefined) => (element: HTMLElement | null) => {
    const [left, right] = [Date.parse(begin), end === undefined ? last : Date.parse(end)];
    element?.style.setProperty('left', `${((left - first) / (last - first)) * 100}%`);
    element?.style.setProperty('width', `${((right - left) / (last - first)) * 100}%`);
  };
  return (
    <>
      <p class="small soft">
        {events.length === 0 ? t.none : t.events(events.length)}{' '}
        {t.recorded(sayLength(Math.round(seconds_recorded)))} {gaps.length > 0 && t.gaps}{' '}
        {truncated && t.truncated}
      </p>
      <ul class="preview-strips">
        {rules.rules.map(({ name }) => {
          const mine = events.filter(({ rule }) => rule === name);
          return (
            <li key={name} class="preview-row">
              <span class="cut small">{name}</span>
              <div class="preview-strip" role="img" aria-label={t.strip(name, mine.length)}>
                {gaps.map((gap) => (
                  <i key={`gap ${gap.from}`} class="gap" ref={place(gap.from, gap.to)} />
                ))}
                {mine.map((event) => (
                  <i key={event.began_at} ref={place(event.began_at, event.ended_at)} />
                ))}
              </div>
              <span class="small soft count">{mine.length}</span>
            </li>
          );
        })}
        <li class="preview-row small soft" aria-hidden="true">
          <span />
          <span class="row ends">
            <span>{clockOf(from)}</span>
            <span>{clockOf(to)}</span>
          </span>
          <span />
        </li>
      </ul>
      {events.length > 0 && (
        <ul class="event-list">
          {events
            .slice(-LISTED)
            .reverse()
            .map((event) => (
              <li key={`${event.rule} ${event.began_at}`}>
                <span>
                  <span class="thumb">
                    <img
                      src={`/v1/streams/${encodeURIComponent(id)}/recordings/picture.jpg?at=${encodeURIComponent(event.best.time)}`}
                      alt=""
                      loading="lazy"
                    />
                  </span>
                  <span class="what">
                    <span class="cut rule">{event.rule}</span>
                    <span class="cut small soft">{event.names.join(', ')}</span>
                    <time class="small soft" dateTime={event.began_at}>
                      {clockOf(event.began_at)}
                      {', '}
                      {event.ended_at
                        ? text.live.lasted(lengthBetween(event.began_at, event.ended_at))
                        : text.live.now}
                    </time>
                  </span>
                </span>
              </li>
            ))}
        </ul>
      )}
    </>
  );
}
