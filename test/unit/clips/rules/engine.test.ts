import { describe, expect, it } from 'vitest';
import { createRuleEngine, type RuleEvent } from '../../../../src/clips/rules/engine.ts';
import { rulesFrom } from '../../../../src/clips/rules/read-rules.ts';
import {
  CAR,
  entry,
  film,
  LINES,
  object,
  PERSON,
  rulesOf,
  run,
  SKY,
  scene,
  spans,
  WATER,
  WORDS,
  ZONES,
} from './made.ts';

const opened = (events: readonly RuleEvent[]) =>
  events.filter(({ type }) => type === 'open').map(({ seconds, began }) => [seconds, began]);

describe('an object', () => {
  it('makes an event as long as it is there', () => {
    const events = run(
      film(40, (t) => (t >= 1 && t <= 2 ? [object(7, CAR)] : [])),
      { object: 'vehicle' },
    );
    expect(events).toEqual([
      {
        type: 'open',
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        rule: 'rule 0',
        ...{ seconds: 1, began: 1, tracks: [7], names: ['car'] },
        best: { seconds: 1, track: 7, score: 0.8, share: 0.01, box: [0.45, 0.4, 0.55, 0.5] },
      },
      expect.objectContaining({ type: 'close', seconds: 3, began: 1, ended: 2, id: events[0].id }),
    ]);
    expect(events[1]).not.toHaveProperty('why');
  });

  it('is one and the same for as long as is asked', () => {
    const turns = film(60, (t) => [object(t % 2 < 1 ? 1 : 2, PERSON)]);
    expect(run(turns, { object: 'person', for: 1.5 }, { linger: 0 })).toEqual([]);
    const stays = film(60, (t) => (t >= 1 ? [object(1, PERSON)] : []));
    expect(opened(run(stays, { object: 'person', for: '2 s' }))).toEqual([[3, 1]]);
    const almost = film(60, (t) => (t >= 1 && t < 2.95 ? [object(1, PERSON)] : []));
    expect(run(almost, { object: 'person', for: '2 s' })).toEqual([]);
  });

  it('counts while it is out of sight for less than the linger', () => {
    const gone = (from: number, to: number) =>
      film(60, (t) => (t > from && t < to ? [] : [object(1, PERSON)]));
    expect(opened(run(gone(1, 1.9), { object: 'person', for: 3 }))).toEqual([[3, 0]]);
    expect(opened(run(gone(1, 2.1), { object: 'person', for: 3 }))).toEqual([[5.1, 2.1]]);
    expect(opened(run(gone(1, 2.1), { object: 'person', for: 3 }, { linger: 2 }))).toEqual([[3, 0]]);
    // Nobody is sure of it as long as it is not back.
    expect(opened(run(gone(2.5, 3.4), { object: 'person', for: 3 }))).toEqual([[3.4, 0]]);
  });

  it('may be called something else for a moment, and is an object of the rule by any of its words', () => {
    const flickers = film(30, (_, frame) => [object(1, frame % 5 === 3 ? PERSON : CAR)]);
    expect(spans(run(flickers, { object: 'car' }))).toEqual([[0, 2.9]]);
    const [event] = run(flickers, { object: ['car', 'person'] }).slice(-1);
    expect(event.names).toEqual(['car', 'person']);
    expect(run(flickers, { object: 'dog' })).toEqual([]);
  });

  it.each([
    [{ min_size: '1 %' }, [[1, 2.9]]],
    [{ max_size: '1 %' }, [[0, 1]]],
    [{ min_score: 0.5 }, [[0, 1.9]]],
    [{ min_size: 0.01, min_score: 0.5 }, [[1, 1.9]]],
  ])('%j', (filter, expected) => {
    const grows = film(30, (t) => [
      object(1, CAR, 0.5, 0.5, { share: t < 1 ? 0.005 : t < 1.05 ? 0.01 : 0.02, score: t < 2 ? 0.5 : 0.4 }),
    ]);
    expect(spans(run(grows, { object: 'car', ...filter }))).toEqual(expected);
  });

  it('is where the middle of its lower edge is, on the edge of a zone as well', () => {
    const place = (x: number, y: number) => film(3, () => [object(1, CAR, x, y)]);
    const isIn = (x: number, y: number) => run(place(x, y), { object: 'car', in: 'middle' }).length > 0;
    expect([isIn(0.5, 0.5), isIn(0.4, 0.4), isIn(0.6, 0.5), isIn(0.5, 0.65), isIn(0.39, 0.5)]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(run(place(0.3, 1), { object: 'car', in: ['middle', 'left'] })).not.toEqual([]);
  });

  it('has a speed in heights of the picture a second', () => {
    const drives = (aspect: number) =>
      film(40, (t) => ({ ...scene(t, [object(1, CAR, 0.1 + Math.max(0, t - 1) * 0.2, 0.5)]), aspect }));
    // Half a second is the least that is looked at; then it is a mean over a second.
    expect(opened(run(drives(1), { object: 'car', speed: '< 0.1' }))).toEqual([[0.5, 0.5]]);
    expect(opened(run(drives(1), { object: 'car', speed: '> 0.1' }))).toEqual([[1.6, 1.6]]);
    expect(opened(run(drives(2), { object: 'car', speed: '> 0.1' }))).toEqual([[1.3, 1.3]]);
    expect(run(drives(1), { object: 'car', speed: '> 0.25' })).toEqual([]);
  });
});

describe('a number of objects', () => {
  const cars = (...ids: number[]) => ids.map((id) => object(id, CAR));

  it('is whoever makes it up', () => {
    const comeAndGo = film(60, (t) => cars(...[1, 2, 3, 4, 5].filter((id) => t >= id / 2 && t < id / 2 + 2)));
    const [open, ...rest] = run(comeAndGo, { object: 'car', count: '>= 3', for: 1 });
    expect(open).toMatchObject({ type: 'open', seconds: 2.5, began: 1.5, tracks: [1, 2, 3, 4, 5] });
    expect(rest.at(-1)).toMatchObject({ ended: 3.4, tracks: [1, 2, 3, 4, 5], names: ['car'] });
  });

  it('is not less while one of them is missed, and not more by those who are gone', () => {
    const flickers = film(40, (_, frame) => cars(...[1, 2, 3].filter((id) => frame % 4 !== id)));
    expect(spans(run(flickers, { object: 'car', count: '>= 3' }))).toEqual([[0, 3.8]]);
    expect(run(flickers, { object: 'car', count: '< 3' })).toEqual([]);
    const leave = film(60, (t) => (t < 2 ? cars(1, 2, 3) : cars(1, 2)));
    expect(spans(run(leave, { object: 'car', count: '>= 3' }))).toEqual([[0, 1.9]]);
    expect(spans(run(leave, { object: 'car', count: '< 3' }))).toEqual([[2.9, 5.9]]);
    expect(spans(run(leave, { object: 'car', count: '= 2' }))).toEqual([[2.9, 5.9]]);
  });

  it('shows best when there are most of them', () => {
    const events = run(
      film(30, (_, frame) => cars(...(frame === 12 ? [1, 2, 3] : [1, 2]))),
      { object: 'car', count: '>= 2' },
    );
    expect(events.at(-1)?.best.seconds).toBe(1.2);
  });
});

describe('moves', () => {
  /** x of an object in each frame; undefined where it is not seen. */
  const path = (xs: readonly (number | undefined)[], y = 0.5) =>
    film(xs.length, (_, frame) => {
      const x = xs[frame];
      return x === undefined ? [] : [object(1, CAR, x, y)];
    });
  const vertical = (ys: readonly number[], x = 0.5) =>
    film(ys.length, (_, frame) => [object(1, CAR, x, ys[frame])]);
  const times = (...found: Parameters<typeof run>) => spans(run(...found));
  const enters = { object: 'car', enters: 'middle' };
  const leaves = { object: 'car', leaves: 'middle' };
  const crosses = { object: 'car', crosses: 'across' };

  it('are made when an object is seen for the second time where it went', () => {
    const events = run(path([0.1, 0.2, 0.3, 0.45, 0.5, 0.55, 0.7, 0.8, 0.9]), enters);
    expect(events[0]).toMatchObject({ type: 'open', seconds: 0.4, began: 0.3, tracks: [1] });
    expect(times(path([0.1, 0.2, 0.3, 0.45, 0.5, 0.55, 0.7, 0.8, 0.9]), leaves)).toEqual([[0.6, 0.7]]);
  });

  it('are not made by what was never seen elsewhere, nor by a flicker', () => {
    expect(times(path([0.5, 0.5, 0.5]), enters)).toEqual([]);
    expect(times(path([0.1, 0.1, 0.5, 0.1, 0.5, 0.1]), enters)).toEqual([]);
    expect(times(path([0.5, 0.5, 0.7, 0.5, 0.5]), leaves)).toEqual([]);
    expect(times(path([0.1, undefined, undefined, 0.5, 0.5]), enters)).toEqual([[0.3, 0.4]]);
    const away = Array.from({ length: 10 }, () => undefined);
    expect(times(path([0.1, ...away, 0.5, 0.5]), enters)).toEqual([]);
  });

  it.each([
    ['down, to the right of who looks along it', [0.3, 0.45, 0.55, 0.6], 'right', 'left'],
    ['up, to the left', [0.7, 0.55, 0.45, 0.4], 'left', 'right'],
  ])('over a line %s', (_, ys, side, other) => {
    const scenes = vertical(ys);
    expect(times(scenes, crosses)).toEqual([[0.2, 0.3]]);
    expect(times(scenes, { ...crosses, direction: side })).toEqual([[0.2, 0.3]]);
    expect(times(scenes, { ...crosses, direction: other })).toEqual([]);
  });

  it('over a line are none beside its ends, on it, or there and back', () => {
    expect(times(vertical([0.3, 0.45, 0.55, 0.6], 0.1), crosses)).toEqual([]);
    expect(times(vertical([0.3, 0.5, 0.5, 0.5, 0.4]), crosses)).toEqual([]);
    expect(times(vertical([0.3, 0.6, 0.3, 0.3]), crosses)).toEqual([]);
    expect(times(vertical([0.3, 0.5, 0.6, 0.5, 0.6]), crosses)).toEqual([]);
    expect(times(vertical([0.3, 0.5, 0.6, 0.6]), crosses)).toEqual([[0.2, 0.3]]);
    // Around its end and back over it.
    const around = film(8, (_, frame) => [
      object(
        1,
        CAR,
        [0.5, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5][frame],
        [0.4, 0.4, 0.6, 0.6, 0.6, 0.55, 0.4, 0.4][frame],
      ),
    ]);
    expect(times(around, { ...crosses, direction: 'right' })).toEqual([]);
    expect(times(around, { ...crosses, direction: 'left' })).toEqual([[0.6, 0.7]]);
  });

  it('of several objects within the linger are one event', () => {
    const queue = film(60, (t) =>
      [1, 2, 3].map((id) => object(id, CAR, t >= id * (id < 3 ? 0.8 : 1.4) ? 0.5 : 0.1)),
    );
    const events = run(queue, enters);
    expect(spans(events)).toEqual([
      [0.8, 1.7],
      [4.2, 4.3],
    ]);
    expect(events.filter(({ type }) => type === 'close').map(({ tracks }) => tracks)).toEqual([[1, 2], [3]]);
    expect(spans(run(queue, { ...enters, count: '>= 2' }))).toEqual([[1.7, 1.7]]);
  });
});

describe('stuff', () => {
  const water = (share: (t: number) => number) =>
    film(60, (t) => scene(t, [], { [WATER]: share(t), [SKY]: 0.5 }));

  it('is looked at by its share', () => {
    const flood = water((t) => (t < 1 ? 0.04 : t < 3 ? 0.06 : 0.05));
    expect(spans(run(flood, { stuff: 'water', share: '> 5 %' }))).toEqual([[1, 2.9]]);
    expect(spans(run(flood, { stuff: 'water', share: '< 5 %' }))).toEqual([[0, 0.9]]);
    expect(run(flood, { stuff: 'water', share: '> 5 %', for: 2 })).toEqual([]);
    expect(opened(run(flood, { stuff: 'water', share: '> 5 %', for: 1 }))).toEqual([[2, 1]]);
    expect(run(flood, { stuff: ['water', 'clouds'], share: '> 55 %' })[0]).toMatchObject({
      names: ['water', 'sky'],
      tracks: [],
      best: { seconds: 1, score: 1, share: 0.56 },
    });
  });

  it('of which there is no word is neither much nor little', () => {
    expect(
      run(
        water(() => 0),
        { stuff: 'lava', share: '< 5 %' },
      ),
    ).toEqual([]);
  });

  it('is looked at in a zone', () => {
    const scenes = film(3, (t) => ({
      ...scene(t, []),
      share: (_: number, zone?: unknown) => (zone ? 0.9 : 0.1),
    }));
    expect(run(scenes, { stuff: 'water', share: '> 50 %' })).toEqual([]);
    expect(run(scenes, { stuff: 'water', share: '> 50 %', in: 'left' })).not.toEqual([]);
  });

  it('is looked at by how fast it becomes more or less', () => {
    const rises = water((t) => Math.min(0.5, Math.max(0, t - 1) * 0.1));
    expect(spans(run(rises, { stuff: 'water', change: '> 5 %' }))).toEqual([[1.6, 6 - 0.1]]);
    expect(run(rises, { stuff: 'water', change: '> 11 %' })).toEqual([]);
    const falls = water((t) => 0.5 - Math.min(0.2, Math.max(0, t - 1) * 0.1));
    expect(spans(run(falls, { stuff: 'water', change: '< -5 %' }))).toEqual([[1.6, 3.4]]);
  });
});

describe('several conditions', () => {
  const show = film(60, (t) => [
    ...(t >= 1 && t < 4 ? [object(1, CAR)] : []),
    ...(t >= 2 && t < 5 ? [object(2, PERSON)] : []),
  ]);
  const [car, person] = [{ object: 'car' }, { object: 'person' }];

  it('hold all, or any, or not', () => {
    expect(spans(run(show, { all: [car, person] }))).toEqual([[2, 3.9]]);
    expect(spans(run(show, { any: [car, person] }))).toEqual([[1, 4.9]]);
    expect(spans(run(show, { not: car }))).toEqual([
      [0, 0.9],
      [4.9, 5.9],
    ]);
    expect(spans(run(show, { all: [person, { not: car }] }))).toEqual([[4.9, 4.9]]);
    expect(spans(run(show, { all: [car, person], for: 1.5 }))).toEqual([[2, 3.9]]);
    expect(run(show, { all: [car, person], for: 2 })).toEqual([]);
  });

  it('tell who made them hold', () => {
    expect(run(show, { all: [car, person] }).at(-1)).toMatchObject({
      tracks: [1, 2],
      names: ['car', 'person'],
    });
    expect(run(show, { not: car })[0]).toMatchObject({
      tracks: [],
      names: [],
      best: { seconds: 0, share: 0 },
    });
  });

  it('are not denied by what is missed for a moment, nor interrupted by what is seen for one', () => {
    const flickers = film(40, (_, frame) => (frame % 3 === 0 ? [] : [object(1, CAR)]));
    expect(run(flickers, { not: { object: 'car' } }).filter(({ seconds }) => seconds > 0.05)).toEqual([
      expect.objectContaining({ type: 'close', ended: 0 }),
    ]);
    // In the middle for one picture.
    const jumps = film(60, (_, frame) => [object(1, CAR, frame === 30 ? 0.5 : 0.1)]);
    expect(spans(run(jumps, { not: { object: 'car', in: 'middle' }, for: 5 }))).toEqual([[0, 5.9]]);
    const few = { object: 'car', in: 'middle', count: '< 1', for: 5 };
    expect(spans(run(jumps, few))).toEqual([[0, 5.9]]);
  });
});

describe('an event', () => {
  const at = (...times: readonly (readonly [number, number])[]) =>
    film(120, (t) => (times.some(([from, to]) => t >= from && t < to) ? [object(1, CAR)] : []));

  it('goes on over gaps that are shorter than the linger', () => {
    const car = { object: 'car' };
    expect(spans(run(at([1, 2], [2.8, 4]), car))).toEqual([[1, 3.9]]);
    expect(spans(run(at([1, 2], [3.5, 4]), car))).toEqual([
      [1, 1.9],
      [3.5, 3.9],
    ]);
    expect(spans(run(at([1, 2], [3.5, 4]), car, { linger: '3 s' }))).toEqual([[1, 3.9]]);
    // Never less than the usual distance between pictures needs.
    expect(spans(run(at([1, 2], [2.1, 4]), car, { linger: 0 }))).toEqual([[1, 3.9]]);
    expect(spans(run(at([1, 2], [2.4, 4]), car, { linger: 0 }))).toEqual([
      [1, 1.9],
      [2.4, 3.9],
    ]);
  });

  it('leaves a pause for the cooldown, then begins where it still holds', () => {
    const scenes = at([1, 2], [4, 5], [6, 9]);
    expect(spans(run(scenes, { object: 'car' }, { cooldown: 5 }))).toEqual([
      [1, 1.9],
      [6.9, 8.9],
    ]);
    expect(spans(run(scenes, { object: 'car' }, { cooldown: 1 }))).toEqual([
      [1, 1.9],
      [4, 4.9],
      [6, 8.9],
    ]);
    expect(opened(run(scenes, { object: 'car' }, { cooldown: '5 s' }))[1]).toEqual([6.9, 6.9]);
  });

  it('is told again at most once a second, when more take part or it shows better', () => {
    const grows = film(60, (t) => [
      object(1, CAR, 0.5, 0.5, { share: Math.min(0.04, 0.01 + t / 100) }),
      ...(t >= 4.3 ? [object(2, CAR, 0.5, 0.5, { share: 0.001 })] : []),
    ]);
    const told = run(grows, { object: 'car' });
    expect(told.map(({ type, seconds }) => [type, seconds])).toEqual([
      ['open', 0],
      ['update', 1],
      ['update', 2],
      ['update', 3],
      ['update', 4.3],
      ['close', 5.9],
    ]);
    expect(told[3].best).toMatchObject({ seconds: 3, share: 0.04 });
    expect(told[4].tracks).toEqual([1, 2]);
  });

  it('shows best where it was largest and surest, be it before it had lasted', () => {
    const large = film(40, (t) => [
      object(1, CAR, 0.5, 0.5, { share: t < 1.05 ? 0.04 : 0.01, score: t < 0.95 ? 0.5 : 0.9 }),
    ]);
    expect(run(large, { object: 'car', for: 2 })[0].best).toMatchObject({
      seconds: 1,
      score: 0.9,
      share: 0.04,
    });
    expect(run(large, { all: [{ object: 'car' }], for: 2 })[0].best.seconds).toBe(1);
  });

  it('shows most of a stuff, or least of it, at its best', () => {
    const waves = film(40, (t) => scene(t, [], { [WATER]: 0.5 + 0.2 * Math.sin(t * 2) }));
    const bestOf = (share: string) => run(waves, { stuff: 'water', share }).at(-1)?.best.seconds;
    expect([bestOf('> 10 %'), bestOf('< 90 %')]).toEqual([0.8, 2.4]);
  });

  it('has an id that hangs on source, rule and beginning alone', () => {
    const [one] = run(at([1, 2]), { object: 'car' });
    const idOf = (...args: Parameters<typeof run>) => run(...args)[0].id;
    expect(idOf(at([1, 5]), { object: ['car', 'person'] }, { cooldown: 9 })).toBe(one.id);
    expect(idOf(at([1.1, 2]), { object: 'car' })).not.toBe(one.id);
    expect(idOf(at([1, 2]), { object: 'car' }, {}, { source: 'other' })).not.toBe(one.id);
    expect(one.id).toMatchInlineSnapshot(`"306d4051a58a2a5b825f55f8"`);
  });

  it('ends with the stream, and says so', () => {
    const engine = createRuleEngine(rulesOf([{ object: 'car' }]), WORDS, { source: 'film' });
    engine.push(scene(0, [object(1, CAR)]));
    expect(engine.finish(0.5)).toMatchObject([
      { type: 'close', seconds: 0.5, ended: 0, why: 'the stream ended' },
    ]);
    expect(engine.finish(0.5, 'again')).toEqual([]);
  });
});

describe('an engine', () => {
  const car = { object: 'car' };

  it('closes what must close while nothing comes, and at the same second otherwise', () => {
    const scenes = film(10, () => [object(1, CAR)]);
    const engineWith = () => {
      const engine = createRuleEngine(rulesOf([car]), WORDS, { source: 'film' });
      for (const one of scenes) engine.push(one);
      return engine;
    };
    const asked = engineWith();
    expect(asked.passed(1.8)).toEqual([]);
    const closed = asked.passed(2.5);
    expect(closed).toMatchObject([{ type: 'close', seconds: 1.9, ended: 0.9 }]);
    expect(asked.passed(9)).toEqual([]);
    const [first, second] = engineWith().push(scene(60, [object(1, CAR)]));
    expect(first).toEqual(closed[0]);
    expect(second).toMatchObject({ type: 'open', seconds: 60, began: 60 });
  });

  it('is patient with pictures that come seldom', () => {
    const slow = film(8, () => [object(1, CAR)], 1 / 4);
    expect(spans(run(slow, { object: 'car', for: 6 }))).toEqual([[0, 28]]);
    expect(opened(run(slow, { object: 'car', for: 6 }))).toEqual([[8, 0]]);
  });

  it('takes no scene twice, nor one that is late', () => {
    const engine = createRuleEngine(rulesOf([car]), WORDS, { source: 'film' });
    expect(engine.push(scene(5, []))).toEqual([]);
    expect(engine.push(scene(5, [object(1, CAR)]))).toEqual([]);
    expect(engine.push(scene(4, [object(1, CAR)]))).toEqual([]);
    expect(engine.push(scene(5.1, [object(1, CAR)]))).toHaveLength(1);
  });

  it('tells what goes on to whoever has not heard of it', () => {
    const engine = createRuleEngine(rulesOf([car, { object: 'person' }]), WORDS, { source: 'film' });
    const [open] = engine.push(scene(5, [object(1, CAR)]));
    engine.push(scene(5.1, [object(1, CAR), object(2, CAR)]));
    const from = JSON.parse(JSON.stringify(engine.state()));
    const next = createRuleEngine(rulesOf([car]), WORDS, { source: 'film', from });
    expect(next.open()).toEqual([{ ...open, tracks: [1, 2] }]);
  });

  it('waits for nothing by a rule that is off, and goes on when it is on again', () => {
    const rules = (...off: object[]) =>
      rulesFrom({
        rules: [
          { name: 'a', when: car, ...off[0] },
          { name: 'b', when: car },
        ],
      });
    const engine = createRuleEngine(rules({ enabled: false }), WORDS, { source: 'film' });
    const show = (t: number) => scene(t, [object(1, CAR)]);
    expect(engine.push(show(0)).map(({ rule }) => rule)).toEqual(['b']);
    expect(engine.change(rules(), WORDS, 0.1)).toEqual([]);
    expect(engine.push(show(0.2)).map(({ type, rule }) => [type, rule])).toContainEqual(['open', 'a']);
    expect(engine.change(rules({ enabled: false }), WORDS, 0.3)).toMatchObject([
      { type: 'close', rule: 'a', why: 'the rule was switched off' },
    ]);
  });

  it('changes rules while events go on', () => {
    const names = (when: Record<string, object>) =>
      rulesFrom({
        zones: ZONES,
        lines: LINES,
        rules: Object.entries(when).map(([name, one]) => ({ name, when: one })),
      });
    const before = names({ stays: car, changed: car, gone: { object: 'car', in: 'middle' } });
    const after = names({ new: car, changed: { object: 'car', min_size: 0.001 }, stays: car });
    const engine = createRuleEngine(before, WORDS, { source: 'film' });
    const show = (t: number) => scene(t, [object(1, CAR)]);
    expect(engine.push(show(0)).map(({ rule }) => rule)).toEqual(['stays', 'changed', 'gone']);
    engine.push(show(0.1));
    expect(engine.change(after, WORDS, 0.15)).toMatchObject([
      { type: 'close', rule: 'changed', seconds: 0.15, ended: 0.1, why: 'the rule was changed' },
      { type: 'close', rule: 'gone', seconds: 0.15, ended: 0.1, why: 'the rule was removed' },
    ]);
    expect(engine.push(show(0.2))).toMatchObject([
      { type: 'open', rule: 'new', began: 0.2 },
      { type: 'open', rule: 'changed', began: 0.2 },
    ]);
    expect(engine.finish(0.3).filter(({ rule }) => rule === 'stays')).toMatchObject([
      { began: 0, ended: 0.2 },
    ]);
  });

  it('goes on over a change of words, where places in the vocabulary are others', () => {
    const rules = rulesOf([{ object: 'car', for: 2 }]);
    const scenes = film(40, () => [object(1, CAR)]);
    const engine = createRuleEngine(rules, WORDS, { source: 'film' });
    const other = [entry('tree', true), entry('lorry', true, 'car')];
    const told = scenes.flatMap((one, i) => [
      ...(i === 10 ? engine.change(rules, other, one.seconds) : []),
      ...engine.push(i >= 10 ? scene(one.seconds, [object(1, 1)]) : one),
    ]);
    expect(told).toMatchObject([{ type: 'open', seconds: 2, began: 0, names: ['lorry'] }]);
  });

  it('takes a changed zone for a changed rule', () => {
    const zoned = (right: number) =>
      rulesFrom({
        zones: {
          z: [
            [0, 0],
            [right, 0],
            [right, 1],
            [0, 1],
          ],
        },
        rules: [
          { name: 'in', when: { object: 'car', in: 'z' } },
          { name: 'any', when: car },
        ],
      });
    const engine = createRuleEngine(zoned(0.8), WORDS, { source: 'film' });
    engine.push(scene(0, [object(1, CAR)]));
    expect(engine.change(zoned(0.9), WORDS, 0.1).map(({ rule }) => rule)).toEqual(['in']);
  });

  it('closes what other rules have left open, even before anything is seen', () => {
    const engine = createRuleEngine(rulesOf([car]), WORDS, { source: 'film' });
    engine.push(scene(3, [object(1, CAR)]));
    const options = { source: 'film', from: engine.state() };
    const other = createRuleEngine(rulesOf([{ object: 'person' }]), WORDS, options);
    const again = createRuleEngine(rulesOf([{ object: 'person' }]), WORDS, {
      ...options,
      from: other.state(),
    });
    for (const one of [other, again])
      expect(one.passed(3)).toMatchObject([{ type: 'close', ended: 3, why: 'the rule was changed' }]);
  });

  it('counts by a schedule, and always where nobody knows the time', () => {
    const night = { schedule: { from: '22:00', to: '22:01', time_zone: 'Europe/Berlin' } };
    const scenes = film(100, () => [object(1, CAR)], 0.2);
    const begin = Date.parse('2026-01-31T21:59:00+01:00');
    const utc = (seconds: number) => begin + seconds * 1000;
    expect(spans(run(scenes, car, night, { utc }))).toEqual([[60, 115]]);
    expect(spans(run(scenes, car, night))).toEqual([[0, 495]]);
  });

  it('forgets who is long gone', () => {
    const engine = createRuleEngine(
      rulesOf([
        car,
        { object: 'car', enters: 'middle' },
        { object: 'car', speed: '> 9' },
        { not: { object: 'car', count: '> 99' } },
      ]),
      WORDS,
      { source: 'film' },
    );
    const sizes = film(4000, (_, frame) => [object(frame, CAR), object(frame + 1, CAR)]).map((one) => {
      engine.push(one);
      return JSON.stringify(engine.state()).length;
    });
    const most = (from: number, to: number) => Math.max(...sizes.slice(from, to));
    // An event that never ends tells a thousand of its tracks.
    expect(most(2000, 4000)).toBeLessThan(most(1000, 2000) * 1.05);
    expect(engine.finish(400).find(({ rule }) => rule === 'rule 0')?.tracks).toHaveLength(1000);
  });
});
