import { useEffect, useRef } from 'preact/hooks';
import { text } from '../text/en.ts';
import type { Place } from './picture-editor.tsx';
import type { Point, Points } from './rules.ts';
import { insertPoint, middleAfter, movePoint, removePoint, stepOf } from './zones.ts';

const t = text.rules.places;
const percent = (share: number) => text.units.percent(share, 1);

/** The points of the place that is chosen, to be moved by pointer or keys, and between them where others can be put. */
export function Handles({
  place: { kind, name },
  points,
  onPoints,
  onDrag,
}: {
  readonly place: Place;
  readonly points: Points;
  readonly onPoints: (points: Points) => void;
  /** A point is being dragged from now on. */
  readonly onDrag: (at: number, event: PointerEvent) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const focus = useRef<number>();
  const least = kind === 'zones' ? 3 : 2;
  // A point that has come or gone takes the focus with it.
  useEffect(() => {
    if (focus.current === undefined) return;
    list.current?.querySelectorAll<HTMLElement>('.handle')[focus.current]?.focus();
    focus.current = undefined;
  }, [points.length]);

  function remove(at: number): void {
    if (points.length <= least) return;
    focus.current = Math.max(0, at - 1);
    onPoints(removePoint(points, at));
  }
  function insert(at: number): void {
    if (kind === 'lines') return;
    focus.current = at + 1;
    onPoints(insertPoint(points, at, middleAfter(points, at)));
  }
  function onKeyDown(at: number, event: KeyboardEvent): void {
    const step = stepOf(event.key, event.shiftKey);
    const [x, y] = points[at] ?? [0, 0];
    if (step) onPoints(movePoint(points, at, [x + step[0], y + step[1]]));
    else if (event.key === 'Delete' || event.key === 'Backspace') remove(at);
    else if (event.key === '+') insert(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return (
    <div class="handles" ref={list}>
      {points.map((point, i) => (
        <button
          // Points have nothing but their place in the list to be known by.
          key={`${i}`}
          ref={placed(point)}
          type="button"
          class="handle"
          aria-label={t.point(name, i + 1, percent(point[0]), percent(point[1]))}
          aria-describedby="handle-hint"
          onClick={(event) => event.stopPropagation()}
          onPointerDown={(event) => {
            event.currentTarget.focus();
            onDrag(i, event);
          }}
          onKeyDown={(event) => onKeyDown(i, event)}
        />
      ))}
      {kind === 'zones' &&
        points.map((_, i) => (
          <button
            key={`after ${i}`}
            ref={placed(middleAfter(points, i))}
            type="button"
            class="handle between"
            aria-label={t.addBetween(name, i + 1)}
            onClick={(event) => {
              event.stopPropagation();
              // A pointer has put it in already.
              if (event.detail === 0) insert(i);
            }}
            onPointerDown={(event) => {
              insert(i);
              onDrag(i + 1, event);
            }}
          />
        ))}
      <span class="unseen" id="handle-hint">
        {t.pointHint}
      </span>
    </div>
  );
}

const placed =
  ([x, y]: Point) =>
  (element: HTMLElement | null) => {
    element?.style.setProperty('left', `${x * 100}%`);
    element?.style.setProperty('top', `${y * 100}%`);
  };
