import { X } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { IconButton } from '../ui/button.tsx';
import { Snapshot } from './snapshot.tsx';
import { reasonOf, StateBadge } from './state-badge.tsx';
import { columnsOfWall } from './wall-columns.ts';

/** All pictures at once and nothing else. Escape leaves it, as does leaving the full screen. */
export function Wall({
  streams,
  onLeave,
}: {
  readonly streams: readonly Stream[];
  readonly onLeave: () => void;
}) {
  const wall = useRef<HTMLElement>(null);
  const leave = useRef(onLeave);
  leave.current = onLeave;
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && leave.current();
    const onFull = () => !document.fullscreenElement && leave.current();
    document.addEventListener('keydown', onKey);
    document.addEventListener('fullscreenchange', onFull);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('fullscreenchange', onFull);
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
    };
  }, []);
  useEffect(() => {
    const element = wall.current;
    if (!element) return;
    const arrange = () => {
      const columns = columnsOfWall(streams.length, element.clientWidth, element.clientHeight);
      element.style.setProperty('--columns', String(columns));
    };
    const observer = new ResizeObserver(arrange);
    observer.observe(element);
    arrange();
    return () => observer.disconnect();
  }, [streams.length]);
  return (
    <main class="wall" id="content" ref={wall} aria-label={text.live.wall}>
      <h1 class="unseen">{text.live.wall}</h1>
      <ul>
        {streams.map((stream) => (
          <li key={stream.id}>
            <Snapshot stream={stream} />
            <p class="caption">
              <span class="cut">{stream.name}</span>
              {stream.state !== 'live' && <StateBadge stream={stream} />}
            </p>
            {stream.state !== 'live' && <p class="why small">{reasonOf(stream)}</p>}
          </li>
        ))}
      </ul>
      <IconButton class="leave" label={text.live.leaveWall} icon={X} onClick={onLeave} />
    </main>
  );
}
