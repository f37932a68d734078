import { text } from '../text/en.ts';
import { clockAt, dateOf, type Span } from './days.ts';
import { arrowOf } from './keys.ts';
import { spanAt } from './recorded.ts';
import type { Desk } from './use-desk.ts';
import { reasonOf } from './use-desk.ts';
import { xOf } from './view.ts';

const t = text.past;

/** What there is at a time, in words. */
export function wordsOf({ recorded: { value: recorded } }: Desk, time: number): string {
  if (!recorded || time >= recorded.to) return t.nothingYet;
  const gap = spanAt(recorded.gaps, time);
  if (gap) return reasonOf(gap.reason);
  return spanAt(recorded.stretches, time) ? t.recorded : t.unrecorded;
}

const place = (element: HTMLElement | null, x: number) =>
  element?.style.setProperty('left', `${x.toFixed(1)}px`);

/** The line where one is, with its time in large. It can be dragged, and moved by keys. */
export function Playhead({ desk, width }: { readonly desk: Desk; readonly width: number }) {
  const time = desk.at.value;
  const { value: view } = desk.view;
  const { value: day } = desk.day;
  const x = xOf(view, width, time);
  const hidden = x < -1 || x > width + 1;
  return (
    <div
      class={`playhead${hidden ? ' beyond' : ''}${x < 50 ? ' first' : x > width - 50 ? ' last' : ''}`}
      role="slider"
      tabIndex={0}
      aria-label={t.playhead}
      aria-valuemin={0}
      aria-valuemax={Math.round((day.to - day.from) / 1000)}
      aria-valuenow={Math.round((time - day.from) / 1000)}
      aria-valuetext={t.position(`${dateOf(time)} ${clockAt(time)}`, wordsOf(desk, time))}
      ref={(element) => place(element, Math.max(0, Math.min(width, x)))}
    >
      <span class="flag">{clockAt(time, view.to - view.from < 600_000 ? 1 : 0)}</span>
    </div>
  );
}

/** The two ends of what is to be cut. */
export function Ends({ desk, width }: { readonly desk: Desk; readonly width: number }) {
  const range = desk.range.value;
  if (!range) return null;
  return (
    <>
      <End desk={desk} width={width} range={range} end="from" />
      <End desk={desk} width={width} range={range} end="to" />
    </>
  );
}

function End({
  desk,
  width,
  range,
  end,
}: {
  readonly desk: Desk;
  readonly width: number;
  readonly range: Span;
  readonly end: 'from' | 'to';
}) {
  const { value: view } = desk.view;
  const { value: day } = desk.day;
  const x = xOf(view, width, range[end]);
  if (x < -12 || x > width + 12) return null;

  function set(time: number, resting: boolean): void {
    const most = Math.min(day.to, Date.now());
    const to = Math.round(
      end === 'from'
        ? Math.max(day.from, Math.min(time, range.to - 100))
        : Math.min(most, Math.max(time, range.from + 100)),
    );
    desk.range.value = { ...range, [end]: to };
    // The last picture of a clip is the one before its end.
    desk.moveTo(end === 'from' ? to : to - 1, resting);
  }
  const drag = (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = handle.parentElement?.getBoundingClientRect();
    if (box) set(view.from + ((event.clientX - box.left) / width) * (view.to - view.from), false);
  };
  return (
    <div
      class={`tl-end ${end}`}
      role="slider"
      tabIndex={0}
      aria-label={end === 'from' ? t.cut.begin : t.cut.end}
      aria-valuemin={0}
      aria-valuemax={Math.round((day.to - day.from) / 1000)}
      aria-valuenow={Math.round((range[end] - day.from) / 1000)}
      aria-valuetext={clockAt(range[end], 1)}
      ref={(element) => place(element, x)}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onPointerUp={() => desk.moveTo(desk.at.value)}
      onKeyDown={(event) => {
        const by = arrowOf(event);
        if (by === 0) return;
        event.preventDefault();
        event.stopPropagation();
        set(range[end] + by, false);
      }}
    />
  );
}
