import { describe, expect, it } from 'vitest';
import { connectedParts } from '../../../src/associate/connected-parts.ts';
import { numbers } from './random.ts';

/** Labels from a drawing: a digit a point. */
function drawn(...rows: string[]) {
  return {
    labels: Uint8Array.from(rows.join(''), Number),
    width: rows[0].length,
    height: rows.length,
  };
}
const THINGS = Uint8Array.from([0, 1, 1]);

describe('connected parts', () => {
  it('finds parts of things in reading order, with their measures', () => {
    const { labels, width, height } = drawn('01102', '01002', '11022', '00000', '11333');
    const { parts, map } = connectedParts(labels, width, height, THINGS, 1);
    expect(parts).toEqual([
      { name: 1, area: 5, box: [0, 0, 3, 3], runs: Int32Array.of(1, 2, 6, 1, 10, 2), x: 1, y: 1 },
      { name: 2, area: 4, box: [3, 0, 5, 3], runs: Int32Array.of(4, 1, 9, 1, 13, 2), x: 3.75, y: 1.25 },
      { name: 1, area: 2, box: [0, 4, 2, 5], runs: Int32Array.of(20, 2), x: 0.5, y: 4 },
    ]);
    expect([...map].join('')).toBe('0110201002110220000033000');
  });

  it('does not connect over corners, nor over names', () => {
    const { labels, width, height } = drawn('12', '21');
    expect(connectedParts(labels, width, height, THINGS, 1).parts).toHaveLength(4);
  });

  it('leaves out what is too small', () => {
    const { labels, width, height } = drawn('10110', '00110', '10000');
    const { parts, map } = connectedParts(labels, width, height, THINGS, 2);
    expect(parts).toEqual([
      { name: 1, area: 4, box: [2, 0, 4, 2], runs: Int32Array.of(2, 2, 7, 2), x: 2.5, y: 0.5 },
    ]);
    expect([...map].join('')).toBe('001100011000000');
  });

  it('agrees with a flood fill', () => {
    const random = numbers(1);
    for (let round = 0; round < 50; round++) {
      const [width, height] = [1 + Math.floor(random() * 20), 1 + Math.floor(random() * 20)];
      const labels = Uint16Array.from({ length: width * height }, () => Math.floor(random() * 3));
      const expected = new Uint16Array(width * height);
      let number = 0;
      for (let start = 0; start < labels.length; start++) {
        if (labels[start] === 0 || expected[start] !== 0) continue;
        number++;
        const stack = [start];
        while (stack.length > 0) {
          const at = stack.pop()!;
          if (labels[at] !== labels[start] || expected[at] !== 0) continue;
          expected[at] = number;
          if (at % width > 0) stack.push(at - 1);
          if (at % width < width - 1) stack.push(at + 1);
          if (at >= width) stack.push(at - width);
          if (at + width < labels.length) stack.push(at + width);
        }
      }
      const { parts, map } = connectedParts(labels, width, height, THINGS, 1);
      expect(map).toEqual(expected);
      for (const [i, part] of parts.entries()) {
        expect(part.area).toBe(map.filter((one) => one === i + 1).length);
        expect(part.runs[0]).toBe(map.indexOf(i + 1));
      }
    }
  });

  it('takes empty pictures and refuses wrong sizes', () => {
    expect(connectedParts(new Uint8Array(0), 0, 0, THINGS, 1).parts).toEqual([]);
    expect(connectedParts(new Uint8Array(6), 3, 2, THINGS, 1).parts).toEqual([]);
    expect(() => connectedParts(new Uint8Array(5), 3, 2, THINGS, 1)).toThrow(RangeError);
  });
});
