import { Check, RefreshCw, Slash, Square, X } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { drawOnce } from '../live/snapshots.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Handles } from './handles.tsx';
import type { Point, Points, Rules } from './rules.ts';
import { Shape } from './shape.tsx';
import { faultOfPlace, freeName, type Kind, movePoint, pointAt, stepOf, withPlace } from './zones.ts';

const t = text.rules.places;
/** Pixels around the first corner that close a zone. */
const NEAR = 14;

export interface Place {
  readonly kind: Kind;
  readonly name: string;
}

/** Zones and lines over the picture: drawn with the mouse, with a finger, or with keys. */
export function PictureEditor({
  stream,
  rules,
  onRules,
  tool,
  onTool,
  selected,
  onSelect,
  onDrawn,
  still,
}: {
  readonly stream: Stream;
  readonly rules: Rules;
  readonly onRules: (rules: Rules) => void;
  /** What is being drawn. */
  readonly tool: Kind | undefined;
  readonly onTool: (tool: Kind | undefined) => void;
  readonly selected: Place | undefined;
  readonly onSelect: (place: Place | undefined) => void;
  readonly onDrawn: (place: Place) => void;
  /** Nothing may be changed. */
  readonly still: boolean;
}) {
  const stage = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Points>([]);
  const [cursor, setCursor] = useState<Point>([0.5, 0.5]);
  const drag = useRef<number>();
  const { ratio, renew, canvas, missing } = usePicture(stream);
  const points = selected && rules[selected.kind][selected.name];

  useEffect(() => {
    setDrawn([]);
    setCursor([0.5, 0.5]);
    if (tool) stage.current?.focus();
  }, [tool]);

  function placeOf({ clientX, clientY }: MouseEvent): Point {
    const { left, top, width, height } = (stage.current as HTMLElement).getBoundingClientRect();
    return pointAt((clientX - left) / width, (clientY - top) / height);
  }

  function finish(all: Points): void {
    if (!tool || faultOfPlace(tool, all) === 'few') return;
    const place = { kind: tool, name: freeName(rules, tool === 'zones' ? t.zone : t.line) };
    onRules(withPlace(rules, place.kind, place.name, all));
    onTool(undefined);
    onSelect(place);
    onDrawn(place);
  }

  function add(point: Point): void {
    const all = [...drawn, point];
    setDrawn(all);
    if (tool === 'lines' && all.length === 2) finish(all);
  }

  function onClick(event: MouseEvent): void {
    if (!tool) return;
    const point = placeOf(event);
    const [first] = drawn;
    // The second click of a double one is where the first was.
    if (event.detail > 1 || (first && drawn.length >= 3 && isNear(first, point))) finish(drawn);
    else add(point);
  }

  function isNear([ax, ay]: Point, [bx, by]: Point): boolean {
    const { clientWidth, clientHeight } = stage.current as HTMLElement;
    return Math.hypot((ax - bx) * clientWidth, (ay - by) * clientHeight) < NEAR;
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (!tool || event.target !== stage.current) return;
    const { key } = event;
    const step = stepOf(key, event.shiftKey);
    if (step) setCursor(pointAt(cursor[0] + step[0], cursor[1] + step[1]));
    else if (key === ' ') add(cursor);
    else if (key === 'Enter') finish(drawn);
    else if (key === 'Escape') onTool(undefined);
    else if (key === 'Delete' || key === 'Backspace') setDrawn(drawn.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onPointerMove(event: PointerEvent): void {
    if (drag.current !== undefined && selected && points)
      onRules(
        withPlace(rules, selected.kind, selected.name, movePoint(points, drag.current, placeOf(event))),
      );
    else if (tool) setCursor(placeOf(event));
  }

  const all = (['zones', 'lines'] as const).flatMap((kind) =>
    Object.entries(rules[kind]).map(([name, corners]) => ({ kind, name, corners })),
  );
  return (
    <div class="picture-editor">
      <div
        ref={(element) => {
          stage.current = element;
          element?.style.setProperty('--ratio', String(ratio));
        }}
        class={`stage-of-places${tool ? ' drawing' : ''}`}
        role="group"
        aria-label={t.stage}
        aria-describedby="stage-hint"
        tabIndex={tool ? 0 : -1}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => {
          drag.current = undefined;
        }}
        onPointerCancel={() => {
          drag.current = undefined;
        }}
      >
        <canvas ref={canvas} width={16} height={9} />
        <svg viewBox={`0 0 1000 ${1000 / ratio}`} aria-hidden="true">
          {all.map(({ kind, name, corners }, i) => (
            <Shape
              key={`${kind} ${name}`}
              kind={kind}
              name={name}
              points={corners}
              ratio={ratio}
              turn={i}
              selected={selected?.kind === kind && selected.name === name}
              onSelect={tool ? undefined : () => onSelect({ kind, name })}
            />
          ))}
          {tool && <Drawing points={drawn} cursor={cursor} ratio={ratio} />}
        </svg>
        {!still && !tool && selected && points && (
          <Handles
            place={selected}
            points={points}
            onPoints={(next) => onRules(withPlace(rules, selected.kind, selected.name, next))}
            onDrag={(at, event) => {
              drag.current = at;
              stage.current?.setPointerCapture(event.pointerId);
            }}
          />
        )}
      </div>
      <p class="unseen" id="stage-hint">
        {t.stageHint}
      </p>
      {missing && <p class="small soft">{t.noPicture}</p>}
      {!still && (
        <div class="row">
          {tool ? (
            <>
              <p class="small grow" role="status">
                {tool === 'zones' ? t.drawingZone : t.drawingLine}
              </p>
              {tool === 'zones' && (
                <Button
                  small
                  icon={Check}
                  disabled={faultOfPlace('zones', drawn) === 'few'}
                  onClick={() => finish(drawn)}
                >
                  {t.finish}
                </Button>
              )}
              <Button small kind="quiet" icon={X} onClick={() => onTool(undefined)}>
                {t.giveUp}
              </Button>
            </>
          ) : (
            <>
              <Button small icon={Square} onClick={() => onTool('zones')}>
                {text.rules.form.drawZone}
              </Button>
              <Button small icon={Slash} onClick={() => onTool('lines')}>
                {text.rules.form.drawLine}
              </Button>
              <Button small kind="quiet" icon={RefreshCw} onClick={renew}>
                {t.renew}
              </Button>
            </>
          )}
        </div>
      )}
    </div>
  );
}

/** What is being drawn, up to where the pointer or the cross is. */
function Drawing({
  points,
  cursor,
  ratio,
}: {
  readonly points: Points;
  readonly cursor: Point;
  readonly ratio: number;
}) {
  const at = ([x, y]: Point) => `${x * 1000},${(y * 1000) / ratio}`;
  const [x, y] = [cursor[0] * 1000, (cursor[1] * 1000) / ratio];
  return (
    <g class="being-drawn">
      <polyline points={[...points, cursor].map(at).join(' ')} />
      {points.map((point, i) => (
        <circle key={`${i}`} cx={point[0] * 1000} cy={(point[1] * 1000) / ratio} r={i === 0 ? 8 : 5} />
      ))}
      <path d={`M${x - 14} ${y}h28M${x} ${y - 14}v28`} />
    </g>
  );
}

/** A picture that stands still, and its width over its height. */
function usePicture({ id, state, stats }: Stream) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [round, setRound] = useState(0);
  const [missing, setMissing] = useState(false);
  const live = state === 'live';
  useEffect(() => {
    if (!live || !canvas.current) return setMissing(!live);
    const gone = new AbortController();
    drawOnce(id, canvas.current, gone.signal).then(
      () => setMissing(false),
      () => !gone.signal.aborted && setMissing(true),
    );
    return () => gone.abort();
  }, [id, live, round]);
  return {
    canvas,
    missing,
    ratio: stats && stats.width > 0 && stats.height > 0 ? stats.width / stats.height : 16 / 9,
    renew: () => setRound(round + 1),
  };
}
