import type { Vocabulary } from '../../core/vocabulary.ts';
import { type Evidence, plain } from './evidence.ts';
import { createLasting, lasted } from './lasting.ts';
import type { Node, NodeState, Places } from './node.ts';
import { compares, comparisonFrom } from './quantities.ts';
import type { StuffCondition } from './rules.ts';
import type { Scene } from './scene.ts';
import { extended, origin, type Trail } from './trail.ts';
import { namesOf } from './words.ts';

/** Looks at how much of the picture, or of a zone, has one of some names. */
export function createStuffNode(condition: StuffCondition, places: Places, from?: NodeState): Node {
  const zone = condition.in === undefined ? undefined : places.zones.get(condition.in);
  const share = condition.share === undefined ? undefined : comparisonFrom(condition.share);
  const change = condition.change === undefined ? undefined : comparisonFrom(condition.change);
  const lasting = createLasting(condition.for ?? 0, from?.run);
  const isLittle = share?.operator === '<' || share?.operator === '<=';
  let trail: Trail<number> = from?.trail ?? [];
  let vocabulary: Vocabulary = [];
  let names: readonly number[] = [];

  function evidenceOf(scene: Scene, patience: number): Evidence | undefined {
    const { seconds: now } = scene;
    // Of what there is no word for nothing is known.
    if (names.length === 0) return undefined;
    const parts = names.map((name) => ({ name, part: scene.share(name, zone) }));
    const whole = parts.reduce((sum, { part }) => sum + part, 0);
    const last = trail.at(-1);
    if (change)
      trail = extended(last && lasted(last[0], now, Math.max(patience, 1)) ? [] : trail, now, whole);
    if (share && !compares(share, whole)) return undefined;
    const then = change && origin(trail, now);
    if (change && !(then && compares(change, (whole - then.value) / then.seconds))) return undefined;
    const seen = parts.filter(({ part }) => part > 0);
    const quality = (isLittle ? 1 - whole : whole) - 1;
    return {
      ...plain(now),
      names: (seen.length > 0 ? seen : parts).map(({ name }) => vocabulary[name].name),
      best: { seconds: now, score: 1, share: whole, quality },
    };
  }

  return {
    look: (scene, patience) => lasting.after(evidenceOf(scene, patience), scene.seconds, patience),
    words(now) {
      vocabulary = now;
      names = namesOf(condition.stuff, now);
    },
    state: () => ({ run: lasting.run(), ...(change && { trail }) }),
  };
}
