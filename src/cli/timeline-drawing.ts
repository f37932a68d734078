import type { TimelineView } from '../clips/clips.ts';

/** A timeline as lines for a terminal. Pure. */

const SHADES = ' ░▒▓█';
const GAP = '╳';
/** Columns of a name at most, and between two times of the axis. */
const [LONGEST_NAME, BETWEEN_TIMES] = [24, 12];
/** Columns for the time in which a name is seen, behind its row. */
const TAIL = ' 00:00:00'.length;

export interface DrawingOptions {
  /** Columns of a line. */
  readonly width: number;
  /** The zone that times are shown in; that of this machine where left out. */
  readonly timeZone?: string;
}

/** One row a name, blocks where it is seen, an axis, and the gaps and events in words. */
export function timelineLines(view: TimelineView, { width, timeZone }: DrawingOptions): string[] {
  const [from, to] = [Date.parse(view.from), Date.parse(view.to)];
  const label = Math.min(LONGEST_NAME, Math.max(...['recorded', ...view.names].map(lengthOf)));
  const columns = Math.max(10, Math.min(width - label - 2 - TAIL, Math.ceil((to - from) / view.step)));
  const scale: Scale = { from, to, columns };
  const clock = clockOf(timeZone, to - from);
  const recorded = recordedIn(view, scale);
  const rows = view.names
    .map((name, i) => ({ name, ...rowOf(view, i, scale) }))
    .filter(({ seconds }) => seconds > 0)
    .toSorted((a, b) => b.seconds - a.seconds);
  const line = (name: string, cells: readonly string[], end = '') =>
    `${padded(name, label)}  ${cells.join('')}${end === '' ? '' : ` ${end}`}`.trimEnd();
  const gaps = (cells: readonly string[]) =>
    cells.map((cell, i) => (cell === ' ' && !recorded[i] ? GAP : cell));
  return [
    line(
      'recorded',
      recorded.map((one) => (one ? '─' : GAP)),
    ),
    ...rows.map(({ name, cells, seconds }) => line(name, gaps(cells), lasting(seconds))),
    ...(rows.length === 0 ? [`${padded('', label)}  nothing is seen`] : []),
    line('', axis(scale, clock)),
    ...view.gaps.map((gap) => `gap    ${clock(gap.from)} – ${clock(gap.to)}  ${gap.reason}`),
    ...view.events.map(
      ({ began_at, ended_at, rule, clip }) =>
        `event  ${clock(began_at)} – ${ended_at === undefined ? '' : clock(ended_at)}  ${rule}${clip === undefined ? '' : `  clip ${clip}`}`,
    ),
  ];
}

interface Scale {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/** Columns that have any of a stretch: the first, and the one behind the last. */
function columnsOf(begin: number, end: number, { from, to, columns }: Scale): readonly [number, number] {
  const at = (time: number) => ((time - from) / (to - from)) * columns;
  const [first, last] = [Math.floor(at(begin) + 1e-9), Math.ceil(at(end) - 1e-9)];
  return [Math.max(0, first), Math.min(columns, Math.max(last, first + 1))];
}

function recordedIn({ recorded }: TimelineView, scale: Scale): readonly boolean[] {
  const cells = Array.from({ length: scale.columns }, () => false);
  for (const { from, to } of recorded) {
    cells.fill(true, ...columnsOf(Date.parse(from), Date.parse(to), scale));
  }
  return cells;
}

/** Shades of a name by the part of each column in which it is seen, and the seconds of all. */
function rowOf({ buckets, step }: TimelineView, name: number, scale: Scale) {
  const parts = Array.from({ length: scale.columns }, () => 0);
  const width = (scale.to - scale.from) / scale.columns;
  let seconds = 0;
  for (const { time, seen } of buckets) {
    const one = seen.find((entry) => entry.name === name);
    if (!one) continue;
    seconds += one.seconds;
    const begin = Date.parse(time);
    const [first, last] = columnsOf(begin, begin + step, scale);
    for (let i = first; i < last; i++) {
      // Several buckets in one column add up; one over several is spread evenly.
      parts[i] += (one.seconds * 1000) / Math.max(width, step);
    }
  }
  const cells = parts.map((part) =>
    part === 0
      ? ' '
      : SHADES[Math.min(SHADES.length - 1, Math.max(1, Math.ceil(part * (SHADES.length - 1))))],
  );
  return { cells, seconds };
}

/** Times below the columns that they stand for. */
function axis({ from, to, columns }: Scale, clock: (time: string) => string): readonly string[] {
  let text = '';
  for (let column = 0; column < columns; column += BETWEEN_TIMES) {
    const time = new Date(from + ((to - from) * column) / columns);
    const shown = clock(time.toISOString());
    if (column + shown.length <= columns + TAIL) text = `${text.padEnd(column)}${shown}`;
  }
  return [...text];
}

/** Times of day; with the date where it is longer than one, and with seconds where it is short. */
function clockOf(timeZone: string | undefined, span: number): (time: string) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(span > 86_400_000 ? { day: '2-digit', month: '2-digit' } : {}),
    hour: '2-digit',
    minute: '2-digit',
    ...(span <= 3_600_000 ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  });
  return (time) => format.format(new Date(time)).replace(',', '');
}

/** Seconds as h:mm:ss or m:ss. */
function lasting(seconds: number): string {
  const rounded = Math.round(seconds);
  const [h, m, s] = [Math.floor(rounded / 3600), Math.floor(rounded / 60) % 60, rounded % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const lengthOf = (text: string): number => [...text].length;

function padded(text: string, width: number): string {
  const letters = [...text];
  return letters.length > width
    ? `${letters.slice(0, width - 1).join('')}…`
    : text + ' '.repeat(width - letters.length);
}
