import { useRef, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { type Mark, marksOf } from './bars.ts';
import { clockAt, type Span } from './days.ts';
import { eventSpan, type Gap, type Recorded, type RuleEvent } from './recorded.ts';
import { spokenLength } from './spoken-length.ts';
import { BAND, RULER } from './tracks.tsx';
import { reasonOf } from './use-desk.ts';

const t = text.past;
/** Pixels that can still be hit. */
const LEAST = 10;
/** Shorter gaps are drawn, and not spoken of one by one when one looks from afar. */
const LEAST_GAP = 500;

interface Shown {
  readonly key: string;
  readonly kind: 'gap' | 'event';
  readonly x: number;
  readonly width: number;
  readonly time: number;
  readonly label: string;
  readonly open: boolean;
}

/**
 * Gaps and events, to be pointed at and gone to: one stop for the Tab key, arrows go from one to the next. `onPoint` is told
 * what there is to say.
 */
export function Marks({
  recorded,
  view,
  width,
  onPoint,
  onGo,
}: {
  readonly recorded: Recorded;
  readonly view: Span;
  readonly width: number;
  readonly onPoint: (what: { readonly x: number; readonly label: string } | undefined) => void;
  readonly onGo: (time: number) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<string>();
  const shown = [...gapMarks(recorded, view, width), ...eventMarks(recorded, view, width)].sort(
    (a, b) => a.x - b.x,
  );
  const stop = shown.some(({ key }) => key === current) ? current : shown[0]?.key;

  function onKeyDown(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const at = shown.findIndex(({ key }) => key === stop);
    const next = shown[at + by];
    event.preventDefault();
    event.stopPropagation();
    if (!next) return;
    setCurrent(next.key);
    const buttons = list.current?.querySelectorAll<HTMLElement>('button');
    buttons?.[at + by]?.focus();
  }

  return (
    <div ref={list} class="tl-marks" role="group" aria-label={t.marks} onKeyDown={onKeyDown}>
      {shown.map(({ key, kind, x, width: wide, label, time, open }) => {
        const point = () => onPoint({ x: x + wide / 2, label });
        return (
          <button
            key={key}
            type="button"
            class={`tl-mark ${kind}${open ? ' open' : ''}`}
            aria-label={`${clockAt(time)}, ${label}`}
            tabIndex={key === stop ? 0 : -1}
            ref={(button) => {
              button?.style.setProperty('left', `${x}px`);
              button?.style.setProperty('width', `${wide}px`);
              button?.style.setProperty('top', `${kind === 'gap' ? RULER : RULER + BAND}px`);
            }}
            onPointerEnter={point}
            onPointerLeave={() => onPoint(undefined)}
            onFocus={() => {
              setCurrent(key);
              point();
            }}
            onBlur={() => onPoint(undefined)}
            onClick={() => onGo(time)}
          />
        );
      })}
    </div>
  );
}

function gapMarks({ gaps }: Recorded, view: Span, width: number): Shown[] {
  const spoken = gaps.filter(({ from, to }) => to - from >= LEAST_GAP);
  return marksOf(spoken, view, width, LEAST).map((mark) => ({
    key: `gap ${mark.from}`,
    kind: 'gap',
    x: mark.x,
    width: mark.width,
    time: mark.from,
    label: labelOfGaps(mark),
    open: false,
  }));
}

function labelOfGaps({ all }: Mark<Gap>): string {
  const seconds = all.reduce((sum, { from, to }) => sum + to - from, 0) / 1000;
  const reasons = [...new Set(all.map(({ reason }) => reasonOf(reason)))].join(', ');
  return all.length === 1
    ? t.gap(reasons, spokenLength(seconds))
    : t.gaps(all.length, reasons, spokenLength(seconds));
}

function eventMarks({ events, to }: Recorded, view: Span, width: number): Shown[] {
  const spans = events
    .map((event): Span & { readonly event: RuleEvent } => ({ ...eventSpan(event, to), event }))
    .sort((a, b) => a.from - b.from);
  return marksOf(spans, view, width, LEAST).map((mark) => {
    const [first] = mark.all;
    const rules = [...new Set(mark.all.map(({ event }) => event.rule))].join(', ');
    const names = [...new Set(mark.all.flatMap(({ event }) => event.names))].join(', ');
    const time = mark.all.length === 1 && first ? Date.parse(first.event.best.time) : mark.from;
    return {
      key: `event ${first?.event.id}`,
      kind: 'event',
      x: mark.x,
      width: mark.width,
      time,
      label:
        mark.all.length === 1 ? [rules, names].filter(Boolean).join(': ') : t.events(mark.all.length, rules),
      open: mark.all.some(({ event }) => event.state === 'open'),
    };
  });
}
