import { useMemo } from 'preact/hooks';
import { barsOf } from './bars.ts';
import type { Span } from './days.ts';
import type { Recorded, Row } from './recorded.ts';
import { type Ticks, xOf } from './view.ts';

/** Pixels of the timeline's rows, from the top. */
export const RULER = 30;
export const BAND = 26;
export const ROW = 26;
const PAD = 5;

/** What is drawn of a timeline: recorded stretches, gaps, and how much is seen of each name. */
export function Tracks({
  recorded,
  rows,
  step,
  view,
  width,
  ticks,
  range,
}: {
  readonly recorded: Recorded;
  readonly rows: readonly Row[];
  /** Milliseconds of a bucket of these rows. */
  readonly step: number;
  readonly view: Span;
  readonly width: number;
  readonly ticks: Ticks;
  readonly range: Span | undefined;
}) {
  const height = RULER + BAND * 2 + ROW * rows.length;
  const spans = (list: readonly Span[], top: number, high: number) =>
    list
      .filter(({ from, to }) => to > view.from && from < view.to)
      .map(({ from, to }) => {
        const begin = Math.max(0, xOf(view, width, from));
        const wide = Math.max(1, Math.min(width, xOf(view, width, to)) - begin);
        return `M${begin.toFixed(1)} ${top}h${wide.toFixed(1)}v${high}h-${wide.toFixed(1)}z`;
      })
      .join('');
  const bars = useMemo(
    () =>
      rows.map(({ name, cells }, i) => ({
        name,
        path: barsOf(cells, step, view, width, {
          top: RULER + BAND * 2 + ROW * i + PAD,
          height: ROW - PAD - 1,
        }),
      })),
    [rows, step, view, width],
  );
  const lines = Array.from(
    { length: rows.length + 3 },
    (_, i) => RULER + BAND * Math.min(i, 2) + ROW * Math.max(0, i - 2),
  );
  const future = recorded.to < view.to ? [{ from: recorded.to, to: view.to }] : [];
  return (
    <svg class="tl-tracks" width={width} height={height} aria-hidden="true" focusable="false">
      <defs>
        <pattern
          id="past-gap"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <line class="hatch" x1="0" y1="0" x2="0" y2="6" />
        </pattern>
      </defs>
      <path class="future" d={spans(future, RULER, height - RULER)} />
      <path class="ticks small" d={ticks.small.map(({ x }) => `M${x.toFixed(1)} ${RULER - 6}v6`).join('')} />
      <path
        class="ticks"
        d={ticks.labelled.map(({ x }) => `M${x.toFixed(1)} ${RULER - 10}V${height}`).join('')}
      />
      <path class="lines" d={lines.map((y) => `M0 ${y + 0.5}H${width}`).join('')} />
      <path class="recorded" d={spans(recorded.stretches, RULER + PAD, BAND - PAD * 2 + 1)} />
      <path class="gaps" d={spans(recorded.gaps, RULER + PAD, BAND - PAD * 2 + 1)} />
      {bars.map(({ name, path }) => (
        <path key={name} class="bars" d={path} />
      ))}
      {range && <path class="range" d={spans([range], RULER, height - RULER)} />}
    </svg>
  );
}
