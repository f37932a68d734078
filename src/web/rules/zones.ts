import type { Condition, Point, Points, Rule, Rules } from './rules.ts';

/** Zones and lines as they are drawn: points are shares of the picture, from the left and from the top. */

export type Kind = 'zones' | 'lines';

/** Smallest area that counts, as a share of the picture. */
const LEAST_AREA = 1e-6;

/** Within the picture, to a ten-thousandth: finer than any camera's pixels. */
export const pointAt = (x: number, y: number): Point => [place(x), place(y)];
const place = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 10_000;

export const movePoint = (points: Points, at: number, [x, y]: Point): Points =>
  points.map((point, i) => (i === at ? pointAt(x, y) : point));

export const removePoint = (points: Points, at: number): Points => points.filter((_, i) => i !== at);

export const insertPoint = (points: Points, after: number, [x, y]: Point): Points =>
  points.toSpliced(after + 1, 0, pointAt(x, y));

/** Halfway from a point to the next; from the last of a zone to its first. */
export function middleAfter(points: Points, at: number): Point {
  const [[ax, ay], [bx, by]] = [points[at] ?? [0, 0], points[(at + 1) % points.length] ?? [0, 0]];
  return pointAt((ax + bx) / 2, (ay + by) / 2);
}

/** How far a key moves a point; undefined for other keys. `fine`: a tenth of that. */
export function stepOf(key: string, fine: boolean): Point | undefined {
  const step = fine ? 0.001 : 0.01;
  const steps: Readonly<Record<string, Point>> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  };
  return steps[key];
}

export type PlaceFault = 'few' | 'crossed' | 'flat';

/** Why points make no zone, or no line, that the server would take. */
export function faultOfPlace(kind: Kind, points: Points): PlaceFault | undefined {
  const corners = points.filter(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length] ?? [];
    return points.length === 1 || x !== nextX || y !== nextY;
  });
  if (corners.length < (kind === 'zones' ? 3 : 2)) return 'few';
  if (kind === 'lines') return undefined;
  const sides = corners.map((point, i) => [point, corners[(i + 1) % corners.length] ?? point] as const);
  const twice = sides.reduce((sum, [[ax, ay], [bx, by]]) => sum + ax * by - bx * ay, 0);
  const crossed = sides.some((one, i) =>
    sides.some((other, j) => {
      if (j <= i) return false;
      if (j === i + 1) return goesBack(one[0], one[1], other[1]);
      if (i === 0 && j === sides.length - 1) return goesBack(other[0], other[1], one[1]);
      return meet(one, other);
    }),
  );
  if (Math.abs(twice) / 2 < LEAST_AREA && (corners.length === 3 || !crossed)) return 'flat';
  return crossed ? 'crossed' : undefined;
}

type Side = readonly [Point, Point];

const sideOf = ([[ax, ay], [bx, by]]: Side, [x, y]: Point): number =>
  (bx - ax) * (y - ay) - (by - ay) * (x - ax);

const goesBack = (a: Point, b: Point, c: Point): boolean =>
  sideOf([a, b], c) === 0 && (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;

function meet(one: Side, other: Side): boolean {
  const [a, b] = [sideOf(other, one[0]), sideOf(other, one[1])];
  const [c, d] = [sideOf(one, other[0]), sideOf(one, other[1])];
  if (Math.sign(a) * Math.sign(b) < 0 && Math.sign(c) * Math.sign(d) < 0) return true;
  const on = (side: number, line: Side, [x, y]: Point) =>
    side === 0 &&
    x >= Math.min(line[0][0], line[1][0]) &&
    x <= Math.max(line[0][0], line[1][0]) &&
    y >= Math.min(line[0][1], line[1][1]) &&
    y <= Math.max(line[0][1], line[1][1]);
  return on(a, other, one[0]) || on(b, other, one[1]) || on(c, one, other[0]) || on(d, one, other[1]);
}

/** A name that no zone and no line has yet: `zone 1`, `zone 2`… */
export function freeName({ zones, lines }: Rules, stem: string): string {
  for (let i = 1; ; i++) {
    const name = `${stem} ${i}`;
    if (!(name in zones) && !(name in lines)) return name;
  }
}

export const withPlace = (rules: Rules, kind: Kind, name: string, points: Points): Rules => ({
  ...rules,
  [kind]: { ...rules[kind], [name]: points },
});

/** Without a zone or a line. Rules that name it are as they were: see `usersOf`. */
export const withoutPlace = (rules: Rules, kind: Kind, name: string): Rules => ({
  ...rules,
  [kind]: Object.fromEntries(Object.entries(rules[kind]).filter(([one]) => one !== name)),
});

/** The same with another name, in the rules, too. Its place among the others stays. */
export function renamePlace(rules: Rules, kind: Kind, from: string, to: string): Rules {
  const keys = kind === 'zones' ? (['in', 'enters', 'leaves'] as const) : (['crosses'] as const);
  const rename = (condition: Condition): Condition => {
    if ('all' in condition) return { ...condition, all: condition.all.map(rename) };
    if ('any' in condition) return { ...condition, any: condition.any.map(rename) };
    if ('not' in condition) return { ...condition, not: rename(condition.not) };
    const changed: Record<string, unknown> = {};
    for (const key of keys) {
      const value = (condition as unknown as Readonly<Record<string, unknown>>)[key];
      if (value === from) changed[key] = to;
      else if (Array.isArray(value)) changed[key] = value.map((one) => (one === from ? to : one));
    }
    return { ...condition, ...changed };
  };
  return {
    ...rules,
    [kind]: Object.fromEntries(
      Object.entries(rules[kind]).map(([name, points]) => [name === from ? to : name, points]),
    ),
    rules: rules.rules.map((rule) => ({ ...rule, when: rename(rule.when) })),
  };
}

/** The rules that name a zone or a line. */
export function usersOf(rules: Rules, kind: Kind, name: string): readonly Rule[] {
  const names = (condition: Condition): readonly (string | undefined)[] => {
    if ('all' in condition) return condition.all.flatMap(names);
    if ('any' in condition) return condition.any.flatMap(names);
    if ('not' in condition) return names(condition.not);
    if ('stuff' in condition) return kind === 'zones' ? [condition.in] : [];
    return kind === 'zones'
      ? [...(condition.in ?? []), condition.enters, condition.leaves]
      : [condition.crosses];
  };
  return rules.rules.filter(({ when }) => names(when).includes(name));
}
