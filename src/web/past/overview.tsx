import { useEffect, useRef, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { clockAt, hoursOf } from './days.ts';
import type { Recorded } from './recorded.ts';
import type { Desk } from './use-desk.ts';
import { centred, xOf } from './view.ts';

const t = text.past;
/** Pixels that the name of an hour needs. */
const LABEL = 40;

/** The whole day, however closely one looks at a part of it: each hour is one click away. */
export function Overview({ desk, recorded }: { readonly desk: Desk; readonly recorded: Recorded }) {
  const strip = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = strip;
    if (!current) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    setWidth(current.clientWidth);
    return () => observer.disconnect();
  }, []);
  const { value: day } = desk.day;
  const { value: view } = desk.view;
  const hours = hoursOf(day);
  const every = [1, 2, 3, 4, 6].find((n) => (width / hours.length) * n >= LABEL) ?? 6;
  const whole = view.from === day.from && view.to === day.to;
  const moveView = (event: PointerEvent) => {
    const box = strip.current?.getBoundingClientRect();
    if (!box) return;
    const time = day.from + ((event.clientX - box.left) / box.width) * (day.to - day.from);
    desk.view.value = centred(view, time, day);
  };
  const percent = (time: number) => `${((time - day.from) / (day.to - day.from)) * 100}%`;
  const size = (time: number) => `${(time / (day.to - day.from)) * 100}%`;
  return (
    <div class="tl-overview" role="group" aria-label={t.overview} ref={strip}>
      <div class="tl-hours">
        {hours.map((hour, i) => {
          const label = clockAt(hour).slice(0, 5);
          return (
            <button
              key={hour}
              type="button"
              aria-label={t.toHour(label)}
              disabled={hour > recorded.to}
              class={i % every === 0 ? 'named' : undefined}
              ref={(element) => {
                element?.style.setProperty('left', percent(hour));
                element?.style.setProperty('width', size(3_600_000));
              }}
              onClick={() => desk.jumpTo(hour)}
            >
              {i % every === 0 && <span>{every === 1 || width > 600 ? label : label.slice(0, 2)}</span>}
            </button>
          );
        })}
      </div>
      <svg class="tl-strip" width={width} height={8} aria-hidden="true" focusable="false">
        <path
          class="recorded"
          d={recorded.stretches
            .map(({ from, to }) => {
              const x = xOf(day, width, from);
              return `M${x.toFixed(1)} 0h${Math.max(1, xOf(day, width, to) - x).toFixed(1)}v8h-${Math.max(1, xOf(day, width, to) - x).toFixed(1)}z`;
            })
            .join('')}
        />
      </svg>
      {!whole && (
        <div
          class="tl-window"
          ref={(element) => {
            element?.style.setProperty('left', percent(view.from));
            element?.style.setProperty('width', size(view.to - view.from));
          }}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && moveView(event)}
        />
      )}
      <Here desk={desk} />
    </div>
  );
}

function Here({ desk }: { readonly desk: Desk }) {
  const { value: day } = desk.day;
  const share = (desk.at.value - day.from) / (day.to - day.from);
  return <i class="tl-here" ref={(element) => element?.style.setProperty('left', `${share * 100}%`)} />;
}
