import type { ComponentChildren } from 'preact';
import type { Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { momentOf } from '../ui/time.ts';

const t = text.live;

/** How a camera does, for people: what comes, how late it is, and what was left out and why. */
export function Figures({ stream }: { readonly stream: Stream }) {
  const { stats, since, url, worker, model, state } = stream;
  const broken = Object.entries(stats?.outputs ?? {}).filter(([, { ok }]) => !ok);
  return (
    <section aria-label={t.figures}>
      <dl class="camera-figures">
        {stats && state === 'live' && (
          <>
            <Figure name={t.fps}>{t.fpsOf(stats.fps, stats.analysed_fps)}</Figure>
            <Figure name={t.latency}>{t.latencyOf(stats.latency_ms.median, stats.latency_ms.p95)}</Figure>
            <Figure name={t.model}>{t.modelOf(stats.inference_ms.median, model)}</Figure>
            <Figure name={t.dimensions}>{`${stats.width}×${stats.height}, ${stats.codec}`}</Figure>
          </>
        )}
        {stats && <Drops stats={stats} />}
        {stats && stats.reconnects > 0 && <Figure name={t.reconnects}>{t.times(stats.reconnects)}</Figure>}
        <Figure name={t.since}>{momentOf(since)}</Figure>
        <Figure name={t.address}>{url}</Figure>
        {worker && <Figure name={t.workerName}>{worker}</Figure>}
        {broken.map(([name, { reason }]) => (
          <Figure key={name} name={t.outputs}>
            <span class="bad">{t.outputFails(name, reason ?? '')}</span>
          </Figure>
        ))}
      </dl>
    </section>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Drops({ stats: { frames } }: { readonly stats: NonNullable<Stream['stats']> }) {
  const dropped = frames.dropped.filter(({ count }) => count > 0);
  const count = dropped.reduce((sum, one) => sum + one.count, 0);
  const reasons = dropped.map((one) => {
    const say = t.dropReasons[one.reason as keyof typeof t.dropReasons];
    return say ? say(one.count) : t.otherDrops(one.count, one.reason);
  });
  return (
    <Figure name={t.drops}>
      {t.dropsOf(count, frames.decoded)}
      {reasons.length > 0 && `: ${reasons.join(', ')}`}
    </Figure>
  );
}
