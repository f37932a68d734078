import { describe, expect, it } from 'vitest';
import { classProbabilities } from '../../../src/analysis/name.ts';
import { createLabeler } from '../../../src/analysis/pixels.ts';
import { semSeg } from '../../../src/analysis/sem-seg.ts';
import type { MaskGeometry } from '../../../src/core/frame.ts';
import { plainRows, randomNumbers, readTensors } from './tensors.ts';

const GOLDEN = 'test/fixtures/golden';

function geometryOf(width: number, height: number): MaskGeometry {
  const paddedWidth = Math.ceil(width / 32) * 32;
  const paddedHeight = Math.ceil(height / 32) * 32;
  return {
    gridWidth: paddedWidth / 16,
    gridHeight: paddedHeight / 16,
    paddedWidth,
    paddedHeight,
    width,
    height,
  };
}

function winners(scores: Float32Array, classes: number): number[] {
  const pixels = scores.length / classes;
  return Array.from({ length: pixels }, (_, i) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (scores[c * pixels + i] > scores[best * pixels + i]) best = c;
    return best;
  });
}

/** Pixels where the labels are not the greatest score, ties within float32 rounding apart. */
function mistakes(labels: ArrayLike<number>, scores: Float32Array): number {
  const pixels = labels.length;
  const classes = scores.length / pixels;
  const best = winners(scores, classes);
  let wrong = 0;
  for (let i = 0; i < pixels; i++) {
    const lead = scores[best[i] * pixels + i] - scores[labels[i] * pixels + i];
    if (lead > 1e-6 * (1 + scores[best[i] * pixels + i])) wrong++;
  }
  return wrong;
}

describe('pixels', () => {
  it.each(['tiny.2x100x180', 'tiny.2x128x128', 'tiny-l14.2x100x180', 'tiny-l14.1x128x192'])(
    'scores %s as the public code does',
    (file) => {
      const golden = readTensors(`${GOLDEN}/${file}.safetensors`);
      const [frames, count, gridHeight, gridWidth] = golden.shape('mask_logits');
      const [, classes, height, width] = golden.shape('sem_seg');
      const geometry = geometryOf(width, height);
      expect([gridWidth, gridHeight]).toEqual([geometry.gridWidth, geometry.gridHeight]);
      const part = (name: string, frame: number) => {
        const all = golden.floats(name);
        return all.subarray((all.length / frames) * frame, (all.length / frames) * (frame + 1));
      };
      for (let frame = 0; frame < frames; frame++) {
        const probabilities = classProbabilities(
          part('class_logits', frame),
          count,
          plainRows(classes),
          classes,
        );
        const scores = semSeg(part('mask_logits', frame), geometry, probabilities, count);
        const expected = part('sem_seg', frame);
        const error = scores.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i])), 0);
        expect(error).toBeLessThan(1e-3);
        const { labels } = createLabeler(geometry).label(part('mask_logits', frame), probabilities, count);
        expect(mistakes(labels, scores)).toBe(0);
      }
    },
  );

  it('names ViT-B/16 at 640×640 as the public code does', () => {
    const golden = readTensors(`${GOLDEN}/vit-b-16.1x640x640.safetensors`);
    const probabilities = classProbabilities(golden.floats('class_logits'), 100, plainRows(10), 10);
    const { labels } = createLabeler(geometryOf(640, 640)).label(
      golden.floats('mask_logits'),
      probabilities,
      100,
    );
    const expected = golden.bytes('argmax');
    const equal = expected.reduce((sum, label, i) => sum + Number(label === labels[i]), 0);
    expect(equal / expected.length).toBeGreaterThan(0.999);
  });

  // Sharp and soft masks, peaked and flat names, sizes that end inside a cell, output smaller and larger than the input.
  it.each([
    { width: 180, height: 100, out: [180, 100], count: 12, classes: 5, sharpness: 4, peak: 4 },
    { width: 333, height: 72, out: [333, 72], count: 20, classes: 30, sharpness: 20, peak: 6 },
    { width: 333, height: 72, out: [167, 37], count: 20, classes: 30, sharpness: 2, peak: 1 },
    { width: 120, height: 90, out: [301, 227], count: 9, classes: 7, sharpness: 8, peak: 3 },
    { width: 31, height: 17, out: [62, 33], count: 3, classes: 2, sharpness: 1, peak: 0.1 },
    { width: 160, height: 96, out: [1, 1], count: 6, classes: 4, sharpness: 5, peak: 2 },
    { width: 64, height: 64, out: [64, 64], count: 40, classes: 300, sharpness: 3, peak: 5 },
  ])(
    'finds the greatest score of every pixel: %o',
    ({ width, height, out, count, classes, sharpness, peak }) => {
      const random = randomNumbers(width * 7 + count);
      const geometry = geometryOf(width, height);
      const labeler = createLabeler(geometry, out[0], out[1]);
      // Twice, so that nothing of the first frame lives on in the second.
      for (let frame = 0; frame < 2; frame++) {
        const samples = geometry.gridWidth * geometry.gridHeight;
        const logits = Float32Array.from({ length: count * samples }, () => sharpness * (random() * 2 - 1.3));
        const names = Float32Array.from({ length: count * (classes + 1) }, () => peak * (random() * 2 - 1));
        const probabilities = classProbabilities(names, count, plainRows(classes), classes);
        const { labels } = labeler.label(logits, probabilities, count);
        const scores = semSeg(logits, geometry, probabilities, count, out[0], out[1]);
        expect(labels.length).toBe(out[0] * out[1]);
        expect(mistakes(labels, scores)).toBe(0);
      }
    },
  );

  it('is sure of a name by its part of all scores', () => {
    const geometry = geometryOf(32, 32);
    const logits = new Float32Array([...Array(4).fill(20), ...Array(4).fill(-20)]);
    const labeler = createLabeler(geometry);
    labeler.label(logits, Float32Array.of(0.6, 0.2, 0.1, 0.9), 2);
    expect(labeler.confidence(logits, Float32Array.of(0.6, 0.2, 0.1, 0.9), 2)[0]).toBeCloseTo(0.75, 4);
    expect(labeler.confidence(logits, Float32Array.of(0.6, 0.2, 0.1, 0.9), 2)[1]).toBe(0);
  });

  it('refuses arrays that do not fit', () => {
    expect(() =>
      createLabeler(geometryOf(32, 32)).label(new Float32Array(9), new Float32Array(4), 2),
    ).toThrow(RangeError);
  });
});
