import { expect, it } from 'vitest';
import { chaptersOf } from '../../../../src/media/cut/chapters.ts';
import { chaptersText } from '../../../../src/media/cut/mux.ts';

const T = 90_000;

it('says when pieces were, and how long gaps are', () => {
  const day = 1_769_860_800 * T;
  const pieces = [
    { from: day, to: day + 2 * T, at: 0 },
    { from: day + 14 * T, to: day + 15 * T, at: 3 * T },
  ];
  const gaps = [{ from: day + 2 * T, to: day + 14 * T, at: 2, shown: 1 }];
  expect(chaptersOf({ pieces, gaps })).toEqual([
    { from: 0, to: 2, title: '2026-01-31T12:00:00.000Z' },
    { from: 2, to: 3, title: 'gap: 12 s' },
    { from: 3, to: 4, title: '2026-01-31T12:00:14.000Z' },
  ]);
  expect(chaptersOf({ pieces: pieces.slice(0, 1), gaps: [] })).toEqual([]);
});

it('writes them as ffmpeg reads them', () => {
  expect(chaptersText([{ from: 0.5, to: 1.25, title: 'a=b; #1' }])).toBe(
    ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1250\ntitle=a\\=b\\; \\#1\n',
  );
});
