import { Siren } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { Link, useLocation, useSearch } from 'wouter-preact';
import { api, asked, type RuleEvent, type Stream } from '../api/client.ts';
import { useStreams } from '../live/use-streams.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Segments } from '../ui/field.tsx';
import { Badge, Empty, Loading, Problem } from '../ui/parts.tsx';
import { agoOf, momentOf } from '../ui/time.ts';
import { pieceOf } from './clip-address.ts';
import { clipFilterOf, clipQueryOf } from './clip-filter.ts';
import { Cameras, Days, Word } from './clip-filters.tsx';
import { eventSpan } from './recorded.ts';
import { spokenLength } from './spoken-length.ts';
import { usePages } from './use-pages.ts';

const t = text.past.eventsTab;
const PAGE = 60;
const STATES = ['open', 'closed'] as const;

/** What rules told: what goes on first, then the newest. */
export function EventsTab() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const asking = new URLSearchParams(search);
  const filter = clipFilterOf(search);
  const state = STATES.find((one) => one === asking.get('state'));
  const { streams } = useStreams();
  const { keep: _, ...query } = clipQueryOf(filter);
  const about = { ...query, ...(state ? { state } : {}) };
  const { pages, error, loading, more } = usePages<RuleEvent, 'event'>({
    kind: 'event',
    about: JSON.stringify(about),
    ask: async (cursor, signal) => {
      const page = { ...about, limit: PAGE, ...(cursor ? { cursor } : {}) };
      const found = await asked(api.GET('/v1/events', { params: { query: page }, signal }));
      return { items: found.events, next: found.next };
    },
    isIn: (event) => {
      const { from, to } = eventSpan(event, Date.now());
      if (state !== undefined && event.state !== state) return false;
      if (query.stream !== undefined && event.stream !== query.stream) return false;
      if (query.rule !== undefined && event.rule !== query.rule) return false;
      if (query.from !== undefined && to < Date.parse(query.from)) return false;
      if (query.to !== undefined && from >= Date.parse(query.to)) return false;
      const label = query.label?.toLowerCase();
      return label === undefined || event.names.some((name) => name.toLowerCase() === label);
    },
    isBefore: (a, b) => a.began_at > b.began_at || (a.began_at === b.began_at && a.id > b.id),
  });
  const set = (change: Record<string, string | undefined>) => {
    const next = new URLSearchParams(search);
    next.set('tab', 'events');
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    navigate(`/recordings?${next}`, { replace: true });
  };
  const events = pages?.items;
  const open = events?.filter((event) => event.state === 'open') ?? [];
  const closed = events?.filter((event) => event.state === 'closed') ?? [];
  const filtered = Object.keys(about).length > 0;
  const cameraOf = ({ stream }: RuleEvent) => streams?.find(({ id }) => id === stream);
  return (
    <div class="stack">
      {streams && !(events?.length === 0 && !filtered) && (
        <search class="past-filters">
          <Cameras stream={filter.stream} streams={streams} onSelect={(stream) => set({ stream })} />
          <Word
            label={text.past.clips.name}
            placeholder={text.past.clips.namePlaceholder}
            value={filter.label}
            onWord={(label) => set({ label })}
          />
          <Word
            label={text.past.clips.rule}
            placeholder={text.past.clips.rulePlaceholder}
            value={filter.rule}
            onWord={(rule) => set({ rule })}
          />
          <Days filter={filter} onDays={({ from, to }) => set({ from, to })} />
          <Segments
            label={t.state}
            value={state ?? 'all'}
            options={[
              ['all', t.states.all],
              ['open', t.states.open],
              ['closed', t.states.closed],
            ]}
            onSelect={(one) => set({ state: one === 'all' ? undefined : one })}
          />
        </search>
      )}
      {!events && error === undefined && <Loading />}
      {events?.length === 0 && (
        <Empty icon={Siren} title={filtered ? t.noneFound : t.none}>
          <p>{filtered ? text.past.clips.noneFoundBody : t.noneBody}</p>
        </Empty>
      )}
      <Group title={t.openOnes} events={open} cameraOf={cameraOf} />
      <Group title={open.length > 0 ? t.earlier : t.list} events={closed} cameraOf={cameraOf} />
      {error !== undefined && <Problem error={error} onRetry={more} />}
      {pages?.next !== undefined && (
        <Button disabled={loading} onClick={more}>
          {text.common.loadMore}
        </Button>
      )}
    </div>
  );
}

function Group({
  title,
  events,
  cameraOf,
}: {
  readonly title: string;
  readonly events: readonly RuleEvent[];
  readonly cameraOf: (event: RuleEvent) => Stream | undefined;
}) {
  if (events.length === 0) return null;
  return (
    <section class="past-events" aria-label={title}>
      <h2>{title}</h2>
      <ul aria-live="polite" aria-relevant="additions">
        {events.map((event) => (
          <li key={event.id}>
            <EventRow event={event} camera={cameraOf(event)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function EventRow({ event, camera }: { readonly event: RuleEvent; readonly camera: Stream | undefined }) {
  const { rule, names, began_at, ended_at, clip, best, stream, why } = event;
  const moment = `/recordings?${new URLSearchParams({ stream, at: best.time })}`;
  return (
    <article class="past-event" aria-label={`${rule}, ${momentOf(began_at)}`}>
      <Link class="thumb" href={clip ? `/clips/${clip}` : moment} aria-label={t.best(rule)}>
        <Best event={event} camera={camera} />
      </Link>
      <div class="about">
        <h3 class="cut">{rule}</h3>
        <p class="small cut">{names.join(', ')}</p>
        <p class="small soft">
          {camera && `${camera.name} · `}
          <time dateTime={began_at} title={momentOf(began_at)}>
            {momentOf(began_at)}
          </time>{' '}
          · {lastsOf(event)}
          {why && ` · ${t.why[why] ?? why}`}
        </p>
      </div>
      <div class="acts">
        {!ended_at && <Badge tone="bad">{t.open}</Badge>}
        <Link class="button small" href={moment}>
          {t.moment}
        </Link>
        {clip && (
          <Link class="button small" href={`/clips/${clip}`}>
            {t.clip}
          </Link>
        )}
      </div>
    </article>
  );
}

function lastsOf({ began_at, ended_at }: RuleEvent): string {
  if (ended_at === undefined) return t.since(agoOf(began_at));
  const seconds = (Date.parse(ended_at) - Date.parse(began_at)) / 1000;
  return seconds < 0.1 ? t.brief : t.lasted(spokenLength(seconds));
}

/** Milliseconds after a moment until its picture is there for sure: its segment must be whole. */
const SETTLE = 20_000;

/** The moment that shows it best: of the recording as long as that is kept, or of its clip. */
function Best({
  event: { clip, stream, best },
  camera,
}: {
  readonly event: RuleEvent;
  readonly camera: Stream | undefined;
}) {
  const [failed, setFailed] = useState(0);
  const time = Date.parse(best.time);
  const [settled, setSettled] = useState(Date.now() > time + SETTLE);
  useEffect(() => {
    if (settled) return;
    const timer = setTimeout(setSettled, time + SETTLE - Date.now(), true);
    return () => clearTimeout(timer);
  }, [time, settled]);
  const days = camera?.record?.days;
  const kept = days === 0 || (days !== undefined && Date.now() - time < days * 86_400_000);
  const addresses = [
    ...(kept && settled
      ? [`/v1/streams/${encodeURIComponent(stream)}/recordings/picture.jpg?at=${time}`]
      : []),
    ...(clip && settled ? [pieceOf(clip, 'thumbnail')] : []),
  ];
  const address = addresses[failed];
  if (address === undefined) return <Siren size={24} aria-hidden="true" />;
  return <img src={address} alt="" loading="lazy" onError={() => setFailed(failed + 1)} />;
}
