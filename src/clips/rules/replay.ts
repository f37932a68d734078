import type { Vocabulary } from '../../core/vocabulary.ts';
import { createRuleEngine, type EngineOptions, type RuleEvent } from './engine.ts';
import type { Rules } from './rules.ts';
import type { Scene } from './scene.ts';

/** Rules over what was seen in the past: the events that they would have made. */
export interface Replay {
  push(scene: Scene): void;
  /** Time without scenes. */
  passed(seconds: number): void;
  /** Nothing is seen any more, as when a stream is paused: events that are open end, and what follows begins anew. */
  stop(seconds: number, why: string): void;
  /** How many events there are. */
  readonly count: number;
  /** Each as it was last spoken of, by when it began; those that go on are not closed. */
  events(): readonly RuleEvent[];
}

export function createReplay(
  rules: Rules,
  vocabulary: Vocabulary,
  options: Pick<EngineOptions, 'source' | 'utc'>,
): Replay {
  const events = new Map<string, RuleEvent>();
  let engine = createRuleEngine(rules, vocabulary, options);
  const tell = (told: readonly RuleEvent[]) => {
    for (const event of told) events.set(event.id, event);
  };
  return {
    push: (scene) => tell(engine.push(scene)),
    passed: (seconds) => tell(engine.passed(seconds)),
    stop(seconds, why) {
      tell(engine.finish(seconds, why));
      engine = createRuleEngine(rules, vocabulary, options);
    },
    get count() {
      return events.size;
    },
    events() {
      // What came last may not have been told yet.
      tell(engine.open());
      return [...events.values()].sort((a, b) => a.began - b.began);
    },
  };
}
