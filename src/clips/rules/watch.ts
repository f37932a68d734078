import { createHash } from 'node:crypto';
import type { Vocabulary } from '../../core/vocabulary.ts';
import { goneOn, type OpenEvent, opened, type RuleEvent, said } from './event.ts';
import { lasted } from './lasting.ts';
import { createNode, type NodeState } from './node.ts';
import type { Condition, Line, Rule, Rules, Zone } from './rules.ts';
import type { Scene } from './scene.ts';
import { createSchedule } from './schedule.ts';

/** One rule at work: at most one event at a time. */
export interface Watch {
  readonly rule: Rule;
  readonly definition: string;
  /** `usual`: seconds from scene to scene; undefined as long as there was one alone. */
  look(scene: Scene, usual: number | undefined): RuleEvent[];
  /** What has been over for long enough by then. */
  passed(seconds: number, usual: number | undefined): RuleEvent[];
  /** Ends what goes on, and says why. */
  end(seconds: number, why: string): RuleEvent[];
  /** What goes on, as if it was opened now. */
  open(): RuleEvent[];
  words(vocabulary: Vocabulary): void;
  state(): WatchState;
}

export interface WatchState {
  readonly name: string;
  readonly definition: string;
  /** From when on another event may begin, and since when the schedule has counted. */
  readonly free: number | null;
  readonly counting: number | null;
  readonly event: OpenEvent | null;
  readonly node: NodeState;
}

export interface WatchOptions {
  readonly source: string;
  /** Milliseconds since 1970; undefined: schedules always count. */
  readonly utc: ((seconds: number) => number) | undefined;
}

/** Seconds between two messages about an event, at least. */
const TELL = 1;
/** Scenes that may be missing without a gap, in units of the usual distance: not one, but they need not come evenly. */
const UNEVEN = 2.5;
/** Seconds for which a second scene is waited for, and the least patience there is. */
const [FIRST, LEAST] = [10, 0.01];

export function createWatch(rules: Rules, rule: Rule, options: WatchOptions, from?: WatchState): Watch {
  const { name, linger, cooldown } = rule;
  const node = createNode(rule.when, placesOf(rules), from?.node);
  const counts = createSchedule(rule.schedule);
  const definition = definitionOf(rules, rule);
  let { free, counting, event } = from ?? { free: null, counting: null, event: null };

  const patienceFor = (usual: number | undefined) =>
    Math.max(linger, usual === undefined ? FIRST : UNEVEN * usual, LEAST);

  function passed(seconds: number, usual: number | undefined): RuleEvent[] {
    const patience = patienceFor(usual);
    if (!event || !lasted(event.last, seconds, patience)) return [];
    const over = event;
    const at = over.last + patience;
    free = Math.max(at, over.last + cooldown);
    event = null;
    return [said('close', name, over, at)];
  }

  return {
    rule,
    definition,
    passed,
    look(scene, usual) {
      const { seconds: now } = scene;
      const evidence = node.look(scene, patienceFor(usual));
      const isTime = options.utc === undefined || counts(options.utc(now));
      counting = isTime ? (counting ?? now) : null;
      if (!evidence || counting === null) return [];
      if (event) {
        event = goneOn(event, evidence);
        if (!event.more || !lasted(event.told, now, TELL)) return [];
        event = { ...event, told: now, more: false };
        return [said('update', name, event, now)];
      }
      const earliest = Math.max(free ?? counting, counting);
      // What happened before then does not count, though it may still be remembered.
      if (!lasted(earliest, evidence.at, 0)) return [];
      const began = Math.min(now, Math.max(evidence.began, earliest));
      event = opened(options.source, name, began, now, evidence);
      return [said('open', name, event, now)];
    },
    end(seconds, why) {
      const closed = ended({ name, event }, seconds, why);
      event = null;
      return closed;
    },
    open: () => (event ? [said('open', name, event, event.told)] : []),
    words: (vocabulary) => node.words(vocabulary),
    state: () => ({ name, definition, free, counting, event, node: node.state() }),
  };
}

/** Ends what goes on, if anything, and says why. */
export function ended(
  { name, event }: Pick<WatchState, 'name' | 'event'>,
  seconds: number,
  why: string,
): RuleEvent[] {
  return event ? [said('close', name, event, Math.max(seconds, event.last), why)] : [];
}

/** The same for rules that say the same of the same places. */
export function definitionOf(rules: Rules, rule: Rule): string {
  const { zones, lines } = placesIn(rule.when);
  const shown = {
    rule,
    zones: [...zones].sort().map((name) => [name, rules.zones[name]]),
    lines: [...lines].sort().map((name) => [name, rules.lines[name]]),
  };
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 24);
}

interface PlaceNames {
  readonly zones: ReadonlySet<string>;
  readonly lines: ReadonlySet<string>;
}

function placesIn(condition: Condition): PlaceNames {
  const known = (names: readonly (string | undefined)[]) =>
    new Set(names.filter((name) => name !== undefined));
  if ('object' in condition) {
    const { in: within = [], enters, leaves, crosses } = condition;
    return { zones: known([...within, enters, leaves]), lines: known([crosses]) };
  }
  if ('stuff' in condition) return { zones: known([condition.in]), lines: known([]) };
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : [condition.not];
  const below = parts.map(placesIn);
  return {
    zones: known(below.flatMap(({ zones }) => [...zones])),
    lines: known(below.flatMap(({ lines }) => [...lines])),
  };
}

const placesOf = ({ zones, lines }: Rules) => ({
  zones: new Map<string, Zone>(Object.entries(zones)),
  lines: new Map<string, Line>(Object.entries(lines)),
});
