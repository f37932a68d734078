import type { Logger } from 'pino';
import type { Report } from '../../src/clips/events/report.ts';
import { createRuleEngine, type EngineState, type RuleEvent } from '../../src/clips/rules/engine.ts';
import { DEFAULTS, type Rules } from '../../src/clips/rules/rules.ts';
import type { Vocabulary } from '../../src/core/vocabulary.ts';
import { wallOf } from '../../src/media/rtsp/clock.ts';
import type { Seen } from '../../src/pipeline/live.ts';
import { sceneOf } from '../../src/pipeline/scene.ts';
import type { Notices } from '../../src/queue/notices.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { streamKeys } from '../../src/streams/description.ts';

/**
 * Looks for what a stream's rules wait for. What an event has come to is written down before anybody is told of it, so that
 * whoever holds the stream next goes on with the same events.
 */
export interface RuleWatch {
  seen(frame: Seen): void;
  /** Other rules from now on; events of those that stay go on. */
  change(rules: Rules): void;
  /** What was said since it was asked last. */
  reports(): readonly unknown[];
  /** Nothing is seen any more. `why`: events that are open end with that; undefined: another holder goes on with them. */
  end(why: string | undefined): Promise<void>;
}

export interface RuleWatchDeps {
  readonly stream: string;
  readonly token: () => number;
  readonly rules: Rules;
  readonly storage: Storage;
  readonly notices: Notices;
  readonly log: Logger;
}

/** Milliseconds between two looks at whether something has ended while nothing came, and from a failed try to the next. */
const [LOOK, AGAIN] = [500, 1000];
/** Milliseconds between two records of what is remembered, where nothing happens. */
const RECORD = 2000;
const MOST_REPORTS = 1000;

export async function watchRules(deps: RuleWatchDeps): Promise<RuleWatch> {
  const { stream, token, storage, notices, log } = deps;
  const utc = (seconds: number) => seconds * 1000;
  const left = await stateLeft(deps);
  let { rules } = deps;
  let vocabulary: Vocabulary | undefined;
  let engine: ReturnType<typeof createRuleEngine> | undefined;
  let latest = 0;
  let said: unknown[] = [];
  let recorded = Date.now();
  let work: Promise<void> = Promise.resolve();

  function begin(words: Vocabulary): void {
    vocabulary = words;
    engine = createRuleEngine(rules, words, { source: stream, utc, ...(left && { from: left }) });
    // The server may not have heard of them: their holder went away.
    say(engine.open());
  }

  /** `by`: the rules that the events are of. */
  function say(events: readonly RuleEvent[], by = rules): void {
    const now = Date.now();
    if (!engine || (events.length === 0 && now - recorded < RECORD)) return;
    recorded = now;
    const state = JSON.stringify(engine.state());
    const reports = events.map((event) => ({ stream, token: token(), event, clip: clipOf(event, by) }));
    said = [...said, ...reports].slice(-MOST_REPORTS);
    const key = streamKeys(stream).rules(token());
    work = work.then(async () => {
      await insist(() => storage.put(key, state), events.length > 0);
      await insist(
        () =>
          notices.tell(
            'events',
            reports.map((report) => JSON.stringify(report)),
          ),
        events.length > 0,
      );
    });
  }

  /** What somebody waits for is tried until it goes through. */
  async function insist(step: () => Promise<unknown>, matters: boolean): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await step();
        return;
      } catch (error) {
        if (tries === 0 && matters) log.warn({ stream, err: error }, 'an event cannot be told: trying again');
        if (!matters || (ended && tries > 3)) return;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }

  let ended = false;
  const looking = setInterval(() => {
    const now = Date.now() / 1000;
    // What was seen a moment ago may still be on its way.
    if (engine && now - latest > 2) say(engine.passed(now - 2));
  }, LOOK);

  return {
    seen({ pts, naming, vocabulary: words }) {
      latest = wallOf(pts) / 1000;
      if (!engine) begin(words);
      else if (words !== vocabulary) {
        vocabulary = words;
        say(engine.change(rules, words, latest));
      }
      say(engine!.push(sceneOf(naming, words, { seconds: latest, size: naming })));
    },
    change(next) {
      const before = rules;
      rules = next;
      if (engine && vocabulary) say(engine.change(rules, vocabulary, Math.max(latest, 0)), before);
    },
    reports() {
      const reports = said;
      said = [];
      return reports;
    },
    async end(why) {
      ended = true;
      clearInterval(looking);
      if (engine && why !== undefined) {
        say(engine.finish(Math.max(latest, Date.now() / 1000), why));
        await work;
        await storage.remove(streamKeys(stream).rules(token())).catch(() => {}); // The sweep does it.
      }
      await work;
    },
  };
}

/** Seconds of the clip of an event before and after it; null: there shall be none. */
function clipOf({ rule }: RuleEvent, { rules }: Rules): Report['clip'] {
  const { clip, pre_roll, post_roll } = rules.find(({ name }) => name === rule) ?? DEFAULTS;
  return clip ? { before: pre_roll, after: post_roll } : null;
}

/** What the last holder has left; undefined where there was none. */
async function stateLeft({ stream, storage, log }: RuleWatchDeps): Promise<EngineState | undefined> {
  try {
    const keys: string[] = [];
    for await (const { key } of storage.list(streamKeys(stream).rules(undefined))) keys.push(key);
    const tokenOf = (key: string) => Number(/-(\d+)\.json$/.exec(key)?.[1] ?? 0);
    const newest = keys.sort((a, b) => tokenOf(a) - tokenOf(b)).at(-1);
    return newest === undefined ? undefined : JSON.parse(String(await storage.read(newest)));
  } catch (error) {
    log.warn({ stream, err: error }, 'what rules remembered cannot be read: they begin anew');
    return undefined;
  }
}
