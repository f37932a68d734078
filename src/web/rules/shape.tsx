import { text } from '../text/en.ts';
import type { Point, Points } from './rules.ts';
import type { Kind } from './zones.ts';

/** Degrees between the hues of two neighbours: far apart, and never the same for a long time. */
const TURN = 137.5;

/** Gives an element the hue of the n-th place. */
export const hueOf = (turn: number) => (element: Element | null) =>
  (element as SVGElement | null)?.style.setProperty('--turn', String(turn * TURN));

/** A zone or a line as it lies on the picture. */
export function Shape({
  kind,
  name,
  points,
  ratio,
  turn,
  selected,
  onSelect,
}: {
  readonly kind: Kind;
  readonly name: string;
  readonly points: Points;
  readonly ratio: number;
  readonly turn: number;
  readonly selected: boolean;
  readonly onSelect: (() => void) | undefined;
}) {
  const at = ([x, y]: Point): Point => [x * 1000, (y * 1000) / ratio];
  const corners = points.map(at);
  const drawn = corners.map((corner) => corner.join(',')).join(' ');
  const [labelX, labelY] = kind === 'zones' ? middleOf(corners) : (corners[0] ?? [0, 0]);
  return (
    <g
      ref={hueOf(turn)}
      class={`place${selected ? ' selected' : ''}`}
      onClick={
        onSelect &&
        ((event) => {
          event.stopPropagation();
          onSelect();
        })
      }
    >
      {kind === 'zones' ? <polygon points={drawn} /> : <polyline points={drawn} />}
      {kind === 'lines' && <Sides line={corners} />}
      <text
        x={labelX}
        y={labelY - (kind === 'lines' ? 14 : 0)}
        text-anchor={kind === 'zones' ? 'middle' : 'start'}
      >
        {name}
      </text>
    </g>
  );
}

/** Which side of a line is left and which is right, and where it goes. */
function Sides({ line }: { readonly line: Points }) {
  const [[ax, ay] = [0, 0], [bx, by] = [0, 0]] = line;
  const length = Math.hypot(bx - ax, by - ay);
  if (length < 1) return null;
  const [dx, dy] = [(bx - ax) / length, (by - ay) / length];
  const [x, y] = [(ax + bx) / 2, (ay + by) / 2];
  const off = 26;
  const head = 18;
  const wing = (side: number) =>
    `${bx - dx * head + side * dy * head * 0.5},${by - dy * head - side * dx * head * 0.5}`;
  return (
    <>
      <polyline points={`${wing(1)} ${bx},${by} ${wing(-1)}`} />
      <text class="side" x={x + dy * off} y={y - dx * off} text-anchor="middle" dominant-baseline="middle">
        {text.rules.places.left}
      </text>
      <text class="side" x={x - dy * off} y={y + dx * off} text-anchor="middle" dominant-baseline="middle">
        {text.rules.places.right}
      </text>
    </>
  );
}

const middleOf = (points: Points): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / (points.length || 1),
  points.reduce((sum, [, y]) => sum + y, 0) / (points.length || 1),
];
