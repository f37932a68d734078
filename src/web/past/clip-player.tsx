import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Clip } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Switch } from '../ui/field.tsx';
import { Notice, Problem } from '../ui/parts.tsx';
import { videoOf } from './clip-address.ts';
import { cameraTimeOf, gapAt } from './clip-time.ts';
import { clockAt, dateOf } from './days.ts';
import { make } from './making.ts';
import { spokenLength } from './spoken-length.ts';
import { reasonOf } from './use-desk.ts';

const t = text.past.clip;

/** A clip, with or without names, and the camera's clock for each of its moments. */
export function ClipPlayer({ clip }: { readonly clip: Clip }) {
  const { id, stream, duration = 0 } = clip;
  const video = useRef<HTMLVideoElement>(null);
  const [named, setNamed] = useState(false);
  const [painting, setPainting] = useState(false);
  const [error, setError] = useState<unknown>();
  const [second, setSecond] = useState(0);
  const made = clip.results.overlay !== undefined;
  /** There is something to go by. */
  const paintable = clip.results.analysis !== undefined;
  const overlaid = named && made;
  /** Where one was in the other one. */
  const left = useRef<{ readonly second: number; readonly plays: boolean }>();

  useEffect(() => {
    if (!named || made) return;
    const gone = new AbortController();
    setPainting(true);
    setError(undefined);
    make(id, 'overlay', gone.signal).then(
      () => !gone.signal.aborted && setPainting(false),
      (failure) => {
        if (gone.signal.aborted) return;
        setPainting(false);
        setNamed(false);
        setError(failure);
      },
    );
    return () => {
      gone.abort();
      setPainting(false);
    };
  }, [named, made, id]);

  function keepPlace(): void {
    const { current } = video;
    if (current) left.current = { second: current.currentTime, plays: !current.paused };
  }
  useEffect(keepPlace, [overlaid]);
  const address = videoOf(id, { overlay: overlaid });
  const time = cameraTimeOf(clip, second);
  return (
    <div class="clip-player">
      <video
        ref={video}
        src={address}
        controls
        playsInline
        preload="auto"
        aria-label={t.video}
        onTimeUpdate={({ currentTarget }) => setSecond(currentTarget.currentTime)}
        onSeeking={({ currentTarget }) => setSecond(currentTarget.currentTime)}
        onLoadedMetadata={({ currentTarget }) => {
          const { current } = left;
          left.current = undefined;
          if (!current) return;
          currentTarget.currentTime = current.second;
          if (current.plays) void currentTarget.play();
        }}
      />
      <Bar
        clip={clip}
        second={second}
        duration={duration}
        onSecond={(to) => {
          if (video.current) video.current.currentTime = to;
          setSecond(to);
        }}
      />
      <div class="row">
        <p class="clip-clock grow">
          <span class="small soft">{t.clock}</span>{' '}
          <time
            class="large"
            dateTime={new Date(time).toISOString()}
          >{`${dateOf(time)} ${clockAt(time, 1)}`}</time>
        </p>
        {paintable && (
          <Switch
            label={t.overlay}
            checked={named}
            onSwitch={(on) => {
              keepPlace();
              setNamed(on);
            }}
          />
        )}
        <Link
          class="button small"
          href={`/recordings?${new URLSearchParams({ stream, at: new Date(time).toISOString() })}`}
        >
          {t.recording}
        </Link>
      </div>
      <div aria-live="polite">
        {painting && (
          <Notice>
            <p class="row">
              <span class="spinner" />
              <span class="grow">{t.painting}</span>
            </p>
          </Notice>
        )}
      </div>
      {error !== undefined && <Problem error={error} />}
    </div>
  );
}

/** Where one is in the clip, with its gaps, and the camera's clock for what is pointed at. */
function Bar({
  clip,
  second,
  duration,
  onSecond,
}: {
  readonly clip: Clip;
  readonly second: number;
  readonly duration: number;
  readonly onSecond: (second: number) => void;
}) {
  const bar = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number>();
  const share = (value: number) => `${(100 * value) / (duration || 1)}%`;
  const wordsAt = (at: number) => {
    const gap = gapAt(clip, at);
    const clock = clockAt(cameraTimeOf(clip, at), 1);
    if (!gap) return clock;
    const length = (Date.parse(gap.to) - Date.parse(gap.from)) / 1000;
    return `${clock} · ${t.gapAt(reasonOf(gap.reason), spokenLength(length), spokenLength(gap.shown))}`;
  };
  return (
    <div
      class="clip-bar"
      ref={bar}
      onPointerMove={({ clientX }) => {
        const box = bar.current?.getBoundingClientRect();
        if (box) setPointed(Math.max(0, Math.min(duration, ((clientX - box.left) / box.width) * duration)));
      }}
      onPointerLeave={() => setPointed(undefined)}
    >
      {clip.gaps.map(({ at, shown, from }) => (
        <i
          key={from}
          class="gap"
          ref={(element) => {
            element?.style.setProperty('left', share(at));
            element?.style.setProperty('width', share(shown));
          }}
        />
      ))}
      <input
        class="clip-range"
        type="range"
        aria-label={t.bar}
        aria-valuetext={wordsAt(second)}
        min={0}
        max={duration || 1}
        step={0.04}
        value={second}
        onInput={({ currentTarget }) => onSecond(Number(currentTarget.value))}
        ref={(range) => range?.style.setProperty('--done', share(second))}
      />
      {pointed !== undefined && (
        <span class="tip" ref={(element) => element?.style.setProperty('--x', share(pointed))}>
          {wordsAt(pointed)}
        </span>
      )}
    </div>
  );
}
