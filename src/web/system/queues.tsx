import { text } from '../text/en.ts';
import { Badge } from '../ui/parts.tsx';
import type { System } from './overview.tsx';

const KINDS = ['active', 'waiting', 'delayed', 'blocked'] as const;

/** What waits, and what is being done. */
export function Queues({ queues }: { readonly queues: System['queues'] }) {
  const t = text.system;
  // One measure for all bars, so that they can be compared.
  const most = Math.max(1, ...queues.map((queue) => KINDS.reduce((sum, kind) => sum + queue[kind], 0)));
  return (
    <section class="card stack">
      <h2>{t.queuesTitle}</h2>
      {queues.length === 0 && <p class="away">{t.queuesGone}</p>}
      <ul class="queues">
        {queues.map((queue) => {
          const parts = KINDS.filter((kind) => queue[kind] > 0);
          const words = parts.map((kind) => `${queue[kind].toLocaleString()} ${t.counts[kind]}`).join(', ');
          return (
            <li key={queue.name}>
              <div class="row between small">
                <span title={t.queueAbout[queue.name]}>
                  {t.queues[queue.name]} {queue.paused && <Badge tone="warn">{t.paused}</Badge>}
                </span>
                <span class="soft">{words || t.idle}</span>
              </div>
              <div class="bars" aria-hidden="true">
                {parts.map((kind) => (
                  <i
                    key={kind}
                    class={kind}
                    ref={(bar) => bar?.style.setProperty('width', `${(100 * queue[kind]) / most}%`)}
                  />
                ))}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
