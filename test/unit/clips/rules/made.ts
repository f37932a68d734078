import { createRuleEngine, type EngineOptions, type RuleEvent } from '../../../../src/clips/rules/engine.ts';
import { rulesFrom } from '../../../../src/clips/rules/read-rules.ts';
import type { Scene, SceneObject } from '../../../../src/clips/rules/scene.ts';
import type { Vocabulary } from '../../../../src/core/vocabulary.ts';

export const entry = (name: string, isthing: boolean, ...more: string[]) => ({
  name,
  synonyms: [name, ...more],
  other: false,
  isthing,
});

export const WORDS: Vocabulary = [
  entry('car', true, 'vehicle'),
  entry('person', true),
  entry('water', false),
  entry('sky', false, 'clouds'),
];
export const [CAR, PERSON, WATER, SKY] = [0, 1, 2, 3];

/** An object whose lower edge has its middle at (x, y). */
export const object = (
  id: number,
  name: number,
  x = 0.5,
  y = 0.5,
  more: Partial<SceneObject> = {},
): SceneObject => ({
  ...{ id, name, score: 0.8, share: 0.01, box: [x - 0.05, y - 0.1, x + 0.05, y] as const },
  ...more,
});

/** A scene of a square picture; `shares`: by name, in zones, too. */
export const scene = (
  seconds: number,
  objects: readonly SceneObject[],
  shares: Readonly<Record<number, number>> = {},
): Scene => ({ seconds, aspect: 1, objects, share: (name) => shares[name] ?? 0 });

/** Scenes so many times a second from 0 on, as `show` tells for each. */
export const film = (
  frames: number,
  show: (seconds: number, frame: number) => Scene | readonly SceneObject[],
  rate = 10,
): Scene[] =>
  Array.from({ length: frames }, (_, frame) => {
    const shown = show(frame / rate, frame);
    return 'seconds' in shown ? shown : scene(frame / rate, shown);
  });

export const ZONES = {
  left: [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ],
  middle: [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 0.6],
    [0.4, 0.6],
  ],
} as const;
export const LINES = {
  across: [
    [0.2, 0.5],
    [0.8, 0.5],
  ],
} as const;

/** Rules of these conditions, each called by its place, with what else is said of all of them. */
export const rulesOf = (conditions: readonly object[], more: object = {}) =>
  rulesFrom({
    zones: ZONES,
    lines: LINES,
    rules: conditions.map((when, i) => ({ name: `rule ${i}`, when, ...more })),
  });

/** All events of a film. */
export function run(
  scenes: readonly Scene[],
  when: object,
  more: object = {},
  options: Partial<EngineOptions> = {},
): RuleEvent[] {
  const engine = createRuleEngine(rulesOf([when], more), WORDS, { source: 'film', ...options });
  return [...scenes.flatMap((one) => engine.push(one)), ...engine.finish(scenes.at(-1)?.seconds ?? 0)];
}

/** When events began and ended, in the order in which they closed. */
export const spans = (
  events: readonly RuleEvent[],
): (readonly [began: number, ended: number | undefined])[] =>
  events.filter(({ type }) => type === 'close').map(({ began, ended }) => [began, ended]);
