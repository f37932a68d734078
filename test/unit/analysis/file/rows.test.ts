import { expect, it } from 'vitest';
import { decodeMixtures, encodeMixtures } from '../../../../src/analysis/file/mixture-code.ts';
import {
  decodeRegions,
  decodeTracks,
  encodeRegions,
  encodeTracks,
  roundTracks,
} from '../../../../src/analysis/file/rows.ts';
import { roundToFloat16 } from '../../../../src/core/float16.ts';
import { numbers } from '../../associate/random.ts';
import { DIM, LATTICE, mixtures, tracks } from './made.ts';

const random = numbers(7);
const shape = { ...LATTICE, levels: 15 };

it('reads mixtures as they were written, whatever they are', () => {
  for (let i = 0; i < 300; i++) {
    const rows = [1, 3, 9, 256, 300][i % 5];
    const size = [LATTICE, { width: 1, height: 1 }, { width: 200, height: 3 }, { width: 1, height: 90 }][
      i % 4
    ];
    const points = mixtures(random, Math.min(rows, 40), size);
    const bytes = encodeMixtures(points, rows);
    const trailed = Buffer.concat([bytes, Buffer.of(1, 2, 3)]);
    expect(decodeMixtures(trailed, { ...size, levels: 15 }, rows)).toEqual({ points, length: bytes.length });
  }
});

it('refuses mixtures that are cut, too many, or of tracks and levels that are not there', () => {
  const points = mixtures(random, 6);
  const bytes = encodeMixtures(points, 6);
  for (let end = 0; end < bytes.length; end++) {
    expect(() => decodeMixtures(bytes.subarray(0, end), shape, 6)).toThrow(RangeError);
  }
  expect(() => decodeMixtures(bytes, { ...shape, height: 13 }, 6)).toThrow(RangeError);
  expect(() => decodeMixtures(bytes, { ...shape, height: 15 }, 6)).toThrow(RangeError);
  expect(() => decodeMixtures(bytes, shape, Math.max(...points.regions))).toThrow(/no track/);
  expect(() => decodeMixtures(bytes, { ...shape, levels: Math.max(...points.levels) - 1 }, 6)).toThrow(
    /level/,
  );
  // Damage that a checksum would have missed: another result or an error, never a crash or a hang.
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    try {
      decodeMixtures(flipped, shape, 6);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
  }
});

it('rounds tracks once: what was read is written as it was', () => {
  for (let i = 0; i < 200; i++) {
    const table = tracks(random, 1 + (i % 40));
    expect(roundTracks(table)).toEqual(table);
    expect(decodeTracks(encodeTracks(table), DIM)).toEqual(table);
  }
  const zeros = roundTracks({
    ids: Int32Array.of(4),
    embeddings: new Float32Array(DIM),
    shares: Float32Array.of(0),
  });
  expect(zeros.embeddings).toEqual(new Float32Array(DIM));
});

it('rounds an embedding by half a step of its largest value at most', () => {
  const embeddings = Float32Array.from(
    { length: 50 * DIM },
    () => (random() - 0.5) * 10 ** (random() * 6 - 3),
  );
  const table = {
    ids: Int32Array.from({ length: 50 }, (_, i) => i + 1),
    shares: new Float32Array(50),
    embeddings,
  };
  const rounded = roundTracks(table).embeddings;
  for (let row = 0; row < 50; row++) {
    const own = embeddings.subarray(row * DIM, (row + 1) * DIM);
    const step = Math.max(...own.map(Math.abs)) / 127;
    for (const [i, value] of own.entries())
      expect(Math.abs(value - rounded[row * DIM + i])).toBeLessThanOrEqual(step * 0.5011);
  }
});

it('refuses tables and rows of other sizes', () => {
  const bytes = encodeTracks(tracks(random, 3));
  for (let end = 0; end < bytes.length; end++)
    expect(() => decodeTracks(bytes.subarray(0, end), DIM)).toThrow(RangeError);
  expect(() => decodeTracks(bytes, DIM + 1)).toThrow(RangeError);
  const rows = encodeRegions({
    count: 2,
    embeddings: new Float32Array(2 * DIM),
    queries: new Float32Array(6),
  });
  for (const end of [0, 3, 5, rows.length - 1, rows.length - 2])
    expect(() => decodeRegions(rows.subarray(0, end), DIM)).toThrow(RangeError);
});

it('keeps rows of regions as float16 has them', () => {
  const embeddings = roundToFloat16(Float32Array.from({ length: 5 * DIM }, () => random() - 0.5));
  const queries = roundToFloat16(Float32Array.from({ length: 5 * 7 }, () => random() * 100));
  const regions = { count: 5, embeddings, queries };
  expect(decodeRegions(encodeRegions(regions), DIM)).toEqual(regions);
  const none = { count: 0, embeddings: new Float32Array(0), queries: new Float32Array(0) };
  expect(decodeRegions(encodeRegions(none), DIM)).toEqual(none);
});
