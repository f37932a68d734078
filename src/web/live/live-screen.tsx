import { Cctv, Maximize, Plus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Segments } from '../ui/field.tsx';
import { Empty, Loading, Problem, Screen } from '../ui/parts.tsx';
import { AddCamera } from './add-camera.tsx';
import { EventList } from './event-list.tsx';
import { Tile } from './tile.tsx';
import { useEvents } from './use-events.ts';
import { useStreams } from './use-streams.ts';
import { Wall } from './wall.tsx';

const SIZES = ['s', 'm', 'l'] as const;
type Size = (typeof SIZES)[number];
const SHOWN_EVENTS = 20;

/** All cameras at a glance, and what their rules have met. */
export default function LiveScreen() {
  const { streams, error, again, put } = useStreams();
  const [adding, setAdding] = useState(false);
  const search = new URLSearchParams(useSearch());
  const [, go] = useLocation();
  const set = (key: string, value: string | undefined) => {
    if (value === undefined) search.delete(key);
    else search.set(key, value);
    go(`/live${search.size > 0 ? `?${search}` : ''}`, { replace: true });
  };
  const size = SIZES.find((one) => one === search.get('size')) ?? 'm';
  const add = may('operator') && (
    <Button kind="primary" icon={Plus} onClick={() => setAdding(true)}>
      {text.live.add}
    </Button>
  );

  if (streams && search.has('wall')) return <Wall streams={streams} onLeave={() => set('wall', undefined)} />;
  return (
    <Screen
      title={text.app.live}
      actions={
        streams?.length ? (
          <>
            <Segments<Size>
              label={text.live.size}
              value={size}
              options={SIZES.map((one) => [one, text.live.sizes[one]] as const)}
              onSelect={(one) => set('size', one === 'm' ? undefined : one)}
            />
            <Button icon={Maximize} onClick={() => enterWall(() => set('wall', '1'))}>
              {text.live.wall}
            </Button>
            {add}
          </>
        ) : undefined
      }
    >
      {error !== undefined && !streams && <Problem error={error} onRetry={again} />}
      {!streams && error === undefined && <Loading />}
      {streams?.length === 0 && (
        <Empty icon={Cctv} title={text.live.none}>
          <p>{may('operator') ? text.live.noneBody : text.live.noneViewer}</p>
          {add}
        </Empty>
      )}
      {streams && streams.length > 0 && (
        <div class="live">
          <ul class={`tiles ${size}`} aria-label={text.live.cameras}>
            {streams.map((stream) => (
              <Tile key={stream.id} stream={stream} />
            ))}
          </ul>
          <Recent nameOf={(id) => streams.find((stream) => stream.id === id)?.name} />
        </div>
      )}
      {adding && <AddCamera onAdded={put} onClose={() => setAdding(false)} />}
    </Screen>
  );
}

/** Browsers allow the whole screen only while a click is dealt with; where they do not, the window will do. */
function enterWall(show: () => void): void {
  document.documentElement.requestFullscreen?.().catch(() => undefined);
  show();
}

function Recent({ nameOf }: { readonly nameOf: (id: string) => string | undefined }) {
  const { events, error, again } = useEvents(SHOWN_EVENTS);
  return (
    <section class="recent card" aria-labelledby="recent-events">
      <h2 id="recent-events">{text.live.recent}</h2>
      {error !== undefined && !events && <Problem error={error} onRetry={again} />}
      {!events && error === undefined && <Loading />}
      {events?.length === 0 && <p class="soft small">{text.live.noEventsBody}</p>}
      {events && events.length > 0 && <EventList events={events} nameOf={nameOf} />}
    </section>
  );
}
