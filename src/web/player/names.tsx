import type { Signal } from '@preact/signals';
import { ChevronLeft, ChevronRight, Eye, EyeOff, Focus } from 'lucide-preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Panoptic } from '../../panoptic/reader.ts';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { lengthOf } from '../ui/time.ts';
import { colorOfName, colors, hidden, only, toggle } from './look.ts';
import { appearance, type Seen, seenIn } from './spans.ts';

/** The names of a video: on and off, their colours, and when each is seen. A click on a line goes there. */
export function Names({
  panoptic,
  time,
  duration,
  seek,
  switchable,
}: {
  readonly panoptic: Panoptic;
  readonly time: Signal<number>;
  readonly duration: Signal<number>;
  readonly seek: (seconds: number) => void;
  readonly switchable: boolean;
}) {
  const rows = useMemo(() => seenIn(panoptic.index), [panoptic]);
  const names = rows.map(({ name }) => name.name);
  const length = Number.isFinite(duration.value) && duration.value > 0 ? duration.value : 1;
  return (
    <div class="seen">
      {switchable && (
        <div class="row">
          <h2 class="grow">{text.player.names}</h2>
          <Button
            small
            kind="quiet"
            icon={hidden.value.size > 0 ? Eye : EyeOff}
            onClick={() => {
              hidden.value = new Set(hidden.value.size > 0 ? [] : names);
            }}
          >
            {hidden.value.size > 0 ? text.player.showAll : text.player.hideAll}
          </Button>
        </div>
      )}
      <ul>
        {rows.map((row) => (
          <Row key={row.name.name} row={row} {...{ names, time, length, seek, switchable }} />
        ))}
      </ul>
    </div>
  );
}

function Row({
  row,
  names,
  time,
  length,
  seek,
  switchable,
}: {
  readonly row: Seen;
  readonly names: readonly string[];
  readonly time: Signal<number>;
  readonly length: number;
  readonly seek: (seconds: number) => void;
  readonly switchable: boolean;
}) {
  const { name, spans, seconds, things } = row;
  const shown = !hidden.value.has(name.name);
  const color = colorOfName(name);
  const t = text.player;
  const go = (direction: 1 | -1) => {
    const to = appearance(row, time.value, direction);
    if (to !== undefined) seek(to + 0.001);
  };
  return (
    <li class={shown ? '' : 'off'}>
      <span class="who">
        {switchable && (
          <input
            type="color"
            aria-label={t.color(name.name)}
            value={color}
            onInput={({ currentTarget }) => {
              colors.value = { ...colors.value, [name.name]: currentTarget.value };
            }}
          />
        )}
        {switchable ? (
          <button type="button" class="name cut" aria-pressed={shown} onClick={() => toggle(name.name)}>
            {name.name}
            {shown ? <Eye size={14} aria-hidden="true" /> : <EyeOff size={14} aria-hidden="true" />}
          </button>
        ) : (
          <span class="name cut">{name.name}</span>
        )}
        {switchable && (
          <IconButton small label={t.only(name.name)} icon={Focus} onClick={() => only(name.name, names)} />
        )}
      </span>
      <Strip spans={spans} length={length} color={color} time={time} onGo={seek} />
      <span class="when">
        <IconButton small label={t.previous(name.name)} icon={ChevronLeft} onClick={() => go(-1)} />
        <IconButton small label={t.next(name.name)} icon={ChevronRight} onClick={() => go(1)} />
        <span class="soft small">{seconds > 0 ? t.seenFor(lengthOf(seconds), things) : t.never}</span>
      </span>
    </li>
  );
}

function Strip({
  spans,
  length,
  color,
  time,
  onGo,
}: Pick<Seen, 'spans'> & {
  readonly length: number;
  readonly color: string;
  readonly time: Signal<number>;
  readonly onGo: (seconds: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = () => {
      const width = Math.round(element.clientWidth * devicePixelRatio);
      const height = Math.round(element.clientHeight * devicePixelRatio);
      if (width === 0) return;
      element.width = width;
      element.height = height;
      const context = element.getContext('2d');
      if (!context) return;
      context.fillStyle = color;
      for (const { from, to, share } of spans) {
        const x = (from / length) * width;
        // What is large stands out; what is small is seen all the same.
        const tall = height * Math.min(1, 0.3 + 0.7 * Math.sqrt(share));
        context.fillRect(x, height - tall, Math.max(devicePixelRatio, ((to - from) / length) * width), tall);
      }
    };
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [spans, length, color]);
  return (
    <div
      class="strip"
      onClick={({ currentTarget, clientX }) => {
        const box = currentTarget.getBoundingClientRect();
        onGo(((clientX - box.left) / box.width) * length);
      }}
    >
      <canvas ref={canvas} />
      <i ref={(line) => line?.style.setProperty('left', `${Math.min(100, (100 * time.value) / length)}%`)} />
    </div>
  );
}
