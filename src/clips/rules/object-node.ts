import type { Vocabulary } from '../../core/vocabulary.ts';
import { type Evidence, type Moment, nothing } from './evidence.ts';
import { isInside } from './geometry.ts';
import { createLasting, lasted } from './lasting.ts';
import { follow, moveOf, type Side } from './moves.ts';
import type { Node, NodeState, Places } from './node.ts';
import { compares, comparisonFrom } from './quantities.ts';
import type { ObjectCondition, Point } from './rules.ts';
import type { Scene, SceneObject } from './scene.ts';
import { extended, origin, type Trail } from './trail.ts';
import { namesOf } from './words.ts';

/** What is remembered of an object that was seen of late. */
export interface ObjectMemory {
  readonly id: number;
  readonly name: string;
  /** When it was seen last. */
  readonly seen: number;
  /** When all that is asked was true of it: when it was seen last, or seen to have moved; null where it was not. */
  readonly at: number | null;
  /** For how long that has been so; it may have been otherwise in between, for a moment. */
  readonly run: { readonly since: number; readonly last: number } | null;
  /** As it is now, and as it showed best since then. */
  readonly now: Moment;
  readonly best: Moment | null;
  readonly side?: Side;
  readonly trail?: Trail<Point>;
}

/** Looks for objects, each for itself, or for a number of them. */
export function createObjectNode(condition: ObjectCondition, places: Places, from?: NodeState): Node {
  const { in: within, min_size = 0, max_size = 1, min_score = 0 } = condition;
  const zones = within?.map((name) => places.zones.get(name)).filter((zone) => zone !== undefined);
  const move = moveOf(condition, places.zones, places.lines);
  const speed = condition.speed === undefined ? undefined : comparisonFrom(condition.speed);
  const count = condition.count === undefined ? undefined : comparisonFrom(condition.count);
  const seconds = condition.for ?? 0;
  const lasting = createLasting(seconds, from?.run);
  const objects = new Map(from?.objects?.map((memory) => [memory.id, memory]));
  let vocabulary: Vocabulary = [];
  let names = new Set<number>();

  function see(object: SceneObject, { seconds: now, aspect }: Scene, patience: number): ObjectMemory {
    const { id, box, score, share } = object;
    const known = objects.get(id);
    const before = known && !lasted(known.seen, now, patience) ? known : undefined;
    const point: Point = [(box[0] + box[2]) / 2, box[3]];
    const moment: Moment = { seconds: now, track: id, score, share, box, quality: score * Math.sqrt(share) };
    const followed = move && follow(move, before?.side, point, now);
    const trail = speed && extended(before?.trail ?? [], now, point);
    const holds =
      share >= min_size &&
      share <= max_size &&
      score >= min_score &&
      (!zones || zones.some((zone) => isInside(zone, point))) &&
      (!trail || !speed || isFast(trail, point, now, aspect));
    const memory = {
      ...{ id, name: vocabulary[object.name].name, seen: now, now: moment },
      ...(followed && { side: followed.side }),
      ...(trail && { trail }),
    };
    if (move) {
      const moved = holds ? followed?.moved : undefined;
      if (moved === undefined)
        return { ...memory, at: before?.at ?? null, run: before?.run ?? null, best: before?.best ?? null };
      return { ...memory, at: now, run: { since: moved, last: now }, best: moment };
    }
    if (!holds) return { ...memory, at: null, run: before?.run ?? null, best: before?.best ?? null };
    const goesOn = before?.run && !lasted(before.run.last, now, patience);
    const since = goesOn && before?.run ? before.run.since : now;
    const best = goesOn && before?.best && before.best.quality >= moment.quality ? before.best : moment;
    return { ...memory, at: now, run: { since, last: now }, best };
  }

  function isFast(trail: Trail<Point>, [x, y]: Point, now: number, aspect: number): boolean {
    const then = origin(trail, now);
    if (!speed || !then) return false;
    const way = Math.hypot((x - then.value[0]) * aspect, y - then.value[1]);
    return compares(speed, way / then.seconds);
  }

  function each(matched: readonly Matched[]): Evidence | undefined {
    const long = matched.filter(({ run }) => lasted(run.since, run.last, seconds));
    if (long.length === 0) return undefined;
    return {
      at: Math.max(...long.map(({ at }) => at)),
      began: Math.min(...long.map(({ run }) => run.since)),
      ...partsOf(long),
      best: long.map(({ best }) => best).reduce((a, b) => (b.quality > a.quality ? b : a)),
    };
  }

  function together(matched: readonly Matched[], now: number, patience: number): Evidence | undefined {
    if (!count) return undefined;
    const holds = compares(count, matched.length);
    return lasting.after(
      holds ? { ...partsOf(matched), began: now, ...countedAt() } : undefined,
      now,
      patience,
    );

    function countedAt() {
      const inSight = matched.filter(({ seen }) => seen === now).map((memory) => memory.now);
      const largest = inSight.reduce((a, b) => (b.quality > a.quality ? b : a), nothing(now));
      const quality = inSight.reduce((sum, moment) => sum + moment.quality, 0);
      return { at: provenAt(matched, now), best: inSight.length > 0 ? { ...largest, quality } : largest };
    }
  }

  /** When as many were in sight as are needed. */
  function provenAt(matched: readonly Matched[], now: number): number {
    if (!count || count.operator === '<' || count.operator === '<=' || count.operator === '!=') return now;
    const needed = count.operator === '>' ? count.value + 1 : count.value;
    return matched.map(({ at }) => at).sort((a, b) => b - a)[needed - 1] ?? now;
  }

  return {
    look(scene, patience) {
      const { seconds: now } = scene;
      for (const object of scene.objects) {
        if (names.has(object.name)) objects.set(object.id, see(object, scene, patience));
      }
      for (const [id, { seen }] of objects) if (lasted(seen, now, patience)) objects.delete(id);
      const matched = [...objects.values()].filter(isMatched).filter(({ at }) => !lasted(at, now, patience));
      return count ? together(matched, now, patience) : each(matched);
    },
    words(now) {
      vocabulary = now;
      names = new Set(namesOf(condition.object, now));
    },
    state: () => ({ objects: [...objects.values()], run: lasting.run() }),
  };
}

type Matched = ObjectMemory & {
  readonly at: number;
  readonly run: { readonly since: number; readonly last: number };
  readonly best: Moment;
};

const isMatched = (memory: ObjectMemory): memory is Matched =>
  memory.at !== null && memory.run !== null && memory.best !== null;

const partsOf = (matched: readonly Matched[]) => ({
  tracks: matched.map(({ id }) => id),
  names: [...new Set(matched.map(({ name }) => name))],
});
