import { Film, Scissors } from 'lucide-preact';
import { useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, asked, type Clip, type Found } from '../api/client.ts';
import { spokenLength } from '../past/spoken-length.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Badge } from '../ui/parts.tsx';
import { lengthOf, momentOf } from '../ui/time.ts';
import { attempt, say } from '../ui/toast.tsx';
import { useVisible } from '../ui/use-visible.ts';
import { wordOfScore } from './ask-query.ts';

const t = text.ask;
const TONES = { sure: 'good', likely: 'good', maybe: 'warn', hardly: undefined } as const;

/** Where it was found, in words: the camera or the job. */
export interface Place {
  readonly name: string;
  /** When, as its reader says it. */
  readonly when: string;
  /** Seconds that it was in sight. */
  readonly seconds: number;
}

export function placeOf(
  found: Found,
  nameOfStream: (id: string) => string,
  nameOfJob: (id: string) => string,
): Place {
  const { stream, job, from, to, at } = found;
  if (stream !== undefined) {
    return {
      name: nameOfStream(stream),
      when: momentOf(at),
      seconds: (new Date(to).getTime() - new Date(from).getTime()) / 1000,
    };
  }
  return {
    name: nameOfJob(job ?? ''),
    when: t.second(lengthOf(Number(at), true)),
    seconds: Number(to) - Number(from),
  };
}

/** A time within the frame that begins then: its beginning, rounded down, would be of the frame before. */
const secondInside = (at: Found['at']): number => Number(at) + 0.01;

/** One place where the words were seen. The whole card plays it. */
export function FoundCard({
  found,
  place,
  onPlay,
}: {
  readonly found: Found;
  readonly place: Place;
  readonly onPlay: () => void;
}) {
  const { stream, job, at, score, share, thumbnail, video, clip } = found;
  const [made, setMade] = useState<Clip>();
  const [busy, setBusy] = useState(false);
  const [pictured, setPictured] = useState(true);
  const frame = useRef<HTMLSpanElement>(null);
  const near = useVisible(frame);
  const word = wordOfScore(score);
  const title = `${place.name}, ${place.when}`;

  async function cut(): Promise<void> {
    if (!clip || stream === undefined) return;
    setBusy(true);
    await attempt(async () => {
      const params = { path: { id: stream } };
      setMade(await asked(api.POST('/v1/streams/{id}/clips', { params, body: clip.body })));
      say(t.clipMade);
    });
    setBusy(false);
  }
  return (
    <article class="found-card">
      <span class="thumb" ref={frame}>
        {video && pictured ? (
          // The picture of a job is of any of its moments: this one is in its video.
          near && (
            <video
              src={`${video}?redirect=0`}
              muted
              playsInline
              preload="metadata"
              tabIndex={-1}
              aria-hidden="true"
              onLoadedMetadata={({ currentTarget }) => {
                currentTarget.currentTime = secondInside(at);
              }}
              onError={() => setPictured(false)}
            />
          )
        ) : thumbnail && pictured ? (
          <img src={thumbnail} alt="" loading="lazy" onError={() => setPictured(false)} />
        ) : (
          <Film size={32} aria-hidden="true" />
        )}
      </span>
      <div class="about">
        <h3 class="cut">
          {stream !== undefined ? (
            <button type="button" class="play" aria-label={t.play(title)} onClick={onPlay}>
              {place.name}
            </button>
          ) : (
            <Link
              class="play"
              href={`/jobs/${job}?t=${secondInside(at).toFixed(2)}`}
              aria-label={t.play(title)}
            >
              {place.name}
            </Link>
          )}
        </h3>
        <p class="small soft cut">
          {stream === undefined && `${t.job} · `}
          {place.when}
        </p>
        <p class="row small">
          <Badge tone={TONES[word]}>{t.score(t.scores[word], score)}</Badge>
          <span class="soft">
            {t.extent(
              spokenLength(Math.max(0.1, place.seconds)),
              text.units.percent(share, share < 0.1 ? 1 : 0),
            )}
          </span>
        </p>
      </div>
      <div class="acts">
        {stream !== undefined && (
          <Link
            class="button small quiet"
            href={`/recordings?${new URLSearchParams({ stream, at: new Date(at).toISOString() })}`}
          >
            {t.openRecording}
          </Link>
        )}
        {made ? (
          <Link class="button small" href={`/clips/${made.id}`}>
            {t.openClip}
          </Link>
        ) : (
          clip &&
          may('operator') && (
            <Button small icon={Scissors} disabled={busy} onClick={cut}>
              {t.clip}
            </Button>
          )
        )}
      </div>
    </article>
  );
}
