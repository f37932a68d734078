import {
  measureElement,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/**
 * A list of any length that scrolls with the page: only what is in sight is there. `height`: pixels of a row, about.
 * `onEnd` is called when the last rows come into sight.
 */
export function VirtualList<T>({
  items,
  keyOf,
  height,
  label,
  children,
  onEnd,
}: {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly height: number;
  readonly label: string;
  readonly children: (item: T, index: number) => ComponentChildren;
  readonly onEnd?: () => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const options: VirtualizerOptions<Window, HTMLElement> = {
    count: items.length,
    getScrollElement: () => window,
    estimateSize: () => height,
    getItemKey: (index) => keyOf(items[index] as T),
    overscan: 6,
    scrollMargin: list.current?.offsetTop ?? 0,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    measureElement,
    onChange: () => redraw(0),
  };
  const [virtual] = useState(() => new Virtualizer<Window, HTMLElement>(options));
  virtual.setOptions(options);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  const rows = virtual.getVirtualItems();
  const lastShown = rows.at(-1)?.index ?? 0;
  useLayoutEffect(() => {
    if (items.length > 0 && lastShown >= items.length - 5) onEnd?.();
  }, [lastShown, items.length, onEnd]);
  return (
    <div
      ref={(element) => {
        list.current = element;
        element?.style.setProperty('height', `${virtual.getTotalSize()}px`);
      }}
      class="virtual"
      role="list"
      aria-label={label}
    >
      {rows.map((row) => (
        <div
          key={row.key}
          class="virtual-row"
          role="listitem"
          aria-setsize={items.length}
          aria-posinset={row.index + 1}
          data-index={row.index}
          ref={(element) => {
            if (!element) return;
            element.style.setProperty(
              'transform',
              `translateY(${row.start - virtual.options.scrollMargin}px)`,
            );
            virtual.measureElement(element);
          }}
        >
          {children(items[row.index] as T, row.index)}
        </div>
      ))}
    </div>
  );
}
