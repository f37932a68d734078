import { useEffect, useState } from 'preact/hooks';
import { readableId } from '../../core/track-id.ts';
import type { Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Meter } from '../ui/parts.tsx';
import { useAwake } from '../ui/use-visible.ts';
import { everyFor, namesSeen, type SeenFrame } from './seen.ts';

const t = text.live;
/** Times a second that one is told: more than can be read is noise. */
const RATE = 2;
/** Milliseconds between two tries, at first and at most. */
const [FIRST, LONGEST] = [1000, 10_000];

/** What is seen in the picture now, by name. */
export function SeenNow({ stream }: { readonly stream: Stream }) {
  const live = stream.state === 'live';
  const { frame, away } = useSeen(stream, live);
  const names = frame && namesSeen(frame);
  return (
    <section class="card seen-now" aria-labelledby="seen-now">
      <h2 id="seen-now">{t.seen}</h2>
      {(!live || !names) && (
        <p class="soft small">
          {!live ? t.about[stream.state] || t.seenWaits : away ? t.seenAway : t.seenWaits}
        </p>
      )}
      {live && names?.length === 0 && <p class="soft small">{t.seenNone}</p>}
      {live && names && names.length > 0 && (
        <ul>
          {names.map(({ name, share, things }) => (
            <li key={name}>
              <p class="row">
                <span class="grow cut">{name}</span>
                <span class="small soft">{text.units.percent(share, share < 0.1 ? 1 : 0)}</span>
              </p>
              <Meter share={share} label={`${name}: ${t.share(text.units.percent(share, 1))}`} />
              {things.length > 0 && (
                <p class="ids small soft">
                  {things.map(({ id, score }) => (
                    <span key={id} title={t.objectTitle(name, readableId(id), text.units.percent(score))}>
                      {t.object(readableId(id))}
                    </span>
                  ))}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The newest frame that was told of. Asks again where it breaks off, for as long as somebody looks. */
function useSeen({ id, worker, stats }: Stream, live: boolean) {
  const [frame, setFrame] = useState<SeenFrame>();
  const [away, setAway] = useState(false);
  const awake = useAwake();
  const every = everyFor(stats?.fps ?? 25, RATE);
  const known = stats !== undefined;
  useEffect(() => {
    if (!live || !awake || !known) return;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait = FIRST;
    const listen = () => {
      source = new EventSource(`/v1/streams/${encodeURIComponent(id)}/events?every=${every}`);
      source.addEventListener('frame', ({ data }: MessageEvent<string>) => {
        wait = FIRST;
        setAway(false);
        setFrame(JSON.parse(data) as SeenFrame);
      });
      source.onerror = () => {
        source?.close();
        setAway(true);
        timer = setTimeout(listen, wait);
        wait = Math.min(wait * 2, LONGEST);
      };
    };
    listen();
    return () => {
      clearTimeout(timer);
      source?.close();
      setFrame(undefined);
    };
    // That the rate changes a little is no reason to begin anew.
  }, [id, worker, live, awake, known]);
  return { frame, away };
}
