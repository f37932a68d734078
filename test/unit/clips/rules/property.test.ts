import { describe, expect, it } from 'vitest';
import { createRuleEngine, type EngineState, type RuleEvent } from '../../../../src/clips/rules/engine.ts';
import { readRules } from '../../../../src/clips/rules/read-rules.ts';
import type { Rules } from '../../../../src/clips/rules/rules.ts';
import type { Scene, SceneObject } from '../../../../src/clips/rules/scene.ts';
import { numbers } from '../../associate/random.ts';
import { LINES, WORDS, ZONES } from './made.ts';
import { naiveEvents } from './naive.ts';

/** Random rules on random scenes. */

const FRAMES = 70;

type Random = () => number;
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)];

function randomCondition(random: Random, depth: number): object {
  const chance = (part: number) => random() < part;
  const times = chance(0.4) ? { for: pick(random, [0.3, 0.5, 1, 1.5]) } : {};
  if (depth > 0 && chance(0.55)) {
    const parts = () => [randomCondition(random, depth - 1), randomCondition(random, depth - 1)];
    return pick(random, [
      () => ({ all: parts(), ...times }),
      () => ({ any: parts(), ...times }),
      () => ({ not: randomCondition(random, depth - 1), ...times }),
    ])();
  }
  if (chance(0.25)) {
    const share = pick(random, ['> 30 %', '< 30 %', '>= 0.5']);
    const change = pick(random, ['> 10 %', '< -10 %']);
    const in_ = chance(0.3) ? { in: 'left' } : {};
    return {
      stuff: pick(random, ['sky', ['sky', 'water']]),
      ...(chance(0.7) ? { share } : { change }),
      ...in_,
      ...times,
    };
  }
  const object = pick(random, ['car', 'person', ['car', 'person']]);
  const filters = {
    ...(chance(0.3) ? { in: pick(random, ['left', 'middle', ['left', 'middle']]) } : {}),
    ...(chance(0.2) ? { min_size: 0.02 } : {}),
    ...(chance(0.1) ? { max_size: 0.04 } : {}),
    ...(chance(0.2) ? { min_score: 0.5 } : {}),
    ...(chance(0.15) ? { speed: pick(random, ['> 0.2', '< 0.1']) } : {}),
    ...(chance(0.4) ? { count: pick(random, ['>= 2', '> 1', '= 1', '< 2', '<= 1', '!= 2', '= 0']) } : {}),
  };
  if (chance(0.3)) {
    const move = pick(random, [
      { enters: 'left' },
      { leaves: 'middle' },
      { crosses: 'across' },
      { crosses: 'across', direction: 'left' },
    ]);
    return { object, ...filters, ...move };
  }
  return { object, ...filters, ...times };
}

function randomRules(random: Random): Rules {
  for (;;) {
    const when = randomCondition(random, 2);
    const more = { linger: pick(random, [0.3, 0.5, 1]), cooldown: pick(random, [0, 0, 2]) };
    const { rules } = readRules({ zones: ZONES, lines: LINES, rules: [{ name: 'random', when, ...more }] });
    if (rules) return rules;
  }
}

function randomScenes(random: Random): Scene[] {
  const walkers = [1, 2, 3, 4].map((id) => ({
    id,
    x: random(),
    y: random(),
    there: random() < 0.5,
    name: id % 2,
  }));
  const shares = [0, 0, random(), random()];
  let seconds = 0;
  return Array.from({ length: FRAMES }, (_, frame) => {
    // Now and then nothing comes for a while.
    seconds += frame % 9 === 8 && random() < 0.3 ? pick(random, [0.4, 0.8, 2]) : 0.1;
    const objects: SceneObject[] = [];
    for (const walker of walkers) {
      if (random() < 0.06) walker.there = !walker.there;
      if (random() < 0.02) walker.name = 1 - walker.name;
      walker.x = Math.min(1, Math.max(0, walker.x + (random() - 0.5) * 0.15));
      walker.y = Math.min(1, Math.max(0, walker.y + (random() - 0.5) * 0.15));
      const { id, name, x, y } = walker;
      if (!walker.there || random() < 0.1) continue;
      const box = [x - 0.05, y - 0.1, x + 0.05, y] as const;
      objects.push({ id, name, score: 0.4 + random() * 0.5, share: random() * 0.05, box });
    }
    for (const name of [2, 3]) shares[name] = Math.min(1, Math.max(0, shares[name] + (random() - 0.5) * 0.1));
    const now = [...shares];
    const at = Math.round(seconds * 1000) / 1000;
    const share = (name: number, zone?: unknown) => (zone ? now[name] / 2 : now[name]);
    return { seconds: at, aspect: 1.5, objects, share };
  });
}

const engineOf = (rules: Rules, from?: EngineState) =>
  createRuleEngine(rules, WORDS, { source: 'film', ...(from && { from }) });

function eventsOf(rules: Rules, scenes: readonly Scene[]): RuleEvent[] {
  const engine = engineOf(rules);
  return [...scenes.flatMap((scene) => engine.push(scene)), ...engine.finish(scenes.at(-1)!.seconds)];
}

describe.each([1, 2])('random rules, series %i', (series) => {
  const cases = Array.from({ length: 50 }, (_, k) => {
    const random = numbers(series * 1000 + k);
    for (let warm = 0; warm < 8; warm++) random();
    return { rules: randomRules(random), scenes: randomScenes(random) };
  });

  it('have the events that a look at the whole past finds', () => {
    let events = 0;
    for (const { rules, scenes } of cases) {
      const told = eventsOf(rules, scenes);
      const opened = new Map(
        told.filter(({ type }) => type === 'open').map(({ id, seconds }) => [id, seconds]),
      );
      const found = told
        .filter(({ type }) => type === 'close')
        .map(({ id, began, ended, seconds, tracks }) => {
          return { began, ended, opened: opened.get(id), closed: seconds, tracks: [...tracks].sort() };
        });
      const expected = naiveEvents(rules, rules.rules[0], WORDS, scenes).map((event) => ({
        ...event,
        tracks: [...event.tracks].sort(),
      }));
      expect(found, JSON.stringify(rules.rules[0])).toEqual(expected);
      events += found.length;
    }
    // Neither always nor never.
    expect(events).toBeGreaterThan(50);
  });

  it('go on from what was remembered at every scene', () => {
    for (const { rules, scenes } of cases) {
      let engine = engineOf(rules);
      const told = scenes.flatMap((scene) => {
        engine = engineOf(rules, JSON.parse(JSON.stringify(engine.state())));
        return engine.push(scene);
      });
      expect([...told, ...engine.finish(scenes.at(-1)!.seconds)]).toEqual(eventsOf(rules, scenes));
    }
  });

  it('say the same whether somebody asks between scenes or not', () => {
    for (const { rules, scenes } of cases) {
      const engine = engineOf(rules);
      const told = scenes.flatMap((scene, i) => {
        const next = scenes[i + 1]?.seconds ?? scene.seconds;
        const between = [0.3, 0.7].map((part) => scene.seconds + (next - scene.seconds) * part);
        return [...engine.push(scene), ...between.flatMap((seconds) => engine.passed(seconds))];
      });
      expect([...told, ...engine.finish(scenes.at(-1)!.seconds)]).toEqual(eventsOf(rules, scenes));
    }
  });

  it('have one event at a time, none before the last was over', () => {
    for (const { rules, scenes } of cases) {
      const told = eventsOf(rules, scenes);
      const order = told.filter(({ type }) => type !== 'update').map(({ type }) => type);
      expect(order.every((type, i) => type === (i % 2 === 0 ? 'open' : 'close'))).toBe(true);
      expect(new Set(told.map(({ id }) => id)).size).toBe(order.length / 2);
      expect(told.every(({ seconds }, i) => i === 0 || seconds >= told[i - 1].seconds)).toBe(true);
      for (const { began, ended = began, best } of told) {
        expect(ended).toBeGreaterThanOrEqual(began);
        expect(best.seconds).toBeLessThanOrEqual(scenes.at(-1)!.seconds);
      }
    }
  });
});
