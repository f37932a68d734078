import { describe, expect, it } from 'vitest';
import {
  configurationOf,
  freeId,
  parseConfiguration,
  parseSequence,
  pictureId,
  prefixed,
  prefixedUnits,
  separatedUnits,
  unitedSets,
} from '../../../../src/media/cut/h264.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** avcC boxes as ffmpeg writes them for what x264 makes. */
const BOX = {
  // 1920×1080 in the Baseline profile, full range, BT.709, pixels of 4:3; by number 5.
  baseline: '0142c029ffe1001d6742c02935b01e0089f970e6e02020280000030008000003019078c19701000668318a83cb20',
  // 322×182 in the Main profile, with B-frames and a model of the decoder's buffer.
  main: '014d4014ffe10023674d4014e880a8cf1136022000000300200000064c08001e848003d09498600f14291201000568ebe3cb20',
  // 720×576, interlaced.
  interlaced: '0164001effe100186764001eacd940b424d8088000000300800000190f8a14cb01000668fba3cb22c0fdf8f800',
  // 320×180 in ten bits.
  deep: '016e000cffe1001a676e000ca6cd941419f9f011000003000100000300320f14299601000668ebe3cb22c0fdfafa00',
  // 320×180 in 4:4:4, with matrices of its own.
  full: '01f4000cffe1001967f4000c919b282833f1b808800000030080000019078a14cb01000868ebe3c44c000440fff8f800',
};
const setsOf = (box: string) => parseConfiguration(hex(box))!;
const sequenceOf = (box: string) => parseSequence(setsOf(box).sequence[0]!);

describe('a sequence parameter set', () => {
  it.each([
    [BOX.baseline, { id: 5, profile: 66, level: 41, width: 1920, height: 1080, references: 2, reorder: 0 }],
    [
      BOX.baseline,
      { fullRange: true, primaries: 1, transfer: 1, matrix: 1, sampleAspectRatio: { num: 4, den: 3 } },
    ],
    [BOX.main, { id: 0, profile: 77, level: 20, width: 322, height: 182, references: 3, reorder: 1 }],
    [BOX.main, { fullRange: false, primaries: 2, sampleAspectRatio: { num: 1, den: 1 }, progressive: true }],
    [BOX.interlaced, { profile: 100, width: 720, height: 576, progressive: false, reorder: 2 }],
    [BOX.deep, { profile: 110, width: 320, height: 180, chroma: 1, bitDepth: 10 }],
    [BOX.full, { profile: 244, width: 320, height: 180, chroma: 3, bitDepth: 8, reorder: 2 }],
  ])('%s says %j', (box, wanted) => {
    expect(sequenceOf(box)).toMatchObject(wanted);
  });

  it('that is cut off, or is none, is refused', () => {
    const [unit] = setsOf(BOX.main).sequence;
    expect(() => parseSequence(unit!.subarray(0, 6))).toThrow(RangeError);
    expect(() => parseSequence(setsOf(BOX.main).picture[0]!)).toThrow(RangeError);
  });
});

describe('the avcC box', () => {
  it.each(Object.entries(BOX))('is written as it was read: %s', (_, box) => {
    expect(configurationOf(setsOf(box)).toString('hex')).toBe(box);
  });

  it('of several sets has the profile and level that all of them fit into', () => {
    const united = unitedSets([setsOf(BOX.main), setsOf(BOX.baseline)])!;
    const box = configurationOf(united);
    expect([...box.subarray(0, 6)]).toEqual([1, 77, 0x40, 41, 0xff, 0xe2]);
    expect(parseConfiguration(box)).toEqual(united);
  });

  it.each([
    '',
    '01',
    '000000016742c029',
    BOX.main.slice(0, 40),
    BOX.main.replace('014d4014ff', '014d4014fd'),
  ])('is not %s', (box) => {
    expect(parseConfiguration(hex(box))).toBeUndefined();
  });
});

describe('sets of several files', () => {
  it('are each there once, whatever stands behind them', () => {
    const [main, baseline] = [setsOf(BOX.main), setsOf(BOX.baseline)];
    const padded = { sequence: [Buffer.concat([main.sequence[0]!, Buffer.alloc(2)])], picture: main.picture };
    expect(unitedSets([main, baseline, padded, main])).toEqual({
      sequence: [main.sequence[0], baseline.sequence[0]],
      picture: [main.picture[0], baseline.picture[0]],
    });
  });

  it('do not go together where one number means two things', () => {
    expect(unitedSets([setsOf(BOX.main), setsOf(BOX.deep)])).toBeUndefined();
  });

  it('leave a number free that is none of theirs', () => {
    const [main, baseline] = [setsOf(BOX.main), setsOf(BOX.baseline)];
    expect(pictureId(baseline.picture[0]!)).toBe(5);
    expect(freeId(unitedSets([main, baseline])!)).toBe(1);
    // Slices know picture parameter sets by their own numbers.
    const first = { sequence: main.sequence, picture: [hex('684e')] };
    expect(pictureId(first.picture[0]!)).toBe(1);
    expect(freeId(first)).toBe(2);
  });
});

describe('units', () => {
  const [a, b] = [hex('65888440'), hex('0605ff01')];
  it('are found between start codes', () => {
    expect(separatedUnits(hex(`00000001${a.toString('hex')}000001${b.toString('hex')}0000`))).toEqual([a, b]);
  });
  it('are found by the lengths before them', () => {
    const packet = prefixed([a, b]);
    expect(packet.toString('hex')).toBe('0000000465888440000000040605ff01');
    expect(prefixedUnits(packet)).toEqual([a, b]);
  });
  it.each(['', '00000004658884', '0000000000000001', '000000046588844000'])('are not in %s', (packet) => {
    expect(prefixedUnits(hex(packet))).toBeUndefined();
  });
});
