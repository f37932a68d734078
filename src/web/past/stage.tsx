import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { momentOf } from '../ui/time.ts';
import { clockAt } from './days.ts';
import { nearestRecorded, spanAt } from './recorded.ts';
import { type Desk, reasonOf } from './use-desk.ts';

const t = text.past;

/** The picture of the time that one is at. */
export function Stage({ desk, frame }: { readonly desk: Desk; readonly frame: RefObject<HTMLDivElement> }) {
  const a = useRef<HTMLVideoElement>(null);
  const b = useRef<HTMLVideoElement>(null);
  useEffect(() => (a.current && b.current ? desk.mount(a.current, b.current) : undefined), [desk]);
  const { value: still } = desk.still;
  const { value: shown } = desk.shown;
  const video = { playsInline: true, preload: 'auto', tabIndex: -1, 'aria-hidden': true } as const;
  return (
    <div class={`past-stage ${shown}`} ref={frame} onClick={() => desk.obey({ does: 'play' })}>
      <video ref={a} {...video} />
      <video ref={b} {...video} />
      {still && <img src={still} alt={t.still(momentOf(desk.at.peek()))} />}
      {shown === 'none' && !still && <Nothing desk={desk} />}
      {desk.waiting.value && <span class="spinner" />}
      <p class="note" role="status">
        {desk.note.value}
      </p>
      {shown === 'refused' && <p class="why">{t.refused}</p>}
    </div>
  );
}

/** Nothing is recorded at this time: why, and where something is. */
function Nothing({ desk }: { readonly desk: Desk }) {
  const { value: recorded } = desk.recorded;
  const { value: time } = desk.at;
  if (!recorded || spanAt(recorded.stretches, time)) return null;
  const gap = spanAt(recorded.gaps, time);
  const next = recorded.stretches.find(({ from }) => from > time)?.from;
  const before = nearestRecorded(
    recorded.stretches.filter(({ to }) => to <= time),
    time,
  );
  const go = (to: number) => (event: MouseEvent) => {
    event.stopPropagation();
    desk.jumpTo(to);
  };
  return (
    <div class="nothing">
      <p>
        <strong>{recorded.stretches.length === 0 ? t.nothingDay : t.nothing}</strong>
        {gap && <span class="reason">{reasonOf(gap.reason)}</span>}
      </p>
      <div class="row">
        {before !== undefined && (
          <Button small onClick={go(before)}>
            ← {clockAt(before)}
            <span class="unseen">{t.previousRecorded}</span>
          </Button>
        )}
        {next !== undefined && (
          <Button small onClick={go(next)}>
            {clockAt(next)} →<span class="unseen">{t.nextRecorded}</span>
          </Button>
        )}
      </div>
    </div>
  );
}
