import type { Rational } from '../../core/time.ts';
import { type Bits, bitsOf } from './bits.ts';

/** What H.264 says of itself (ITU-T H.264, 7.3), as MP4 keeps it (ISO/IEC 14496-15, 5.3.3). */

/** The fields of a sequence parameter set by which it is decided whether pictures of another encoder fit. */
export interface SequenceParameters {
  readonly id: number;
  readonly profile: number;
  /** The byte of flags between profile and level. */
  readonly constraints: number;
  /** Ten times the level's number. */
  readonly level: number;
  /** 1: 4:2:0. */
  readonly chroma: number;
  readonly bitDepth: number;
  /** Pictures that later ones may look back at. */
  readonly references: number;
  readonly progressive: boolean;
  /** In pixels, without what is cropped. */
  readonly width: number;
  readonly height: number;
  readonly sampleAspectRatio: Rational;
  readonly fullRange: boolean;
  /** Numbers of ITU-T H.273; 2: not said. */
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  /** Pictures by which decoding runs ahead of showing; undefined: it does not say. */
  readonly reorder: number | undefined;
}

/** Whole units, as they are. */
export interface ParameterSets {
  readonly sequence: readonly Uint8Array[];
  readonly picture: readonly Uint8Array[];
}

export const UNIT = { slice: 1, idr: 5, sequence: 7, picture: 8 } as const;
export const typeOf = (unit: Uint8Array): number => unit[0] & 31;

/** Profiles whose sets say how colours are coded. */
const HIGH = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Width ÷ height of a pixel, by number (table E-1); 255: it follows. */
const ASPECTS = [
  ...[
    [1, 1],
    [1, 1],
    [12, 11],
    [10, 11],
    [16, 11],
    [40, 33],
    [24, 11],
    [20, 11],
    [32, 11],
    [80, 33],
  ],
  ...[
    [18, 11],
    [15, 11],
    [64, 33],
    [160, 99],
    [4, 3],
    [3, 2],
    [2, 1],
  ],
].map(([num, den]) => ({ num, den }));

/** Throws RangeError where it is none. */
export function parseSequence(unit: Uint8Array): SequenceParameters {
  if (typeOf(unit) !== UNIT.sequence) throw new RangeError('no sequence parameter set');
  const bits = bitsOf(unit);
  const [profile, constraints, level, id] = [bits.u(8), bits.u(8), bits.u(8), bits.ue()];
  let [chroma, bitDepth] = [1, 8];
  if (HIGH.has(profile)) {
    chroma = bits.ue();
    if (chroma === 3) bits.flag();
    bitDepth = 8 + Math.max(bits.ue(), bits.ue());
    bits.flag();
    if (bits.flag()) for (let i = 0; i < (chroma === 3 ? 12 : 8); i++) skipScaling(bits, i < 6 ? 16 : 64);
  }
  bits.ue(); // bits of frame numbers
  const order = bits.ue();
  if (order === 0) bits.ue();
  else if (order === 1) {
    bits.flag();
    bits.se();
    bits.se();
    for (let left = bits.ue(); left > 0; left--) bits.se();
  }
  const references = bits.ue();
  bits.flag(); // gaps in frame numbers
  const [columns, rows] = [bits.ue() + 1, bits.ue() + 1];
  const progressive = bits.flag();
  if (!progressive) bits.flag();
  bits.flag(); // direct 8×8 inference
  const [left, right, top, bottom] = bits.flag()
    ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()]
    : [0, 0, 0, 0];
  const [across, down] = [
    chroma === 1 || chroma === 2 ? 2 : 1,
    (chroma === 1 ? 2 : 1) * (progressive ? 1 : 2),
  ];
  return {
    ...{ id, profile, constraints, level, chroma, bitDepth, references, progressive },
    width: 16 * columns - across * (left + right),
    height: 16 * rows * (progressive ? 1 : 2) - down * (top + bottom),
    ...(bits.flag() ? parseUsability(bits) : NOT_SAID),
  };
}

type Usability = Pick<
  SequenceParameters,
  'sampleAspectRatio' | 'fullRange' | 'primaries' | 'transfer' | 'matrix' | 'reorder'
>;

const NOT_SAID: Usability = {
  sampleAspectRatio: ASPECTS[0],
  fullRange: false,
  ...{ primaries: 2, transfer: 2, matrix: 2 },
  reorder: undefined,
};

/** Annex E. */
function parseUsability(bits: Bits): Usability {
  let sampleAspectRatio: Rational = ASPECTS[0];
  if (bits.flag()) {
    const number = bits.u(8);
    const given = number === 255 ? { num: bits.u(16), den: bits.u(16) } : ASPECTS[number];
    if (given && given.num > 0 && given.den > 0) sampleAspectRatio = given;
  }
  if (bits.flag()) bits.flag(); // overscan
  let fullRange = false;
  let [primaries, transfer, matrix] = [2, 2, 2];
  if (bits.flag()) {
    bits.u(3);
    fullRange = bits.flag();
    if (bits.flag()) [primaries, transfer, matrix] = [bits.u(8), bits.u(8), bits.u(8)];
  }
  if (bits.flag()) {
    bits.ue(); // where colours are sampled
    bits.ue();
  }
  if (bits.flag()) {
    bits.u(32); // ticks of the clock
    bits.u(32);
    bits.flag();
  }
  const buffered = [bits.flag() && skipBuffering(bits), bits.flag() && skipBuffering(bits)];
  if (buffered.some(Boolean)) bits.flag();
  bits.flag(); // structure of pictures in messages
  let reorder: number | undefined;
  if (bits.flag()) {
    bits.flag();
    for (let i = 0; i < 4; i++) bits.ue();
    reorder = bits.ue();
  }
  return { sampleAspectRatio, fullRange, primaries, transfer, matrix, reorder };
}

function skipBuffering(bits: Bits): true {
  const count = bits.ue() + 1;
  bits.u(8);
  for (let i = 0; i < count; i++) {
    bits.ue();
    bits.ue();
    bits.flag();
  }
  bits.u(20);
  return true;
}

function skipScaling(bits: Bits, size: number): void {
  if (!bits.flag()) return;
  let [last, next] = [8, 8];
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

/** The number that slices know a picture parameter set by. */
export const pictureId = (unit: Uint8Array): number => bitsOf(unit).ue();

/** Units of a packet that has the length of each before it, in four bytes. Undefined where lengths do not fit. */
export function prefixedUnits(data: Uint8Array): Uint8Array[] | undefined {
  const units: Uint8Array[] = [];
  let at = 0;
  while (at + 4 < data.length) {
    const length = Buffer.from(data.buffer, data.byteOffset + at, 4).readUInt32BE();
    if (length === 0 || at + 4 + length > data.length) return undefined;
    units.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return at === data.length && units.length > 0 ? units : undefined;
}

/** Units between start codes (Annex B). */
export function separatedUnits(data: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const units: Uint8Array[] = [];
  for (let at = bytes.indexOf(START); at >= 0; ) {
    const next = bytes.indexOf(START, at + 3);
    let end = next < 0 ? bytes.length : next;
    while (end > at + 3 && bytes[end - 1] === 0) end--;
    if (end > at + 3) units.push(data.subarray(at + 3, end));
    at = next;
  }
  return units;
}
const START = Buffer.from([0, 0, 1]);

/** Each unit with its length before it, in four bytes. */
export function prefixed(units: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(unit.length);
      return [length, unit];
    }),
  );
}

/** The sets of an avcC box. Undefined where it is none, or where lengths before units have not four bytes. */
export function parseConfiguration(box: Uint8Array): ParameterSets | undefined {
  if (box[0] !== 1 || box.length < 7 || (box[4] & 3) !== 3) return undefined;
  let at = 5;
  const read = (count: number): Uint8Array[] | undefined => {
    const units: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const length = box[at] * 256 + box[at + 1];
      if (!(length > 0 && at + 2 + length <= box.length)) return undefined;
      units.push(box.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    return units;
  };
  const sequence = read(box[at++] & 31);
  const picture = sequence && read(box[at++]);
  return sequence && picture ? { sequence, picture } : undefined;
}

/** The avcC box of them all, with lengths of four bytes. Its profile and level are such that all of them fit. */
export function configurationOf({ sequence, picture }: ParameterSets): Buffer {
  const all = sequence.map(parseSequence);
  const { profile, chroma, bitDepth } = all.reduce((best, one) => (one.profile > best.profile ? one : best));
  const level = Math.max(...all.map((one) => one.level));
  const constraints = all.reduce((both, one) => both & one.constraints, 255);
  const listed = (units: readonly Uint8Array[]) =>
    units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 255]), unit]);
  return Buffer.concat([
    Buffer.from([1, profile, constraints, level, 0xff, 0xe0 | sequence.length]),
    ...listed(sequence),
    Buffer.from([picture.length]),
    ...listed(picture),
    ...(HIGH.has(profile)
      ? [Buffer.from([0xfc | chroma, 0xf8 | (bitDepth - 8), 0xf8 | (bitDepth - 8), 0])]
      : []),
  ]);
}

/** All sets once. Undefined where two different ones go by the same number. */
export function unitedSets(all: readonly ParameterSets[]): ParameterSets | undefined {
  const [sequence, picture] = [new Map<number, Uint8Array>(), new Map<number, Uint8Array>()];
  const add = (to: Map<number, Uint8Array>, id: number, padded: Uint8Array): boolean => {
    const unit = withoutPadding(padded);
    const known = to.get(id);
    to.set(id, known ?? unit);
    return known === undefined || Buffer.compare(known, unit) === 0;
  };
  for (const sets of all) {
    for (const unit of sets.sequence) if (!add(sequence, parseSequence(unit).id, unit)) return undefined;
    for (const unit of sets.picture) if (!add(picture, pictureId(unit), unit)) return undefined;
  }
  return { sequence: [...sequence.values()], picture: [...picture.values()] };
}

/** No unit ends in zeros; some cameras add them. */
const withoutPadding = (unit: Uint8Array): Uint8Array =>
  unit.subarray(0, unit.findLastIndex((byte) => byte !== 0) + 1);

/** A number by which neither a sequence nor a picture parameter set is known yet; MP4 has room for 31 of the first. */
export function freeId({ sequence, picture }: ParameterSets): number | undefined {
  if (sequence.length >= 31 || picture.length >= 255) return undefined;
  const taken = new Set([...sequence.map((unit) => parseSequence(unit).id), ...picture.map(pictureId)]);
  for (let id = 1; id < 32; id++) if (!taken.has(id)) return id;
  return undefined;
}
