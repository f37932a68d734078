import type { Moment } from './evidence.ts';
import { isInside } from './geometry.ts';
import { lasted } from './lasting.ts';
import { follow, moveOf, type Side } from './moves.ts';
import type { Places } from './node.ts';
import { compares, comparisonFrom } from './quantities.ts';
import type { ObjectCondition, Point } from './rules.ts';
import type { Scene, SceneObject } from './scene.ts';
import { extended, origin, type Trail } from './trail.ts';

/** What is remembered of an object that was seen of late. */
export interface ObjectMemory {
  readonly id: number;
  readonly name: string;
  /** When it was seen last, and how it looked. */
  readonly seen: number;
  readonly now: Moment;
  /** Whether all that is asked was true of it then; of a move, whether it made it at all. */
  readonly holds: boolean;
  /** From when to when that has been so, but for a moment, and how it showed best; null where it never was. */
  readonly held: { readonly since: number; readonly last: number; readonly best: Moment } | null;
  readonly side?: Side;
  readonly trail?: Trail<Point>;
}

/** Gives what is remembered of an object after one more look at it. `before`: what was, if it was seen of late. */
export type LookAt = (
  object: SceneObject,
  name: string,
  about: Pick<Scene, 'seconds' | 'aspect'> & { readonly patience: number },
  before: ObjectMemory | undefined,
) => ObjectMemory;

export function createLookAt(condition: ObjectCondition, places: Places): LookAt {
  const { in: within, min_size = 0, max_size = 1, min_score = 0 } = condition;
  const zones = within?.map((name) => places.zones.get(name)).filter((zone) => zone !== undefined);
  const move = moveOf(condition, places.zones, places.lines);
  const speed = condition.speed === undefined ? undefined : comparisonFrom(condition.speed);

  function isFast(trail: Trail<Point>, [x, y]: Point, now: number, aspect: number): boolean {
    const then = origin(trail, now);
    if (!speed || !then) return false;
    const way = Math.hypot((x - then.value[0]) * aspect, y - then.value[1]);
    return compares(speed, way / then.seconds);
  }

  return (object, name, { seconds: now, aspect, patience }, before) => {
    const { id, box, score, share } = object;
    const point: Point = [(box[0] + box[2]) / 2, box[3]];
    const moment: Moment = { seconds: now, track: id, score, share, box, quality: score * Math.sqrt(share) };
    const followed = move && follow(move, before?.side, point, now);
    const trail = speed && extended(before?.trail ?? [], now, point);
    const fits =
      share >= min_size &&
      share <= max_size &&
      score >= min_score &&
      (!zones || zones.some((zone) => isInside(zone, point))) &&
      (!trail || isFast(trail, point, now, aspect));
    const memory = {
      ...{ id, name, seen: now, now: moment },
      ...(followed && { side: followed.side }),
      ...(trail && { trail }),
    };
    const held = before?.held ?? null;
    if (followed) {
      if (!fits || followed.moved === undefined) return { ...memory, holds: before?.holds ?? false, held };
      return { ...memory, holds: true, held: { since: followed.moved, last: now, best: moment } };
    }
    if (!fits) return { ...memory, holds: false, held };
    const goesOn = held !== null && !lasted(held.last, now, patience);
    const best = goesOn && held.best.quality >= moment.quality ? held.best : moment;
    return { ...memory, holds: true, held: { since: goesOn ? held.since : now, last: now, best } };
  };
}
