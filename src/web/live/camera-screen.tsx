import { ArrowLeft, Cctv } from 'lucide-preact';
import { Link, useLocation, useParams, useSearch } from 'wouter-preact';
import type { Stream } from '../api/client.ts';
import { RulesTab } from '../rules/rules-tab.tsx';
import { text } from '../text/en.ts';
import { Segments } from '../ui/field.tsx';
import { Empty, Loading, Notice, Problem, Screen } from '../ui/parts.tsx';
import { CameraActions } from './camera-actions.tsx';
import { EventList } from './event-list.tsx';
import { Figures } from './figures.tsx';
import { LivePicture, type Way } from './live-picture.tsx';
import { SeenNow } from './seen-now.tsx';
import { StateBadge } from './state-badge.tsx';
import { useEvents } from './use-events.ts';
import { useStream } from './use-streams.ts';
import { WordsPanel } from './words-panel.tsx';

const t = text.live;
const TABS = ['now', 'events', 'rules'] as const;
type Tab = (typeof TABS)[number];
const SHOWN_EVENTS = 50;

/** One camera: its picture, what is seen in it, and its rules. `?tab=` and `?way=` are in the address. */
export default function CameraScreen() {
  const { id = '' } = useParams<{ id: string }>();
  const { stream, error, again, gone, put } = useStream(id);
  if (gone) {
    return (
      <Screen title={stream?.name ?? text.app.live}>
        <Empty icon={Cctv} title={t.gone}>
          <p>{t.goneBody}</p>
          <Link class="button primary" href="/live">
            {t.toAll}
          </Link>
        </Empty>
      </Screen>
    );
  }
  if (!stream) {
    return (
      <Screen title={text.app.live}>
        {error === undefined ? <Loading /> : <Problem error={error} onRetry={again} />}
      </Screen>
    );
  }
  return <Camera key={id} stream={stream} onStream={put} />;
}

function Camera({
  stream,
  onStream,
}: {
  readonly stream: Stream;
  readonly onStream: (stream: Stream) => void;
}) {
  const search = new URLSearchParams(useSearch());
  const [, go] = useLocation();
  const tab = TABS.find((one) => one === search.get('tab')) ?? 'now';
  const way: Way = search.get('way') === 'mjpeg' ? 'mjpeg' : 'hls';
  const set = (key: string, value: string | undefined) => {
    if (value === undefined) search.delete(key);
    else search.set(key, value);
    go(`/live/${stream.id}${search.size > 0 ? `?${search}` : ''}`, { replace: true });
  };
  return (
    <Screen
      title={
        <span class="camera-title">
          <Link href="/live" aria-label={t.back} title={t.back} class="button quiet icon">
            <ArrowLeft size={20} aria-hidden="true" />
          </Link>
          <span class="cut">{stream.name}</span>
          <StateBadge stream={stream} />
        </span>
      }
      actions={<CameraActions stream={stream} onStream={onStream} />}
    >
      {stream.state === 'live' && stream.reason && <Notice tone="warn">{stream.reason.message}</Notice>}
      <div class="camera">
        <div class="camera-tabs">
          <Segments<Tab>
            label={t.tabsLabel}
            value={tab}
            options={TABS.map((one) => [one, t.tabs[one]] as const)}
            onSelect={(one) => set('tab', one === 'now' ? undefined : one)}
          />
          {tab !== 'rules' && (
            <Segments<Way>
              label={t.way}
              value={way}
              options={[
                ['hls', t.ways.hls],
                ['mjpeg', t.ways.mjpeg],
              ]}
              onSelect={(one) => set('way', one === 'hls' ? undefined : one)}
            />
          )}
        </div>
        {tab === 'rules' ? (
          <RulesTab stream={stream} onStream={onStream} />
        ) : (
          <div class="camera-panes">
            <div class="stack">
              <LivePicture stream={stream} way={way} />
              <WordsPanel stream={stream} onStream={onStream} />
              <Figures stream={stream} />
            </div>
            {tab === 'now' ? <SeenNow stream={stream} /> : <Events id={stream.id} />}
          </div>
        )}
      </div>
    </Screen>
  );
}

function Events({ id }: { readonly id: string }) {
  const { events, error, again } = useEvents(SHOWN_EVENTS, id);
  return (
    <section class="card" aria-labelledby="camera-events">
      <h2 id="camera-events">{t.events}</h2>
      {error !== undefined && !events && <Problem error={error} onRetry={again} />}
      {!events && error === undefined && <Loading />}
      {events?.length === 0 && <p class="soft small">{t.noEventsHere}</p>}
      {events && events.length > 0 && <EventList events={events} />}
    </section>
  );
}
