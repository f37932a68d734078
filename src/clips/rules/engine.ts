import type { Vocabulary } from '../../core/vocabulary.ts';
import type { RuleEvent } from './event.ts';
import type { Rules } from './rules.ts';
import type { Scene } from './scene.ts';
import { createWatch, definitionOf, ended, type Watch, type WatchOptions, type WatchState } from './watch.ts';

export type { RuleEvent } from './event.ts';

/** Turns what is seen into events. It knows no clock: the same scenes make the same events, whenever they come. */
export interface RuleEngine {
  /** The events of the next scene. One that is not later than the last one tells nothing. */
  push(scene: Scene): RuleEvent[];
  /**
   * Time without scenes: what must close closes. Events are the same, at the same seconds, whether this is called or the
   * next scene comes.
   */
  passed(seconds: number): RuleEvent[];
  /**
   * Other rules, or other words, from now on. What goes on by a rule that still is what it was goes on; all else closes.
   * Scenes must have the names of the new vocabulary.
   */
  change(rules: Rules, vocabulary: Vocabulary, seconds: number): RuleEvent[];
  /** Nothing more will be seen: all that goes on closes. `why` is said of it. */
  finish(seconds: number, why?: string): RuleEvent[];
  /** What goes on, each as an event that opens: for whoever has not heard of it. */
  open(): RuleEvent[];
  /** All that is remembered, as JSON; another engine goes on from it with the very same events. */
  state(): EngineState;
}

export interface EngineOptions {
  /** Whose events they are: a part of their ids. */
  readonly source: string;
  /** Milliseconds since 1970 of a scene's time; without it, schedules always count. */
  readonly utc?: (seconds: number) => number;
  /** What another engine remembered, be it of other rules or words; what cannot be used is left aside. */
  readonly from?: EngineState;
}

export interface EngineState {
  readonly version: 1;
  /** Of the last scene. */
  readonly seconds: number | null;
  /** Seconds between the last few scenes. */
  readonly distances: readonly number[];
  readonly rules: readonly WatchState[];
  /** What nobody has been told of yet. */
  readonly untold: readonly RuleEvent[];
}

/** Distances between scenes that tell the usual one: half of them may be gaps. */
const KEPT = 5;
const [CHANGED, REMOVED, ENDED] = ['the rule was changed', 'the rule was removed', 'the stream ended'];
const OFF = 'the rule was switched off';

const isOn = ({ enabled }: Rules['rules'][number]) => enabled !== false;

export function createRuleEngine(rules: Rules, vocabulary: Vocabulary, options: EngineOptions): RuleEngine {
  const from = options.from?.version === 1 ? options.from : undefined;
  const settings: WatchOptions = { source: options.source, utc: options.utc };
  let seconds = from?.seconds ?? null;
  let distances = from?.distances ?? [];
  let watches: readonly Watch[] = [];
  /** What has ended before there was anybody to tell. */
  let untold = from?.untold ?? [];

  const usual = () => distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)];

  /** The same as before where states fit; events of others close. */
  function begin(next: Rules, words: Vocabulary, states: readonly WatchState[], now: number): RuleEvent[] {
    const left = new Map(states.map((state) => [state.name, state]));
    watches = next.rules.filter(isOn).map((rule) => {
      const state = left.get(rule.name);
      const fits = state?.definition === definitionOf(next, rule);
      if (fits) left.delete(rule.name);
      return createWatch(next, rule, settings, fits ? state : undefined);
    });
    for (const watch of watches) watch.words(words);
    const known = new Map(next.rules.map((rule) => [rule.name, isOn(rule) ? CHANGED : OFF]));
    return [...left.values()].flatMap((state) => ended(state, now, known.get(state.name) ?? REMOVED));
  }

  function passed(now: number): RuleEvent[] {
    const closed = [...untold, ...watches.flatMap((watch) => watch.passed(now, usual()))];
    untold = [];
    return closed;
  }

  untold = [...untold, ...begin(rules, vocabulary, from?.rules ?? [], from?.seconds ?? 0)];

  return {
    push(scene) {
      const { seconds: now } = scene;
      if (seconds !== null && now <= seconds) return [];
      const events = passed(now);
      if (seconds !== null) distances = [...distances, now - seconds].slice(-KEPT);
      seconds = now;
      return [...events, ...watches.flatMap((watch) => watch.look(scene, usual()))];
    },
    passed,
    change(next, words, now) {
      const events = passed(now);
      return [
        ...events,
        ...begin(
          next,
          words,
          watches.map((watch) => watch.state()),
          now,
        ),
      ];
    },
    finish: (now, why = ENDED) => [...passed(now), ...watches.flatMap((watch) => watch.end(now, why))],
    open: () => watches.flatMap((watch) => watch.open()),
    state: () =>
      structuredClone({
        version: 1,
        ...{ seconds, distances, untold },
        rules: watches.map((watch) => watch.state()),
      }),
  };
}
