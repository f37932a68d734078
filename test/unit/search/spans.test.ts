import { expect, it } from 'vitest';
import { createSpans, type Span } from '../../../src/search/spans.ts';
import { numbers } from '../associate/random.ts';

it('are the same in whatever order stretches come', () => {
  const random = numbers(11);
  const whole = (below: number) => Math.floor(random() * below);
  for (let trial = 0; trial < 50; trial++) {
    const stretches = Array.from({ length: 30 }, (): Span => {
      const from = whole(3000);
      const score = random() < 0.3 ? -1 : whole(3);
      return { from, to: from + 1 + whole(80), score, share: whole(3), hour: 1 + whole(2) };
    });
    const seen = new Uint8Array(3200);
    for (const { from, to } of stretches) seen.fill(1, from, to);
    const spans = createSpans(20);
    for (const stretch of stretches) spans.add(stretch);
    const found = spans.finish();
    // Between spans nothing is seen for 20 ms, within them there is no such gap.
    for (const [i, { from, to, score, share }] of found.entries()) {
      expect([seen[from - 1] ?? 0, seen[from], seen[to - 1], seen[to]]).toEqual([0, 1, 1, 0]);
      if (i > 0) expect(from - found[i - 1].to).toBeGreaterThanOrEqual(20);
      expect(seen.subarray(from, to).join('')).not.toContain('0'.repeat(20));
      const rank = (moment: Pick<Span, 'score' | 'share'>) => 10 * moment.score + moment.share;
      const within = stretches.filter((one) => one.from >= from && one.to <= to);
      expect(rank({ score, share })).toBe(Math.max(...within.map(rank)));
    }
    expect(found.reduce((sum, { from, to }) => sum + seen.subarray(from, to).filter(Boolean).length, 0)).toBe(
      seen.filter(Boolean).length,
    );
    const backwards = createSpans(20);
    for (const stretch of stretches.toReversed()) backwards.add(stretch);
    expect(backwards.finish()).toEqual(found);
  }
});
