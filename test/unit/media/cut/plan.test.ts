import { describe, expect, it } from 'vitest';
import { type PlanOptions, planCut } from '../../../../src/media/cut/plan.ts';
import type { SegmentFacts } from '../../../../src/media/cut/segment-facts.ts';
import { seenIn } from '../../../../src/media/cut/stretches.ts';
import { file, h264 } from './facts.ts';

const T = 90_000;
const EVERYTHING = { from: 0, to: 1e9, tolerance: 0, gapSeconds: 1, audio: true };
const plan = (files: readonly SegmentFacts[], options: Partial<PlanOptions>) =>
  planCut(files, { ...EVERYTHING, ...options });
const runs = (files: readonly SegmentFacts[], options: Partial<PlanOptions>) =>
  plan(files, options).cuts.map((cut) =>
    cut.runs.map(({ kind, from, to, seenFrom }) => [kind, from, to, seenFrom]),
  );

/** Ten pictures, of which each fifth begins anew. */
const one = file({ begin: 1000, pictures: 'IPPPPIPPPP' });

describe('what is coded anew', () => {
  it('is nothing between key frames', () => {
    expect(runs([one], { from: 1000, to: 1500 })).toEqual([[['copy', 0, 5, 0]]]);
    expect(runs([one], { from: 500, to: 1701 })).toEqual([[['copy', 0, 8, 0]]]);
  });

  it('is what lies before the first key frame, decoded from the one before', () => {
    expect(runs([one], { from: 1201, to: 1800 })).toEqual([
      [
        ['code', 0, 5, 0],
        ['copy', 5, 8, 5],
      ],
    ]);
  });

  it('is everything within a group', () => {
    const { why, taken, fitting, cuts } = plan([one], { from: 1600, to: 1800 });
    expect({ why, taken, fitting }).toEqual({
      why: 'it lies between two key frames',
      taken: undefined,
      fitting: undefined,
    });
    expect(cuts[0]!.runs).toEqual([{ kind: 'code', from: 5, to: 8, seenFrom: 0 }]);
  });

  it('is nothing where it may begin early enough', () => {
    const { cuts, pieces } = plan([one], { from: 1201, to: 1800, tolerance: 201 });
    expect(cuts[0]!.runs).toEqual([{ kind: 'copy', from: 0, to: 8, seenFrom: 0 }]);
    expect(pieces).toEqual([{ from: 1000, to: 1800, at: 0 }]);
    expect(runs([one], { from: 1201, to: 1800, tolerance: 200 })[0]).toHaveLength(2);
  });

  it('is at the end what is shown before a picture that is left out, and decoded after it', () => {
    // I P B B P B B …: shown 0 3 1 2 6 4 5 9 7 8.
    const order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8];
    const reordered = file({ begin: 1000, pictures: 'IPPPPPPPPP', order });
    expect(runs([reordered], { from: 1000, to: 1600 })).toEqual([
      [
        ['copy', 0, 4, 0],
        ['code', 0, 7, 4],
      ],
    ]);
    expect(runs([reordered], { from: 1000, to: 1500 })).toEqual([
      [
        ['copy', 0, 4, 0],
        ['code', 0, 6, 4],
      ],
    ]);
    expect(runs([reordered], { from: 1000, to: 1400 })).toEqual([[['copy', 0, 4, 0]]]);
    expect(runs([reordered], { from: 1000, to: 1700 })).toEqual([[['copy', 0, 7, 0]]]);
  });

  it('has packets taken over that are all shown before it', () => {
    // A pyramid: 0 8 4 2 1 3 6 5 7. At 6 of them, 4 2 1 3 come before 8, which is left out.
    const pyramid = file({ begin: 1000, pictures: 'IPPPPPPPP', order: [0, 8, 4, 2, 1, 3, 6, 5, 7] });
    expect(runs([pyramid], { from: 1000, to: 1600 })).toEqual([
      [
        ['copy', 0, 1, 0],
        ['code', 0, 8, 1],
      ],
    ]);
  });

  it('goes up to a key frame that nothing looks back over', () => {
    const open = file({ begin: 1000, pictures: 'IPPKPPKPPIPP' });
    expect(runs([open], { from: 1700, to: 2200 })).toEqual([
      [
        ['code', 0, 9, 0],
        ['copy', 9, 12, 9],
      ],
    ]);
    const never = file({ begin: 1000, pictures: 'KPPKPPKPPKPP' });
    // Decoding begins one group earlier than it would have to.
    expect(runs([never], { from: 1700, to: 2200 })).toEqual([[['code', 3, 12, 0]]]);
  });
});

describe('everything is coded anew', () => {
  const two = (more: Partial<SegmentFacts>) => [
    one,
    { ...file({ begin: 2000, pictures: 'IPPPPIPPPP' }), ...more },
  ];
  const profile = (box: string) => ({
    sets: [parse(box)],
    video: { ...h264, specific: Buffer.from(box, 'hex') },
  });
  const parse = (box: string) => {
    const bytes = Buffer.from(box, 'hex');
    return { sequence: [bytes.subarray(8, 8 + bytes[7]!)], picture: [Buffer.from('68ebe3cb22c0', 'hex')] };
  };
  const deep =
    '016e000cffe1001a676e000ca6cd941419f9f011000003000100000300320f14299601000668ebe3cb22c0fdfafa00';
  const interlaced =
    '0164001effe100186764001eacd940b424d8088000000300800000190f8a14cb01000668fba3cb22c0fdf8f800';
  it.each([
    ['it is coded as hevc', two({ codec: 'hevc', video: { ...h264, fourcc: Buffer.from('hvc1') } })],
    ['the size of the pictures changes', two({ video: { ...h264, width: 320 } })],
    ['its parameter sets change', two(profile(deep))],
    ['its parameter sets are not told beforehand', two({ sets: undefined })],
    ['its profile is 110', [{ ...one, ...profile(deep) }]],
    ['it is interlaced', [{ ...one, ...profile(interlaced) }]],
  ])('where %s', (why, files) => {
    const made = plan(files, { from: 1201, to: 2800 });
    expect(made).toMatchObject({ why, taken: undefined, fitting: undefined, ahead: 0 });
    expect(made.cuts.flatMap((cut) => cut.runs).every(({ kind }) => kind === 'code')).toBe(true);
  });

  it('but not where nothing has to be, whatever it is like', () => {
    const files = [{ ...one, ...profile(interlaced) }];
    expect(plan(files, { from: 1000, to: 1500 })).toMatchObject({ why: undefined, fitting: undefined });
  });
});

describe('pictures between those taken over', () => {
  it('have a number of their own, and are like them', () => {
    const { fitting } = plan([one], { from: 1201, to: 1800 });
    expect(fitting).toMatchObject({ id: 1, like: { profile: 100, level: 30, width: 640, height: 360 } });
  });
});

describe('files that follow each other', () => {
  const next = (begin: number, more = {}) => file({ begin, pictures: 'IPPPPIPPPP', ...more });

  it('are one stretch', () => {
    const { cuts, pieces, gaps, length } = plan([one, next(2000), next(3000)], { from: 1700, to: 3300 });
    expect(cuts).toHaveLength(1);
    expect(cuts[0]!.runs).toMatchObject([
      { kind: 'code', from: 5, to: 10 },
      { kind: 'copy', from: 10, to: 23 },
    ]);
    expect({ pieces, gaps, length }).toEqual({
      pieces: [{ from: 1700, to: 3300, at: 0 }],
      gaps: [],
      length: 1600,
    });
  });

  it('are one stretch with pictures that are shown before the key frame and decoded after it', () => {
    const open = file({ begin: 2200, pictures: 'KPPPP', order: [0, -2, -1, 1, 2] });
    const { cuts } = plan([one, open], { from: 1000, to: 2300 });
    const [{ stretch, lo, hi }] = cuts as [(typeof cuts)[0]];
    expect(seenIn(stretch.times, lo, hi).map((i) => stretch.times[i])).toEqual([
      1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900, 2200, 2000, 2100,
    ]);
  });

  it('lose such pictures where what they look back at is not there', () => {
    const open = file({ begin: 2200, pictures: 'KPPPP', order: [0, -2, -1, 1, 2] });
    expect(plan([open], { from: 1000, to: 2300 }).pieces).toEqual([{ from: 2200, to: 2300, at: 0 }]);
  });

  it('keep a small distance between them as it is', () => {
    const { cuts, pieces, gaps } = plan([one, { ...next(2300), video: { ...h264, rest: Buffer.of(1) } }], {});
    expect(cuts.map(({ offset }) => offset)).toEqual([1000, 1000]);
    expect(pieces).toEqual([{ from: 1000, to: 3300, at: 0 }]);
    expect(gaps).toEqual([]);
  });

  it('overlap: the later one counts from its beginning on', () => {
    const { cuts, pieces } = plan([one, next(1750)], {});
    expect(cuts.map(({ stretch, lo, hi }) => seenIn(stretch.times, lo, hi).length)).toEqual([8, 10]);
    expect(pieces).toEqual([{ from: 1000, to: 2750, at: 0 }]);
  });
});

describe('gaps', () => {
  const step = T / 10;
  const [a, b] = [
    file({ begin: 0, pictures: 'IPPPP', step }),
    file({ begin: 5 * T, pictures: 'IPPPP', step }),
  ];
  it.each([
    [10, 4.5],
    [2, 2],
    [0, 0],
  ])('longer than %f s are shown for %f s', (gapSeconds, shown) => {
    const { gaps, pieces, length } = plan([a, b], { gapSeconds });
    expect(gaps).toEqual([{ from: 0.5 * T, to: 5 * T, at: 0.5, shown }]);
    expect(pieces.map(({ at }) => at)).toEqual([0, (0.5 + shown) * T]);
    expect(length).toBe((1 + shown) * T);
  });

  it('are where something is damaged', () => {
    const damaged = file({ begin: 0, pictures: 'IPPPPPPPIPPxxxxxxxxxIPPPIPPP', step });
    const { gaps, pieces } = plan([damaged], { gapSeconds: 5 });
    expect(gaps).toEqual([{ from: 11 * step, to: 2 * T, at: 1.1, shown: 0.9 }]);
    expect(pieces).toEqual([
      { from: 0, to: 11 * step, at: 0 },
      { from: 2 * T, to: 28 * step, at: 2 * T },
    ]);
  });

  it('make sound be coded anew', () => {
    const stream = {
      ...h264,
      kind: 'audio' as const,
      fourcc: Buffer.of(0xff, 0, 0, 0),
      specific: Buffer.of(0x14, 8),
    };
    const sound = { stream, rate: 16_000, channels: 1, samples: 1024, steady: true };
    const heard = [
      { ...a, sound: { ...sound, begin: 0, end: 0.5 * T } },
      { ...b, sound: { ...sound, begin: 5 * T, end: 5.5 * T } },
    ];
    expect(plan(heard, {}).sound).toMatchObject({ kind: 'code', rate: 16_000, channels: 1 });
    expect(plan(heard.slice(1), {}).sound).toMatchObject({ kind: 'copy', configuration: stream.specific });
    expect(plan(heard, { audio: false }).sound).toEqual({ kind: 'none' });
    expect(plan([a, b], {}).sound).toEqual({ kind: 'none' });
  });
});

it('times of decoding are ahead of those of showing by no more than they must be', () => {
  const order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8];
  expect(plan([file({ begin: 0, pictures: 'IPPPPPPPPP', order })], {}).ahead).toBe(100);
  expect(plan([one], {}).ahead).toBe(0);
});

it('refuses a time without pictures', () => {
  expect(() => plan([one], { from: 1901, to: 1999 })).toThrow(
    expect.objectContaining({ code: 'NOT_RECORDED' }),
  );
  expect(() => plan([], {})).toThrow(expect.objectContaining({ code: 'NOT_RECORDED' }));
});
