import { ZoomIn, ZoomOut } from 'lucide-preact';
import { useMemo, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { clockAt, type Span } from './days.ts';
import { Marks } from './marks.tsx';
import { Overview } from './overview.tsx';
import { Ends, Playhead, wordsOf } from './playhead.tsx';
import type { Recorded, Row } from './recorded.ts';
import { spokenLength } from './spoken-length.ts';
import { BAND, ROW, RULER, Tracks } from './tracks.tsx';
import type { Desk } from './use-desk.ts';
import { usePlot } from './use-plot.ts';
import { useClose } from './use-recorded.ts';
import { LEAST_SPAN, ticksOf, xOf } from './view.ts';

const t = text.past;
/** Names that are shown at first. */
const FEW = 6;
/** Pixels that a time on the ruler needs. */
const APART = 78;
/** How much larger text is than on most screens. */
const em = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** A day: what is recorded, why something is not, what is seen when, and what rules told. */
export function Timeline({
  desk,
  stream,
  recorded,
  mayCut,
}: {
  readonly desk: Desk;
  readonly stream: string;
  readonly recorded: Recorded;
  readonly mayCut: boolean;
}) {
  const plot = usePlot(desk, mayCut);
  const [all, setAll] = useState(false);
  const [pointed, setPointed] = useState<{ readonly x: number; readonly label: string }>();
  const { value: view } = desk.view;
  const { value: day } = desk.day;
  const { width, hover } = plot;
  const until = Math.min(recorded.to, view.to + (view.to - view.from));
  const close = useClose(stream, view, until);
  const names = recorded.rows.slice(0, all ? undefined : FEW);
  const rows = useMemo(() => rowsOf(names, close), [recorded, close, all]);
  const step = close?.step ?? recorded.step;
  const ticks = ticksOf(view, width, APART * em());
  const whole = view.from === day.from && view.to === day.to;
  const more = recorded.rows.length - FEW;
  const digits = ticks.step < 60_000 ? 8 : 5;

  const tip =
    pointed ??
    (hover === undefined
      ? undefined
      : { x: xOf(view, width, hover), label: `${clockAt(hover)} · ${wordsOf(desk, hover)}` });
  return (
    <section class="timeline" aria-label={t.timeline}>
      <div class="tl-bar">
        <span class="small soft grow">{t.shows(lengthShown(view))}</span>
        {!whole && (
          <Button small kind="quiet" onClick={() => desk.obey({ does: 'whole' })}>
            {t.wholeDay}
          </Button>
        )}
        <IconButton
          small
          label={t.zoomOut}
          icon={ZoomOut}
          disabled={whole}
          onClick={() => desk.obey({ does: 'zoom', factor: 2 })}
        />
        <IconButton
          small
          label={t.zoomIn}
          icon={ZoomIn}
          disabled={view.to - view.from <= LEAST_SPAN}
          onClick={() => desk.obey({ does: 'zoom', factor: 0.5 })}
        />
      </div>
      <div class="tl-grid">
        <span class="tl-gutter" />
        <Overview desk={desk} recorded={recorded} />
        <Labels rows={rows} />
        <div
          class={`tl-plot${desk.cutting.value ? ' cutting' : ''}`}
          ref={plot.ref}
          onPointerDown={plot.onPointerDown}
          onPointerMove={plot.onPointerMove}
          onPointerUp={plot.onPointerUp}
          onPointerCancel={plot.onPointerUp}
          onPointerLeave={plot.onPointerLeave}
        >
          <Tracks
            recorded={recorded}
            rows={rows}
            step={step}
            view={view}
            width={width}
            ticks={ticks}
            range={desk.range.value}
          />
          {ticks.labelled
            .filter(({ x }) => x > 14 && x < width - 14)
            .map(({ time, x }) => (
              <span
                key={time}
                class="tl-tick"
                aria-hidden="true"
                ref={(element) => element?.style.setProperty('left', `${x.toFixed(1)}px`)}
              >
                {clockAt(time).slice(0, digits)}
              </span>
            ))}
          <Marks
            recorded={recorded}
            view={view}
            width={width}
            onPoint={setPointed}
            onGo={(time) => desk.moveTo(time)}
          />
          {tip && (
            <>
              {!pointed && <Hair x={tip.x} />}
              <span
                class="tl-tip"
                ref={(element) => element?.style.setProperty('--x', `${tip.x.toFixed(0)}px`)}
              >
                {tip.label}
                {hover !== undefined && !pointed && <SeenThen rows={rows} step={step} time={hover} />}
              </span>
            </>
          )}
          <Ends desk={desk} width={width} />
          <Playhead desk={desk} width={width} />
        </div>
      </div>
      {more > 0 && (
        <Button small kind="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t.fewerNames : t.moreNames(more)}
        </Button>
      )}
    </section>
  );
}

const Hair = ({ x }: { readonly x: number }) => (
  <i class="tl-hair" ref={(element) => element?.style.setProperty('left', `${x.toFixed(1)}px`)} />
);

function Labels({ rows }: { readonly rows: readonly Row[] }) {
  const at = (top: number, height: number) => (element: HTMLElement | null) => {
    element?.style.setProperty('top', `${top}px`);
    element?.style.setProperty('height', `${height}px`);
  };
  return (
    <ul
      class="tl-gutter tl-labels"
      ref={(list) => list?.style.setProperty('height', `${RULER + BAND * 2 + ROW * rows.length}px`)}
    >
      <li ref={at(RULER, BAND)}>
        <span class="cut">{t.recordedRow}</span>
      </li>
      <li ref={at(RULER + BAND, BAND)}>
        <span class="cut">{t.eventsRow}</span>
      </li>
      {rows.map(({ name }, i) => (
        <li key={name} ref={at(RULER + BAND * 2 + ROW * i, ROW)} title={name}>
          <span class="cut">{name}</span>
        </li>
      ))}
    </ul>
  );
}

/** What is seen at a time, of what is shown. */
function SeenThen({
  rows,
  step,
  time,
}: {
  readonly rows: readonly Row[];
  readonly step: number;
  readonly time: number;
}) {
  const seen = rows.flatMap(({ name, cells }) => {
    const cell = cells.findLast(({ from }) => from <= time);
    if (!cell || time >= cell.from + Math.max(step, cell.seconds * 1000)) return [];
    return [t.seen(name, spokenLength(cell.seconds), cell.count)];
  });
  return (
    <>
      {seen.map((line) => (
        <span key={line} class="line">
          {line}
        </span>
      ))}
    </>
  );
}

/** The rows of the day, with what is known more closely in place of what is known from afar. */
function rowsOf(names: readonly Row[], close: Recorded | undefined): readonly Row[] {
  if (!close) return names;
  const cells = new Map(close.rows.map((row) => [row.name, row.cells]));
  return names.map((row) => ({ ...row, cells: cells.get(row.name) ?? [] }));
}

function lengthShown({ from, to }: Span): string {
  const minutes = Math.round((to - from) / 60_000);
  return minutes < 90 ? t.minutes(Math.max(1, minutes)) : t.hours(Math.round(minutes / 6) / 10);
}
