import type { Vocabulary } from '../../core/vocabulary.ts';
import { type Evidence, nothing } from './evidence.ts';
import { createLasting, lasted } from './lasting.ts';
import type { Node, NodeState, Places } from './node.ts';
import { createLookAt, type ObjectMemory } from './object-memory.ts';
import { type Comparison, comparisonFrom } from './quantities.ts';
import type { ObjectCondition } from './rules.ts';
import { namesOf } from './words.ts';

type Held = ObjectMemory & { readonly held: NonNullable<ObjectMemory['held']> };

/** Looks for objects, each for itself, or for a number of them. */
export function createObjectNode(condition: ObjectCondition, places: Places, from?: NodeState): Node {
  const lookAt = createLookAt(condition, places);
  const count = condition.count === undefined ? undefined : comparisonFrom(condition.count);
  const seconds = condition.for ?? 0;
  const lasting = createLasting(seconds, from?.run);
  const objects = new Map(from?.objects?.map((memory) => [memory.id, memory]));
  let vocabulary: Vocabulary = [];
  let names = new Set<number>();

  return {
    look(scene, patience) {
      const { seconds: now, aspect } = scene;
      const about = { seconds: now, aspect, patience };
      for (const [id, { seen }] of objects) if (lasted(seen, now, patience)) objects.delete(id);
      for (const object of scene.objects) {
        if (!names.has(object.name)) continue;
        const { name } = vocabulary[object.name];
        objects.set(object.id, lookAt(object, name, about, objects.get(object.id)));
      }
      const late = [...objects.values()].filter((one): one is Held => one.held !== null);
      const lately = late.filter(({ held }) => !lasted(held.last, now, patience));
      const there = lately.filter(({ holds }) => holds);
      if (!count) return each(there.filter(({ held }) => lasted(held.since, held.last, seconds)));
      const most = lasting.goesOn(now, patience) ? there.length : lately.length;
      const holds = isCount(count, there.length, most);
      return lasting.after(holds ? together(there, count, now) : undefined, now, patience);
    },
    words(now) {
      vocabulary = now;
      names = new Set(namesOf(condition.object, now));
    },
    state: () => ({ objects: [...objects.values()], run: lasting.run() }),
  };
}

function each(there: readonly Held[]): Evidence | undefined {
  if (there.length === 0) return undefined;
  return {
    at: Math.max(...there.map(({ held }) => held.last)),
    began: Math.min(...there.map(({ held }) => held.since)),
    ...partsOf(there),
    best: there.map(({ held }) => held.best).reduce((a, b) => (b.quality > a.quality ? b : a)),
  };
}

/**
 * Whether there are so many: surely `least`, and perhaps `most`. That there are few begins only where those do not count
 * either of which all was true a moment ago: that something is missed once makes them no fewer.
 */
function isCount({ operator, value }: Comparison, least: number, most: number): boolean {
  switch (operator) {
    case '>':
      return least > value;
    case '>=':
      return least >= value;
    case '<':
      return most < value;
    case '<=':
      return most <= value;
    case '=':
      return least >= value && most <= value;
    case '!=':
      return least > value || most < value;
  }
}

function together(there: readonly Held[], { operator, value }: Comparison, now: number): Evidence {
  const inSight = there.filter(({ seen }) => seen === now).map((one) => one.now);
  const largest = inSight.reduce((a, b) => (b.quality > a.quality ? b : a), nothing(now));
  const quality = inSight.reduce((sum, moment) => sum + moment.quality, 0);
  const best = inSight.length > 0 ? { ...largest, quality } : largest;
  // When as many were in sight as are needed.
  const needed = operator === '>' ? value + 1 : operator === '>=' || operator === '=' ? value : 0;
  const times = there.map(({ held }) => held.last).sort((a, b) => b - a);
  return { at: times[needed - 1] ?? now, began: now, ...partsOf(there), best };
}

const partsOf = (there: readonly Held[]) => ({
  tracks: there.map(({ id }) => id),
  names: [...new Set(there.map(({ name }) => name))],
});
