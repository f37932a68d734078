import { useEffect, useRef, useState } from 'preact/hooks';
import type { Span } from './days.ts';
import type { Desk } from './use-desk.ts';
import { panned, showing, timeAt, zoomed } from './view.ts';

/** What is done on the timeline with a pointer: scrubbed, cut, moved and zoomed. */

/** Pixels of a wheel that zoom twice as far; a pinch on a touchpad comes in smaller ones. */
const [TWICE, TWICE_PINCHED] = [460, 70];
/** Pixels of a line and of a page, for wheels that count in these. */
const LINES = [1, 20, 400];
/** Pixels that a pointer moves before a range is meant. */
const LEAST_DRAG = 4;

export interface Plot {
  readonly width: number;
  /** Time that is pointed at; undefined: none. */
  readonly hover: number | undefined;
  readonly ref: (element: HTMLDivElement | null) => void;
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
  readonly onPointerLeave: () => void;
}

type Doing =
  | { readonly does: 'scrub' }
  | { readonly does: 'cut'; readonly x: number; readonly anchor: number }
  | { readonly does: 'pinch'; readonly apart: number; readonly middle: number; readonly view: Span };

export function usePlot(desk: Desk, mayCut: boolean): Plot {
  const element = useRef<HTMLDivElement | null>(null);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<number>();
  const pointers = useRef(new Map<number, number>());
  const doing = useRef<Doing>();

  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    setWidth(current.clientWidth);
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const unit = LINES[event.deltaMode] ?? 1;
      const [across, along] = [event.deltaX * unit, event.deltaY * unit];
      const { value: view } = desk.view;
      const sideways = event.shiftKey ? across || along : Math.abs(across) > Math.abs(along) ? across : 0;
      if (sideways !== 0) {
        const by = (sideways / current.clientWidth) * (view.to - view.from);
        desk.view.value = panned(view, by, desk.day.value);
      } else {
        const factor = 2 ** (along / (event.ctrlKey ? TWICE_PINCHED : TWICE));
        const x = event.clientX - current.getBoundingClientRect().left;
        desk.view.value = zoomed(view, factor, timeAt(view, current.clientWidth, x), desk.day.value);
      }
    };
    current.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      current.removeEventListener('wheel', onWheel);
    };
  }, [desk]);

  const xOfEvent = ({ clientX }: PointerEvent) =>
    clientX - (element.current?.getBoundingClientRect().left ?? 0);
  const timeOf = (x: number) => timeAt(desk.view.value, width, x);
  const bounded = (time: number) =>
    Math.max(desk.day.value.from, Math.min(time, Math.min(desk.day.value.to - 1, Date.now())));

  function twoFingers(): { readonly apart: number; readonly middle: number } {
    const [a = 0, b = 0] = [...pointers.current.values()];
    return { apart: Math.max(20, Math.abs(a - b)), middle: (a + b) / 2 };
  }

  return {
    width,
    hover,
    ref: (now) => {
      element.current = now;
    },
    onPointerDown(event) {
      if (event.button !== 0 || (event.target as Element).closest('button, [role=slider]')) return;
      element.current?.setPointerCapture(event.pointerId);
      const x = xOfEvent(event);
      pointers.current.set(event.pointerId, x);
      if (pointers.current.size === 2) {
        doing.current = { does: 'pinch', ...twoFingers(), view: desk.view.value };
      } else if (mayCut && (event.shiftKey || desk.cutting.value)) {
        doing.current = { does: 'cut', x, anchor: bounded(timeOf(x)) };
      } else {
        doing.current = { does: 'scrub' };
        desk.moveTo(bounded(timeOf(x)), false);
      }
    },
    onPointerMove(event) {
      const x = xOfEvent(event);
      setHover(event.pointerType === 'touch' ? undefined : timeOf(x));
      if (!pointers.current.has(event.pointerId)) return;
      pointers.current.set(event.pointerId, x);
      const now = doing.current;
      if (now?.does === 'pinch' && pointers.current.size >= 2) {
        const { apart, middle } = twoFingers();
        const closer = zoomed(
          now.view,
          now.apart / apart,
          timeAt(now.view, width, now.middle),
          desk.day.value,
        );
        const by = ((now.middle - middle) / width) * (closer.to - closer.from);
        desk.view.value = panned(closer, by, desk.day.value);
      } else if (now?.does === 'cut') {
        if (Math.abs(x - now.x) < LEAST_DRAG && !desk.range.value) return;
        const time = bounded(timeOf(x));
        desk.cutting.value = true;
        desk.range.value = {
          from: Math.round(Math.min(time, now.anchor)),
          to: Math.round(Math.max(time, now.anchor) + 1),
        };
        desk.moveTo(time, false);
        if (x < 0 || x > width) desk.view.value = showing(desk.view.value, time, desk.day.value);
      } else if (now?.does === 'scrub') {
        const time = bounded(timeOf(x));
        desk.moveTo(time, false);
        if (x < 0 || x > width) desk.view.value = showing(desk.view.value, time, desk.day.value);
      }
    },
    onPointerUp(event) {
      if (!pointers.current.delete(event.pointerId)) return;
      const now = doing.current;
      if (now?.does === 'cut' && Math.abs(xOfEvent(event) - now.x) < LEAST_DRAG) desk.moveTo(now.anchor);
      else if (now?.does !== 'pinch') desk.moveTo(desk.at.value);
      doing.current = undefined;
    },
    onPointerLeave: () => setHover(undefined),
  };
}
