import { Link } from 'wouter-preact';
import type { Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Snapshot } from './snapshot.tsx';
import { reasonOf, StateBadge } from './state-badge.tsx';

/** A camera among others. The whole of it leads to its screen. */
export function Tile({ stream }: { readonly stream: Stream }) {
  const { id, name, state } = stream;
  const reason = reasonOf(stream);
  return (
    <li class="tile">
      <Link href={`/live/${id}`} aria-label={text.live.open(name)} />
      <Snapshot stream={stream} />
      <div class="about">
        <p class="row">
          <span class="name cut grow">{name}</span>
          <StateBadge stream={stream} />
        </p>
        {state === 'live' && !stream.reason ? <Figures stream={stream} /> : <p class="why small">{reason}</p>}
      </div>
    </li>
  );
}

function Figures({ stream: { stats, worker } }: { readonly stream: Stream }) {
  if (!stats) return null;
  const dropped = stats.frames.dropped.reduce((sum, { count }) => sum + count, 0);
  return (
    <p class="figures small soft">
      <span>{text.units.fps(stats.fps)}</span>
      <span>{text.live.late(stats.latency_ms.median)}</span>
      <span>{text.live.dropped(dropped)}</span>
      {worker && <span class="cut">{text.live.worker(worker)}</span>}
    </p>
  );
}
