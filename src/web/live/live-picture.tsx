import { Maximize, Volume2, VolumeX } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { connection } from '../state/feed.ts';
import { text } from '../text/en.ts';
import { IconButton } from '../ui/button.tsx';
import { useAwake } from '../ui/use-visible.ts';
import { playHls } from './hls.ts';
import { drawOnce } from './snapshots.ts';
import { reasonOf } from './state-badge.tsx';

/** How the picture comes: as HLS, or as MJPEG, which is there at once. */
export type Way = 'hls' | 'mjpeg';

/** The picture of a camera, large. It comes back by itself whoever was away. */
export function LivePicture({ stream, way }: { readonly stream: Stream; readonly way: Way }) {
  const frame = useRef<HTMLDivElement>(null);
  const [plays, setPlays] = useState(false);
  const [silent, setSilent] = useState(true);
  const awake = useAwake();
  const live = stream.state === 'live';
  const shared = { stream, told: setPlays, live, awake };
  const why = live ? (plays ? undefined : text.live.waiting) : reasonOf(stream);
  return (
    <div class="live-picture" ref={frame}>
      <Still stream={stream} live={live} />
      {way === 'hls' ? <Video {...shared} silent={silent} /> : <Moving {...shared} />}
      <div class="over">
        <p class="why" role="status">
          {why}
        </p>
        <div class="row">
          {way === 'hls' && (
            <IconButton
              label={silent ? text.live.sound : text.live.mute}
              icon={silent ? VolumeX : Volume2}
              onClick={() => setSilent(!silent)}
            />
          )}
          <IconButton
            label={text.live.full}
            icon={Maximize}
            onClick={() =>
              document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen?.()
            }
          />
        </div>
      </div>
    </div>
  );
}

interface Showing {
  readonly stream: Stream;
  readonly live: boolean;
  readonly awake: boolean;
  readonly told: (plays: boolean) => void;
}

/** What is there at once, below what is yet to come. */
function Still({ stream: { id }, live }: Pick<Showing, 'stream' | 'live'>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!live || !canvas.current) return;
    const gone = new AbortController();
    // Without it one waits a moment longer.
    drawOnce(id, canvas.current, gone.signal).catch(() => undefined);
    return () => gone.abort();
  }, [id, live]);
  return <canvas ref={canvas} width={16} height={9} />;
}

function Video({ stream, live, awake, told, silent }: Showing & { readonly silent: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  const { id, worker } = stream;
  useEffect(() => {
    if (video.current) video.current.muted = silent;
  }, [silent]);
  // Another worker begins another playlist.
  useEffect(() => {
    if (!live || !awake || !video.current) return;
    return playHls(video.current, `/v1/streams/${encodeURIComponent(id)}/hls/index.m3u8`, told);
  }, [id, worker, live, awake, told]);
  return <video ref={video} muted playsInline autoPlay aria-label={text.live.picture(stream.name)} />;
}

/** Milliseconds until pictures are asked for again, at first and at most. */
const [FIRST, LONGEST] = [1000, 10_000];

function Moving({ stream, live, awake, told }: Showing) {
  const image = useRef<HTMLImageElement>(null);
  const { id, worker, since, name } = stream;
  const there = connection.value;
  // A browser does not say that pictures have ended: they are asked for anew when anything has changed.
  useEffect(() => {
    const { current } = image;
    if (!live || !awake || !current) return;
    let wait = FIRST;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      current.src = `/v1/streams/${encodeURIComponent(id)}/mjpeg?t=${Date.now()}`;
    };
    current.onload = () => {
      wait = FIRST;
      told(true);
    };
    current.onerror = () => {
      told(false);
      timer = setTimeout(ask, wait);
      wait = Math.min(wait * 2, LONGEST);
    };
    ask();
    return () => {
      clearTimeout(timer);
      current.onload = null;
      current.onerror = null;
      // The connection ends with the address, and not with the element.
      current.removeAttribute('src');
      told(false);
    };
  }, [id, worker, since, there, live, awake, told]);
  return <img ref={image} alt={text.live.picture(name)} />;
}
