import { describe, expect, it } from 'vitest';
import { parseRules, readRules, rulesFrom } from '../../../../src/clips/rules/read-rules.ts';
import { SidestreamError } from '../../../../src/core/errors.ts';

const EXAMPLE = `zones:
  gate: [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9], [0.1, 0.5]]
lines:
  kerb: [[0, 0.6], [1, 0.6]]
rules:
  - name: " someone  at the gate "
    when: { object: person|pedestrian, in: gate, min_size: 0.5 %, min_score: 0.5, for: 2 s }
    schedule: { days: [fri, MON], from: "8:00", time_zone: Europe/Berlin }
    cooldown: 1.5 min
    pre_roll: 500 ms
    clip: false
  - name: flood
    when: { stuff: [water, "salt\\\\, wet"], share: "≥5%", change: "> 1 % / s", in: gate, for: 3 }
    schedule:
      - { days: sat }
      - { days: sun, to: "24:00" }
  - name: over
    when:
      any:
        - { object: car, crosses: kerb, direction: left }
        - { not: { all: [{ object: car, count: "==3" }, { object: dog, speed: "> 0.20" }], for: 1 h } }
`;

const place = (text: string) => parseRules(text).faults;

describe('rules', () => {
  const { rules, faults } = parseRules(EXAMPLE);

  it('are brought into one form', () => {
    expect(faults).toEqual([]);
    expect(rules?.zones).toEqual({
      gate: [
        [0.1, 0.5],
        [0.4, 0.5],
        [0.4, 0.9],
        [0.1, 0.9],
      ],
    });
    expect(rules?.lines).toEqual({
      kerb: [
        [0, 0.6],
        [1, 0.6],
      ],
    });
    expect(rules?.rules).toEqual([
      {
        name: 'someone at the gate',
        when: { object: ['person|pedestrian'], in: ['gate'], min_size: 0.005, min_score: 0.5, for: 2 },
        schedule: [{ days: ['mon', 'fri'], from: '08:00', to: '24:00', time_zone: 'Europe/Berlin' }],
        ...{ cooldown: 90, linger: 1, pre_roll: 0.5, post_roll: 5, clip: false },
      },
      {
        name: 'flood',
        when: { stuff: ['water', 'salt\\, wet'], share: '>= 0.05', change: '> 0.01', in: 'gate', for: 3 },
        schedule: [
          { days: ['sat'], from: '00:00', to: '24:00', time_zone: 'UTC' },
          { days: ['sun'], from: '00:00', to: '24:00', time_zone: 'UTC' },
        ],
        ...{ cooldown: 0, linger: 1, pre_roll: 5, post_roll: 5, clip: true },
      },
      {
        name: 'over',
        when: {
          any: [
            { object: ['car'], crosses: 'kerb', direction: 'left' },
            {
              not: {
                all: [
                  { object: ['car'], count: '= 3' },
                  { object: ['dog'], speed: '> 0.2' },
                ],
                for: 3600,
              },
            },
          ],
        },
        schedule: [],
        ...{ cooldown: 0, linger: 1, pre_roll: 5, post_roll: 5, clip: true },
      },
    ]);
  });

  it('stay what they are when they are read again, as JSON too', () => {
    expect(readRules(JSON.parse(JSON.stringify(rules)))).toMatchObject({ rules, faults: [] });
    expect(parseRules(JSON.stringify(rules)).rules).toEqual(rules);
    expect(JSON.stringify(rulesFrom(rules))).toBe(JSON.stringify(rules));
  });

  it('may be off, and are on where nothing is said', () => {
    const read = (enabled: string) =>
      parseRules(`rules: [{ name: a, when: { object: car }, enabled: ${enabled} }]`);
    expect(read('false').rules?.rules[0]).toHaveProperty('enabled', false);
    expect(read('true').rules?.rules[0]).not.toHaveProperty('enabled');
    expect(rulesFrom(read('false').rules)).toEqual(read('false').rules);
    expect(read('maybe').faults).toEqual(['1:52: enabled must be true or false']);
  });

  it('may repeat what was said before', () => {
    const text =
      'rules:\n  - { name: a, when: &car { object: car } }\n  - { name: b, when: { not: *car } }\n';
    expect(parseRules(text).rules?.rules[1].when).toEqual({ not: { object: ['car'] } });
  });

  it('may call places as they like', () => {
    const value = JSON.parse(
      '{"zones": {"__proto__": [[0,0],[1,0],[1,1]]}, "rules": [{"name": "a", "when": {"object": "car", "in": "__proto__"}}]}',
    );
    const read = readRules(value);
    expect(read.faults).toEqual([]);
    expect(Object.entries(read.rules?.zones ?? {})).toEqual([
      [
        '__proto__',
        [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      ],
    ]);
  });

  it.each([
    ['2 s', 2],
    ['90s', 90],
    [0.5, 0.5],
    ['1.1 min', 66],
    ['2 minutes', 120],
    ['250 ms', 0.25],
    ['0.5 h', 1800],
    ['3', 3],
  ])('take %s for %f seconds', (text, seconds) => {
    const { rules } = readRules({ rules: [{ name: 'a', when: { object: 'car' }, cooldown: text }] });
    expect(rules?.rules[0].cooldown).toBe(seconds);
  });

  it.each(['soon', '2 weeks', '-1 s', '', '1 2 s', null, [], true])(
    'do not take %s for a duration',
    (text) => {
      const { faults } = readRules({ rules: [{ name: 'a', when: { object: 'car' }, cooldown: text }] });
      expect(faults).toEqual([
        'rules.0.cooldown: cooldown must be a duration such as 2 s, 1 min or a number of seconds, 7 days at most',
      ]);
    },
  );
});

describe('faults', () => {
  it('are all told at once, each with its line and column, in order', () => {
    const text = `zones:
  knot: [[0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]]
  two: [[0, 0], [1, 1], [0, 0]]
  pixels: [[0, 0], [320, 4], [1, "x"]]
  flat: [[0, 0], [0.5, 0.5], [1, 1]]
  spike: [[0.1, 0.1], [0.9, 0.1], [0.5, 0.1], [0.5, 0.5]]
lines:
  dot: [[0.5, 0.5], [0.5, 0.5]]
  bend: [[0, 0], [1, 1], [1, 0]]
rulez: 1
rules:
  - name: a
    wen: { object: car }
    when: { objct: car, enters: two, cuont: 3 }
  - name: A
    when: { object: car, enters: twoo, in: dot, crosses: two }
    clip: maybe
    cooldwn: 3
  - when: { object: [car, ""], count: 3 }
  - name: b
    object: person
  - name: c
    when: { object: "car, truck", min_size: 120 %, max_size: [], share: 3, speed: fast }
    schedule: { days: [mo, monday], from: 8, to: "25:00", time_zone: Europe/Berln, at: 3 }
  - name: d
    when: [{ object: car }]
  - name: e
    when: { colour: red }
  - name: f
    when: { object: car, stuff: water }
  - name: g
    when: { stuff: water }
    schedule: { from: "08:00", to: "8:00" }
  - name: h
    when: { all: [] }
  - name: i
    when: { all: { object: car } }
  - name:
    when: {}
  - 3
`;
    expect(place(text)).toEqual([
      '2:9: zone knot crosses itself: give its corners in order, around it',
      '3:8: zone two needs at least three different points',
      '4:20: [320, 4] is outside the picture: points are shares of its width and height, 0 to 1',
      '4:30: a point is two numbers: [x, y], from the left and the top',
      '5:9: zone flat has no area',
      '6:10: zone spike crosses itself: give its corners in order, around it',
      '8:8: line dot has no length: its two points are the same',
      '9:9: line bend needs two points, from where and to where',
      '10:1: unknown key rulez (did you mean rules?)',
      '13:5: unknown key wen (did you mean when?)',
      '14:13: unknown key objct (did you mean object?)',
      '14:38: unknown key cuont (did you mean count?)',
      '15:11: the rule at 12:11 has the same name',
      '16:34: there is no zone twoo (did you mean two?)',
      '16:44: dot is a line, not a zone',
      '16:58: two is a zone, not a line',
      '17:11: clip must be true or false',
      '18:5: unknown key cooldwn (did you mean cooldown?)',
      '19:5: the rule has no name',
      '19:27: a word is empty',
      '19:39: count must be a comparison such as ">= 3"',
      '21:5: object belongs below when',
      '23:21: for any of several names write a list: [car, truck]',
      '23:45: min_size must be a share such as 5 % or 0.05, 100 % at most',
      '23:62: max_size must be a share such as 5 % or 0.05, 100 % at most',
      '23:66: share goes with stuff, not with object',
      '23:83: speed must be a comparison such as "> 0.2", in heights of the picture a second',
      '24:24: "mo" is none of mon, tue, wed, thu, fri, sat, sun (did you mean mon?)',
      '24:28: "monday" is none of mon, tue, wed, thu, fri, sat, sun',
      '24:43: from must be a time such as "08:00", not "8"',
      '24:50: to must be a time such as "08:00", not "25:00"',
      '24:70: "Europe/Berln" is no time zone of the IANA, such as Europe/Berlin (did you mean Europe/Berlin?)',
      '24:84: unknown key at',
      '26:11: must be a condition such as { object: person }, not a list; for several that must all hold write { all: […] }',
      '28:11: says nothing to look for: give object, stuff, all, any, not',
      '30:11: has object and stuff: make them conditions of their own, below all or any',
      '32:11: says not how much: give share, such as "> 5 %", or change',
      '33:36: from and to are the same: leave both out for the whole day',
      '35:18: all is an empty list',
      '37:18: must be a list of conditions, not a mapping',
      '38:10: name must be text, not nothing',
      '39:11: says nothing to look for: give object, stuff, all, any, not',
      '40:5: must be a rule with name and when, not "3"',
    ]);
  });

  it('of values are told with their paths', () => {
    expect(
      readRules({ zones: [], rules: [{ name: 'a', when: { object: 'car', in: ['gaet'], count: '> x' } }] })
        .faults,
    ).toEqual([
      'zones: zones must give each a name, not be a list',
      'rules.0.when.in.0: there is no zone gaet',
      'rules.0.when.count: count must be a comparison such as ">= 3"',
    ]);
    expect(readRules(null).faults).toEqual(['the whole: must have zones, lines and rules, not nothing']);
    expect(readRules({ zones: {} }).faults).toEqual(['the whole: has no rules: give a list of them']);
  });

  it('are one error where rules come from elsewhere', () => {
    const refused = () => rulesFrom({ rules: [{ name: '', when: 3 }] });
    expect(refused).toThrow(SidestreamError);
    expect(refused).toThrow(
      'rules.0.name: name is empty; rules.0.when: must be a condition such as { object: person }, not "3"',
    );
  });

  it.each([
    [
      'rules: [1, 2',
      '1:13: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['rules:\n  - name: a\n    name: b', '3:5: map keys must be unique'],
    [
      'rules:\n  - name: a\n    when: { stuff: water, share: > 5 %, for: 2 s }',
      '3:34: plain value cannot start with block scalar indicator >; a comparison that begins with > needs quotes: "> 5 %"',
    ],
    [
      'rules:\n  - name: a\n    when:\n      object: car\n      count: >= 3',
      '5:15: block scalar header includes extra characters: >=; a comparison that begins with > needs quotes: ">= 3"',
    ],
    ['rules: &a [*a]', '1:12: there is more in this than rules ever have, or a part of it has itself'],
    ['', '1:1: must have zones, lines and rules, not nothing'],
  ])('of YAML: %j', (text, fault) => expect(place(text)).toEqual([fault]));

  it('do not take for ever where what was said is said again and again', () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}*a${i}]`,
    );
    const [fault] = place(`a0: &a0 [1]\n${levels.join('\n')}\n`);
    expect(fault).toMatch(/^\d+:\d+: there is more in this than rules ever have/);
  });
});

describe('what can never hold', () => {
  const corner = JSON.parse('[[0, 0], [1, 0], [1, 1]]');
  const faultsOf = (when: object) =>
    readRules({ zones: { a: corner, b: corner }, rules: [{ name: 'r', when }] }).faults;
  const car = { object: 'car' };

  it.each([
    [
      { ...car, min_size: '5 %', max_size: '1 %' },
      'min_size: can never hold: min_size is more than max_size',
    ],
    [{ stuff: 'sky', share: '> 100 %' }, 'share: can never hold: share is from 0 to 100 %'],
    [
      { stuff: 'sky', share: '> 20' },
      'share: can never hold: share is from 0 to 100 %; 20 is 2000 %, did you mean 20 %?',
    ],
    [{ stuff: 'sky', share: '< 0' }, 'share: can never hold: share is from 0 to 100 %'],
    [{ stuff: 'sky', share: '>= 0 %' }, 'share: always holds: share is from 0 to 100 %'],
    [{ ...car, count: '< 0' }, 'count: can never hold: count is 0 or more'],
    [{ ...car, count: '>= 0' }, 'count: always holds: count is 0 or more'],
    [{ ...car, count: '= 1.5' }, 'count: count must be compared with a whole number'],
    [{ ...car, speed: '<= -1' }, 'speed: can never hold: speed is 0 or more'],
    [{ ...car, leaves: 'a', in: 'a' }, 'in: can never hold: what leaves a is no longer in it'],
    [{ ...car, enters: 'a', for: 2 }, 'for: what enters does so in a moment, and not for a time'],
    [{ ...car, enters: 'b', leaves: 'a' }, ' has enters and leaves: an object does one of them at a time'],
    [{ ...car, direction: 'left' }, 'direction: direction goes with crosses'],
  ])('%j', (when, text) =>
    expect(faultsOf(when)).toEqual([`rules.0.when${text.startsWith(' ') ? ':' : '.'}${text}`]),
  );

  const many = { object: 'car', count: '>= 3' };
  it.each<[string, object, string, string]>([
    ['many of what there is none of', { all: [many, { not: car }] }, 'all.1.not', 'all.0'],
    [
      'none of them in a wider sense',
      { all: [{ ...many, in: 'a' }, { not: { object: ['car', 'truck'] } }] },
      'all.1.not',
      'all.0',
    ],
    ['many and few', { all: [many, { object: 'Car', count: '<= 2' }] }, 'all.1', 'all.0'],
    [
      'more than not so many',
      { all: [{ ...car, count: '> 3' }, { not: { ...car, count: '> 2' } }] },
      'all.1.not',
      'all.0',
    ],
    [
      'a thing and its contrary',
      { all: [{ ...car, in: 'a', for: 3 }, { not: { ...car, in: 'a', for: 3 } }] },
      'all.1.not',
      'all.0',
    ],
    [
      'lists in lists',
      { all: [car, { all: [{ not: { any: [car, { object: 'dog' }] } }] }] },
      'all.1.all.0.not.any.0',
      'all.0',
    ],
    [
      'shares',
      {
        all: [
          { stuff: 'sky', share: '> 50 %' },
          { stuff: 'sky', share: '<= 0.5' },
        ],
      },
      'all.1',
      'all.0',
    ],
    [
      'a share and its contrary',
      { all: [{ stuff: 'sky', share: '> 50 %' }, { not: { stuff: 'sky', share: '>= 0.3' } }] },
      'all.1.not',
      'all.0',
    ],
    ['below any', { any: [car, { all: [car, { not: car }] }] }, 'any.1.all.1.not', 'any.1.all.0'],
  ])('%s', (_, when, other, one) =>
    expect(faultsOf(when)).toEqual([
      `rules.0.when.${other}: can never hold together with what rules.0.when.${one} asks for`,
    ]),
  );

  it.each<[string, object]>([
    ['one of two', { any: [many, { not: car }] }],
    ['here and not there', { all: [car, { not: { ...car, in: 'a' } }] }],
    ['many, and none of another kind', { all: [many, { not: { object: 'truck' } }] }],
    ['there, and not for long', { all: [car, { not: { ...car, for: 3 } }] }],
    [
      'large, and none that is larger',
      { all: [{ ...car, min_size: 0.1 }, { not: { ...car, min_size: 0.2 } }] },
    ],
    [
      'much here and little there',
      {
        all: [
          { stuff: 'sky', share: '> 0.5', in: 'a' },
          { stuff: 'sky', share: '< 0.3' },
        ],
      },
    ],
    [
      'between',
      {
        all: [
          { stuff: 'sky', share: '> 0.3' },
          { stuff: 'sky', share: '< 0.5' },
        ],
      },
    ],
    ['not both', { not: { all: [car, { object: 'dog' }] } }],
  ])('but this may: %s', (_, when) => expect(faultsOf(when)).toEqual([]));

  it('has bounds for what is written', () => {
    const deep = Array.from({ length: 40 }).reduce<object>((below) => ({ not: below }), car);
    expect(faultsOf(deep)).toEqual([
      expect.stringMatching(/conditions stand in each other more than 16 deep$/),
    ]);
    const wide = { any: Array.from({ length: 101 }, (_, i) => ({ object: `word ${i}` })) };
    expect(faultsOf(wide)).toEqual(['rules.0.when: has more than 100 conditions']);
    const rules = Array.from({ length: 201 }, (_, i) => ({ name: `${i}`, when: car }));
    expect(readRules({ rules }).faults).toEqual(['rules: there are more than 200 rules']);
    expect(readRules({ rules: [{ name: 'x'.repeat(201), when: car }] }).faults).toEqual([
      'rules.0.name: name has more than 200 letters',
    ]);
  });
});
