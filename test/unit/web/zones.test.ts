import { describe, expect, it } from 'vitest';
import { DEFAULTS, NO_RULES, type Points, type Rules } from '../../../src/web/rules/rules.ts';
import {
  faultOfPlace,
  freeName,
  insertPoint,
  middleAfter,
  movePoint,
  pointAt,
  removePoint,
  renamePlace,
  stepOf,
  usersOf,
  withoutPlace,
  withPlace,
} from '../../../src/web/rules/zones.ts';

const SQUARE: Points = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.9],
  [0.1, 0.9],
];

describe('points', () => {
  it('stay within the picture, and are no finer than is of use', () => {
    expect(pointAt(-0.2, 1.7)).toEqual([0, 1]);
    expect(pointAt(1 / 3, 0.123456)).toEqual([0.3333, 0.1235]);
  });

  it('are moved, taken away and put in', () => {
    expect(movePoint(SQUARE, 1, [2, 0.25])).toEqual([
      [0.1, 0.1],
      [1, 0.25],
      [0.9, 0.9],
      [0.1, 0.9],
    ]);
    expect(removePoint(SQUARE, 0)).toEqual(SQUARE.slice(1));
    expect(insertPoint(SQUARE, 0, [0.5, 0.2])[1]).toEqual([0.5, 0.2]);
    expect(insertPoint(SQUARE, 3, middleAfter(SQUARE, 3))).toEqual([...SQUARE, [0.1, 0.5]]);
  });

  it('go a hundredth with a key, or a thousandth', () => {
    expect(stepOf('ArrowLeft', false)).toEqual([-0.01, 0]);
    expect(stepOf('ArrowDown', true)).toEqual([0, 0.001]);
    expect(stepOf('a', false)).toBeUndefined();
  });
});

describe('a zone', () => {
  it.each<readonly [Points, string | undefined]>([
    [SQUARE, undefined],
    [SQUARE.toReversed(), undefined],
    [SQUARE.slice(0, 2), 'few'],
    // The same point twice is one.
    [
      [
        [0, 0],
        [0, 0],
        [1, 1],
        [0, 0],
      ],
      'few',
    ],
    [
      [
        [0, 0],
        [0.5, 0.5],
        [1, 1],
      ],
      'flat',
    ],
    [
      [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
      ],
      'crossed',
    ],
    // A corner that touches another side.
    [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0.5, 0],
        [0, 1],
      ],
      'crossed',
    ],
    // A side that goes back over the one before.
    [
      [
        [0, 0],
        [1, 0],
        [0.5, 0],
        [0.5, 1],
      ],
      'crossed',
    ],
  ])('of %j is %s', (points, fault) => {
    expect(faultOfPlace('zones', points)).toBe(fault);
  });

  it('is no line', () => {
    expect(
      faultOfPlace('lines', [
        [0, 0],
        [1, 1],
      ]),
    ).toBeUndefined();
    expect(
      faultOfPlace('lines', [
        [0.5, 0.5],
        [0.5, 0.5],
      ]),
    ).toBe('few');
  });
});

describe('places in rules', () => {
  const rules: Rules = {
    zones: { near: SQUARE, far: SQUARE },
    lines: {
      near2: [
        [0, 0],
        [1, 1],
      ],
    },
    rules: [
      { ...DEFAULTS, name: 'a', when: { object: ['car'], in: ['far', 'near'] } },
      {
        ...DEFAULTS,
        name: 'b',
        when: {
          not: {
            any: [
              { object: ['car'], enters: 'near' },
              { stuff: ['sky'], in: 'near', share: '> 0' },
            ],
          },
        },
      },
      { ...DEFAULTS, name: 'c', when: { all: [{ object: ['car'], crosses: 'near2' }] } },
    ],
  };

  it('are known by the rules that name them', () => {
    expect(usersOf(rules, 'zones', 'near').map(({ name }) => name)).toEqual(['a', 'b']);
    expect(usersOf(rules, 'zones', 'far').map(({ name }) => name)).toEqual(['a']);
    expect(usersOf(rules, 'lines', 'near2').map(({ name }) => name)).toEqual(['c']);
    expect(usersOf(rules, 'lines', 'near')).toEqual([]);
  });

  it('have another name everywhere at once', () => {
    const renamed = renamePlace(rules, 'zones', 'near', 'gate');
    expect(Object.keys(renamed.zones)).toEqual(['gate', 'far']);
    expect(renamed.rules[0]?.when).toEqual({ object: ['car'], in: ['far', 'gate'] });
    expect(usersOf(renamed, 'zones', 'near')).toEqual([]);
    expect(usersOf(renamed, 'zones', 'gate').map(({ name }) => name)).toEqual(['a', 'b']);
    expect(renamePlace(rules, 'lines', 'near2', 'kerb').rules[2]?.when).toEqual({
      all: [{ object: ['car'], crosses: 'kerb' }],
    });
  });

  it('come, go, and get names that are free', () => {
    const more = withPlace(NO_RULES, 'zones', freeName(NO_RULES, 'zone'), SQUARE);
    expect(freeName(more, 'zone')).toBe('zone 2');
    expect(withoutPlace(more, 'zones', 'zone 1')).toEqual(NO_RULES);
  });
});
