import type {
  Condition,
  ObjectCondition,
  Point,
  Rule,
  Rules,
  StuffCondition,
} from '../../../../src/clips/rules/rules.ts';
import type { Scene, SceneObject } from '../../../../src/clips/rules/scene.ts';
import type { Vocabulary } from '../../../../src/core/vocabulary.ts';

/**
 * What docs/rules.md says, with the whole past looked at anew for every scene. Only for scenes that come evenly enough for
 * `linger` to be the patience.
 */

const HAIR = 1e-4;
const past = (from: number, to: number, seconds: number) => to - from > seconds - HAIR;

interface Held {
  readonly at: number;
  readonly began: number;
  readonly tracks: readonly number[];
}
interface Run extends Held {
  readonly since: number;
  readonly last: number;
}
export interface NaiveEvent {
  readonly began: number;
  readonly ended: number;
  /** When it was told to have begun, and to be over. */
  readonly opened: number;
  readonly closed: number;
  readonly tracks: readonly number[];
}

const union = (a: readonly number[], b: readonly number[]) => [...new Set([...a, ...b])];

export function naiveEvents(
  rules: Rules,
  rule: Rule,
  words: Vocabulary,
  scenes: readonly Scene[],
): NaiveEvent[] {
  const { linger: patience, cooldown } = rule;
  const time = (i: number) => scenes[i].seconds;

  function lasting(condition: Condition, i: number, raw: (j: number, goesOn: boolean) => Held | undefined) {
    let run: Run | undefined;
    let held: Held | undefined;
    for (let j = 0; j <= i; j++) {
      held = raw(j, run !== undefined && !past(run.last, time(j), patience));
      if (!held) continue;
      if (run && !past(run.last, held.at, patience))
        run = { ...run, last: Math.max(run.last, held.at), tracks: union(run.tracks, held.tracks) };
      else run = { ...held, since: time(j), last: held.at };
    }
    return held && run && (!condition.for || past(run.since, run.last, condition.for))
      ? { at: held.at, began: run.began, tracks: run.tracks }
      : undefined;
  }

  const looked = new Map<Condition, (Held | 'not')[]>();

  /** Looked at once alone, or it would take for ever. */
  function look(condition: Condition, i: number): Held | undefined {
    const known = looked.get(condition) ?? [];
    looked.set(condition, known);
    const held = known[i] ?? lookAnew(condition, i) ?? 'not';
    known[i] = held;
    return held === 'not' ? undefined : held;
  }

  function lookAnew(condition: Condition, i: number): Held | undefined {
    if ('object' in condition) return objects(condition, i);
    if ('stuff' in condition) return lasting(condition, i, (j) => (stuff(condition, j) ? now(j) : undefined));
    if ('not' in condition)
      return lasting(condition, i, (j, goesOn) => {
        if (look(condition.not, j)) return undefined;
        for (let k = 0; k < j && !goesOn; k++) {
          const before = look(condition.not, k);
          if (before && !past(before.at, time(j), patience)) return undefined;
        }
        return now(j);
      });
    const both = (j: number): Held | undefined => {
      const found = ('all' in condition ? condition.all : condition.any).map((one) => look(one, j));
      const held = found.filter((one) => one !== undefined);
      const isAll = 'all' in condition;
      if (isAll ? held.length < found.length : held.length === 0) return undefined;
      const [ats, begins] = [held.map(({ at }) => at), held.map(({ began }) => began)];
      return {
        at: isAll ? Math.min(...ats) : Math.max(...ats),
        began: isAll ? Math.max(...begins) : Math.min(...begins),
        tracks: held.map(({ tracks }) => tracks).reduce(union),
      };
    };
    return condition.for ? lasting(condition, i, both) : both(i);
  }

  const now = (i: number): Held => ({ at: time(i), began: time(i), tracks: [] });
  const has = (texts: readonly string[], name: number) => texts.includes(words[name].name);

  function stuff({ stuff: texts, share, change, in: zone }: StuffCondition, i: number): boolean {
    const part = (j: number) =>
      words.reduce(
        (sum, _, name) =>
          has(texts, name) ? sum + scenes[j].share(name, zone ? rules.zones[zone] : undefined) : sum,
        0,
      );
    if (share && !compare(share, part(i))) return false;
    if (!change) return true;
    let first = i;
    while (first > 0 && !past(time(first - 1), time(first), Math.max(patience, 1))) first--;
    const from = originOf(range(first, i), i);
    return from !== undefined && compare(change, (part(i) - part(from)) / (time(i) - time(from)));
  }

  /** The newest of some scenes that is a second old, or the oldest; half a second is the least. */
  function originOf(frames: readonly number[], i: number): number | undefined {
    const from = frames.findLast((j) => past(time(j), time(i), 1)) ?? frames[0];
    return past(time(from), time(i), 0.5) ? from : undefined;
  }

  function objects(condition: ObjectCondition, i: number): Held | undefined {
    const { count, for: seconds = 0 } = condition;
    if (!count) {
      const held = known(condition, i).filter(
        ({ there, since, last }) => there && past(since, last, seconds),
      );
      if (held.length === 0) return undefined;
      return {
        at: Math.max(...held.map(({ last }) => last)),
        began: Math.min(...held.map(({ since }) => since)),
        tracks: held.map(({ id }) => id),
      };
    }
    return lasting(condition, i, (j, goesOn) => {
      const lately = known(condition, j);
      const there = lately.filter((one) => one.there);
      const [sign, text] = count.split(' ');
      const value = Number(text);
      const [least, most] = [there.length, goesOn ? there.length : lately.length];
      const holds = {
        '>': least > value,
        '>=': least >= value,
        '<': most < value,
        '<=': most <= value,
        '=': least >= value && most <= value,
        '!=': least > value || most < value,
      }[sign];
      if (!holds) return undefined;
      const needed = sign === '>' ? value + 1 : sign === '>=' || sign === '=' ? value : 0;
      const times = there.map(({ last }) => last).sort((a, b) => b - a);
      const at = needed > 0 ? times[needed - 1] : time(j);
      return { at, began: time(j), tracks: there.map(({ id }) => id) };
    });
  }

  /** Objects of which all was true less than the patience ago; and whether it was when each was seen last. */
  function known(condition: ObjectCondition, i: number) {
    const seen = range(0, i).flatMap((j) =>
      scenes[j].objects.filter(({ name }) => has(condition.object, name)).map((object) => ({ j, object })),
    );
    return [...new Set(seen.map(({ object }) => object.id))].flatMap((id) => {
      const all = seen.filter(({ object }) => object.id === id);
      let first = all.length - 1;
      while (first > 0 && !past(time(all[first - 1].j), time(all[first].j), patience)) first--;
      const sightings = all.slice(first);
      if (past(time(sightings.at(-1)!.j), time(i), patience)) return [];
      const fit = sightings.map((_, k) => fits(condition, sightings.slice(0, k + 1)));
      const move = condition.enters ?? condition.leaves ?? condition.crosses;
      if (move !== undefined) {
        const moves = movesOf(condition, sightings).filter(({ k }) => fit[k]);
        const last = moves.at(-1);
        if (!last || past(time(sightings[last.k].j), time(i), patience)) return [];
        const [since, at] = [time(sightings[last.k - 1].j), time(sightings[last.k].j)];
        return [{ id, there: true, since, last: at }];
      }
      const good = sightings.filter((_, k) => fit[k]).map(({ j }) => time(j));
      const last = good.at(-1);
      if (last === undefined || past(last, time(i), patience)) return [];
      let from = good.length - 1;
      while (from > 0 && !past(good[from - 1], good[from], patience)) from--;
      return [{ id, there: fit.at(-1) === true, since: good[from], last }];
    });
  }

  type Sighting = { readonly j: number; readonly object: SceneObject };
  const pointOf = ({ box }: SceneObject): Point => [(box[0] + box[2]) / 2, box[3]];

  function fits(condition: ObjectCondition, sightings: readonly Sighting[]): boolean {
    const { j, object } = sightings.at(-1)!;
    const { min_size = 0, max_size = 1, min_score = 0, speed } = condition;
    if (object.share < min_size || object.share > max_size || object.score < min_score) return false;
    if (condition.in && !condition.in.some((zone) => isIn(rules.zones[zone], pointOf(object)))) return false;
    if (!speed) return true;
    const frames = sightings.map((one) => one.j);
    const from = originOf(frames, j);
    if (from === undefined) return false;
    const [[x, y], [ax, ay]] = [pointOf(object), pointOf(sightings[frames.indexOf(from)].object)];
    return compare(speed, Math.hypot((x - ax) * scenes[j].aspect, y - ay) / (time(j) - time(from)));
  }

  /** Sightings with which an object was seen for the second time where it had gone to. */
  function movesOf({ enters, leaves, crosses, direction }: ObjectCondition, sightings: readonly Sighting[]) {
    const zone = enters ?? leaves;
    const sides = sightings.map(({ object }) => {
      const [x, y] = pointOf(object);
      if (zone !== undefined) return isIn(rules.zones[zone], [x, y]) ? 1 : -1;
      const [[ax, ay], [bx, by]] = rules.lines[crosses!];
      return Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));
    });
    let side = 0;
    return sides.flatMap((here, k) => {
      if (side === 0) side = here;
      if (here === 0 || here === side || sides[k - 1] !== here) return [];
      side = here;
      if (zone !== undefined) return here === (enters ? 1 : -1) ? [{ k }] : [];
      if (direction && here !== (direction === 'right' ? 1 : -1)) return [];
      const from = pointOf(sightings[sides.findLastIndex((one, n) => n < k && one !== here)].object);
      const to = pointOf(sightings[k - 1].object);
      return isOver(from, to, rules.lines[crosses!]) ? [{ k }] : [];
    });
  }

  const events: NaiveEvent[] = [];
  let open: (NaiveEvent & { readonly last: number }) | undefined;
  let free = time(0);
  for (const i of scenes.keys()) {
    if (open && past(open.last, time(i), patience)) {
      const over = open.last + patience;
      events.push({ ...open, ended: open.last, closed: over });
      free = Math.max(over, open.last + cooldown);
      open = undefined;
    }
    const held = look(rule.when, i);
    if (!held) continue;
    if (open) open = { ...open, last: Math.max(open.last, held.at), tracks: union(open.tracks, held.tracks) };
    else if (past(free, held.at, 0)) {
      const began = Math.min(time(i), Math.max(held.began, free));
      const last = Math.max(began, held.at);
      open = { began, last, ended: last, opened: time(i), closed: 0, tracks: held.tracks };
    }
  }
  const end = time(scenes.length - 1);
  if (open) events.push({ ...open, ended: open.last, closed: end });
  return events.map(({ began, ended, opened, closed, tracks }) => ({ began, ended, opened, closed, tracks }));
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, k) => from + k);

function compare(text: string, number: number): boolean {
  const [sign, value] = text.split(' ');
  const limit = Number(value);
  if (sign === '>' || sign === '>=') return number > limit || (sign === '>=' && number === limit);
  if (sign === '<' || sign === '<=') return number < limit || (sign === '<=' && number === limit);
  return (number === limit) === (sign === '=');
}

/** Zones of these tests are upright rectangles. */
function isIn(zone: readonly Point[], [x, y]: Point): boolean {
  const [xs, ys] = [zone.map((point) => point[0]), zone.map((point) => point[1])];
  return x >= Math.min(...xs) && x <= Math.max(...xs) && y >= Math.min(...ys) && y <= Math.max(...ys);
}

/** Lines of these tests are level. */
function isOver([ax, ay]: Point, [bx, by]: Point, [[x0, y], [x1]]: readonly [Point, Point]): boolean {
  if (ay === by) return false;
  const x = ax + ((bx - ax) * (y - ay)) / (by - ay);
  return x >= Math.min(x0, x1) && x <= Math.max(x0, x1);
}
