import type { Vocabulary } from '../../core/vocabulary.ts';
import { type Evidence, joined, plain } from './evidence.ts';
import { createLasting, lasted, type Run } from './lasting.ts';
import type { ObjectMemory } from './object-memory.ts';
import { createObjectNode } from './object-node.ts';
import type { Condition, Line, NotCondition, Zone } from './rules.ts';
import type { Scene } from './scene.ts';
import { createStuffNode } from './stuff-node.ts';
import type { Trail } from './trail.ts';

/** A condition with what it remembers. */
export interface Node {
  /**
   * Why it holds in the next scene; undefined where it does not. `patience`: seconds for which what is out of sight
   * counts as it was.
   */
  look(scene: Scene, patience: number): Evidence | undefined;
  /** The names that scenes have from now on. */
  words(vocabulary: Vocabulary): void;
  state(): NodeState;
}

/** What a condition remembers, as JSON. */
export interface NodeState {
  readonly run?: Run | null;
  readonly objects?: readonly ObjectMemory[];
  readonly trail?: Trail<number>;
  readonly below?: readonly NodeState[];
  /** When what is denied held last. */
  readonly last?: number | null;
}

export interface Places {
  readonly zones: ReadonlyMap<string, Zone>;
  readonly lines: ReadonlyMap<string, Line>;
}

/** `from`: what the same condition remembered before. */
export function createNode(condition: Condition, places: Places, from?: NodeState): Node {
  if ('object' in condition) return createObjectNode(condition, places, from);
  if ('stuff' in condition) return createStuffNode(condition, places, from);
  if ('not' in condition) return createNotNode(condition, places, from);
  const parts = 'all' in condition ? condition.all : condition.any;
  const combined = 'all' in condition ? all : any;
  const below = parts.map((part, i) => createNode(part, places, from?.below?.[i]));
  const lasting = condition.for ? createLasting(condition.for, from?.run) : undefined;
  return {
    look(scene, patience) {
      // Each of them looks at every scene, whatever the others say.
      const evidence = combined(below.map((node) => node.look(scene, patience)));
      return lasting ? lasting.after(evidence, scene.seconds, patience) : evidence;
    },
    words(vocabulary) {
      for (const node of below) node.words(vocabulary);
    },
    state: () => ({ below: below.map((node) => node.state()), ...(lasting && { run: lasting.run() }) }),
  };
}

/** Begins where the other has not held for a while: that something is missed once is no absence. */
function createNotNode(condition: NotCondition, places: Places, from?: NodeState): Node {
  const below = createNode(condition.not, places, from?.below?.[0]);
  const lasting = createLasting(condition.for ?? 0, from?.run);
  let last = from?.last ?? null;
  return {
    look(scene, patience) {
      const { seconds: now } = scene;
      const found = below.look(scene, patience);
      if (found) last = Math.max(found.at, last ?? found.at);
      const begins = last === null || lasted(last, now, patience);
      const holds = !found && (begins || lasting.goesOn(now, patience));
      return lasting.after(holds ? plain(now) : undefined, now, patience);
    },
    words: (vocabulary) => below.words(vocabulary),
    state: () => ({ below: [below.state()], run: lasting.run(), last }),
  };
}

type Found = readonly (Evidence | undefined)[];

function all(found: Found): Evidence | undefined {
  const held = found.filter((one) => one !== undefined);
  if (held.length < found.length) return undefined;
  return held.reduce((a, b) => ({
    at: Math.min(a.at, b.at),
    began: Math.max(a.began, b.began),
    ...joined(a, b),
  }));
}

function any(found: Found): Evidence | undefined {
  const held = found.filter((one) => one !== undefined);
  if (held.length === 0) return undefined;
  return held.reduce((a, b) => ({
    at: Math.max(a.at, b.at),
    began: Math.min(a.began, b.began),
    ...joined(a, b),
  }));
}
