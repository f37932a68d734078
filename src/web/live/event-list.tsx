import { Siren } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, asked, type Clip, type RuleEvent } from '../api/client.ts';
import { onTold } from '../state/feed.ts';
import { text } from '../text/en.ts';
import { Badge } from '../ui/parts.tsx';
import { agoOf, lengthOf, momentOf } from '../ui/time.ts';
import { useAsked } from '../ui/use-asked.ts';

/** Events with what is there of their clips. `nameOf`: of a camera, where events of several are shown. */
export function EventList({
  events,
  nameOf,
}: {
  readonly events: readonly RuleEvent[];
  readonly nameOf?: (stream: string) => string | undefined;
}) {
  useTick();
  return (
    <ul class="event-list" aria-live="polite" aria-relevant="additions">
      {events.map((event) => (
        <EventRow key={event.id} event={event} camera={nameOf?.(event.stream)} />
      ))}
    </ul>
  );
}

function EventRow({ event, camera }: { readonly event: RuleEvent; readonly camera: string | undefined }) {
  const { rule, state, began_at, ended_at, names, clip } = event;
  const length = ended_at ? (Date.parse(ended_at) - Date.parse(began_at)) / 1000 : undefined;
  const inside = (
    <>
      <span class="thumb">
        {clip ? <Thumb clip={clip} rule={rule} /> : <Siren size={20} aria-hidden="true" />}
      </span>
      <span class="what">
        <span class="cut rule">{rule}</span>
        <span class="cut small soft">{[camera, names.join(', ')].filter(Boolean).join(' · ')}</span>
        <span class="row">
          <time class="small soft" dateTime={began_at} title={momentOf(began_at)}>
            {agoOf(began_at)}
            {length !== undefined && length >= 1 && `, ${text.live.lasted(lengthOf(length))}`}
          </time>
          {state === 'open' && <Badge tone="accent">{text.live.now}</Badge>}
        </span>
      </span>
    </>
  );
  return <li>{clip ? <Link href={`/clips/${clip}`}>{inside}</Link> : <span>{inside}</span>}</li>;
}

/** A picture of a clip, once that is cut. */
function Thumb({ clip: id, rule }: { readonly clip: string; readonly rule: string }) {
  const { data, change } = useAsked<Clip | undefined>(
    // One that is gone meanwhile has no picture, and its event needs none.
    (signal) => asked(api.GET('/v1/clips/{id}', { params: { path: { id } }, signal })).catch(() => undefined),
    [id],
  );
  useEffect(() => onTold('clip', (clip) => clip.id === id && change(() => clip)), [id, change]);
  if (!data?.results.thumbnail) return <Siren size={20} aria-hidden="true" />;
  return <img src={`/v1/clips/${id}/thumbnail`} alt={text.live.clipOf(rule)} loading="lazy" />;
}

/** Draws anew from time to time: what is some seconds ago becomes a minute. */
function useTick(): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((before) => before + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
}
