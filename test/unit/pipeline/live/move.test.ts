import { expect, it } from 'vitest';
import { moved } from '../../../../src/pipeline/live/move.ts';
import type { PointNaming } from '../../../../src/pipeline/name.ts';

/** Segments by letters: s and r are stuff, a and b are things. */
const LETTERS = 'srab';
function naming(...rows: string[]): PointNaming {
  const pieces = Uint16Array.from(rows.join(''), (letter) => LETTERS.indexOf(letter));
  const segments = [0, 1, 2, 2].map((name, i) => ({ name, track: i + 1, confidence: 1 }));
  return {
    kind: 'points',
    width: rows[0].length,
    height: rows.length,
    labels: pieces.map((piece) => segments[piece].name),
    segments,
    pieces,
  };
}
const rowsOf = ({ pieces, width }: PointNaming) =>
  Array.from({ length: pieces.length / width }, (_, y) =>
    [...pieces.subarray(y * width, (y + 1) * width)].map((piece) => LETTERS[piece]).join(''),
  );

it('moves a thing along, and gives what it leaves to the stuff beside it', () => {
  const before = naming('saassrr', 'saassrr');
  const after = moved(before, new Map([[2, { vx: 4, vy: 0 }]]), 0.5);
  expect(rowsOf(after)).toEqual(['sssaarr', 'sssaarr']);
  expect([...after.labels.subarray(0, 7)]).toEqual([0, 0, 0, 2, 2, 1, 1]);
  expect(rowsOf(before)).toEqual(['saassrr', 'saassrr']);
});

it('moves several at once, out of the picture too, and never further than half a second', () => {
  const before = naming('ssssss', 'aassbb');
  const motions = new Map([
    [2, { vx: 0, vy: -2 }],
    [3, { vx: 4, vy: 0 }],
  ]);
  expect(rowsOf(moved(before, motions, 0.5))).toEqual(['aassss', 'ssssss']);
  expect(rowsOf(moved(before, motions, 60))).toEqual(['aassss', 'ssssss']);
});

it('gives back the very same where nothing moves by a point', () => {
  const before = naming('saas');
  expect(moved(before, new Map([[2, { vx: 1, vy: 0 }]]), 0.2)).toBe(before);
  expect(moved(before, new Map(), 1)).toBe(before);
});
