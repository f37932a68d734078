import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { text } from '../text/en.ts';

/** The line between the original on the left and the overlay on the right, to be dragged. */
export function Compare({ divider }: { readonly divider: Signal<number | undefined> }) {
  const line = useRef<HTMLDivElement>(null);
  const at = divider.value;
  if (at === undefined) return null;

  const move = (to: number) => {
    divider.value = Math.max(0, Math.min(1, to));
  };
  function drag({ clientX, buttons }: PointerEvent): void {
    const box = line.current?.parentElement?.getBoundingClientRect();
    if (box && buttons > 0) move((clientX - box.left) / box.width);
  }
  return (
    <div
      ref={(element) => {
        line.current = element;
        element?.style.setProperty('left', `${at * 100}%`);
      }}
      class="divider"
      role="slider"
      tabIndex={0}
      aria-label={text.player.divider}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(at * 100)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        event.stopPropagation();
      }}
      onPointerMove={drag}
      onKeyDown={({ key }) => {
        if (key === 'ArrowLeft') move(at - 0.02);
        else if (key === 'ArrowRight') move(at + 0.02);
        else if (key === 'Home') move(0);
        else if (key === 'End') move(1);
      }}
    />
  );
}
