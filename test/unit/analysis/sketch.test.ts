import { describe, expect, it } from 'vitest';
import { createLabeler } from '../../../src/analysis/pixels.ts';
import { createSketcher } from '../../../src/analysis/sketch.ts';
import type { MaskGeometry } from '../../../src/core/frame.ts';

const geometry = (width: number, height: number): MaskGeometry => {
  const [paddedWidth, paddedHeight] = [width, height].map((side) => Math.ceil(side / 32) * 32);
  return {
    gridWidth: paddedWidth / 16,
    gridHeight: paddedHeight / 16,
    paddedWidth,
    paddedHeight,
    width,
    height,
  };
};

/** Smooth blobs, one a region, as masks are. */
function blobs(count: number, { gridWidth, gridHeight }: MaskGeometry): Float32Array {
  const logits = new Float32Array(count * gridWidth * gridHeight);
  for (let q = 0; q < count; q++) {
    const [cx, cy] = [(gridWidth * ((q * 7) % count)) / count, (gridHeight * ((q * 3 + 1) % count)) / count];
    for (let y = 0; y < gridHeight; y++) {
      for (let x = 0; x < gridWidth; x++) {
        logits[(q * gridHeight + y) * gridWidth + x] = 4 - Math.hypot(x - cx, y - cy) * (1 + (q % 3));
      }
    }
  }
  return logits;
}

/** Each region is mostly one name. */
function peaked(count: number, classes: number): Float32Array {
  const probabilities = new Float32Array(count * classes).fill(0.1 / classes);
  for (let q = 0; q < count; q++) probabilities[q * classes + (q % classes)] = 0.85;
  return probabilities;
}

describe.each([
  [640, 360, 640, 360],
  [683, 384, 640, 360],
  [683, 384, 320, 180],
  [333, 72, 101, 57],
  [17, 5, 40, 12],
  [1, 1, 2, 2],
])('a sketch of %i×%i at %i×%i', (seenWidth, seenHeight, width, height) => {
  it('names nearly all pixels as the exact labels do', () => {
    const g = geometry(seenWidth, seenHeight);
    const [count, classes] = [12, 5];
    const [logits, probabilities] = [blobs(count, g), peaked(count, classes)];
    const exact = createLabeler(g, width, height).label(logits, probabilities, count).labels;
    const sketched = createSketcher(g, width, height).sketch(logits, probabilities, count);
    expect([sketched.width, sketched.height, sketched.labels.length]).toEqual([
      width,
      height,
      width * height,
    ]);
    const equal = Array.from(sketched.labels).filter((label, i) => label === exact[i]).length;
    expect(equal / exact.length).toBeGreaterThan(0.98);
  });
});

it('serves frames of other vocabularies, beyond 256 names too', () => {
  const g = geometry(64, 64);
  const sketcher = createSketcher(g, 32, 32);
  const logits = blobs(3, g);
  expect(new Set(sketcher.sketch(logits, peaked(3, 3), 3).labels).size).toBeGreaterThan(1);
  const many = new Float32Array(3 * 300);
  many[299] = 0.9;
  many[300 + 299] = 0.9;
  many[600 + 299] = 0.9;
  expect([...new Set(sketcher.sketch(logits, many, 3).labels)]).toEqual([299]);
});
