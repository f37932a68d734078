import { expect, it } from 'vitest';
import { createSpans, type Moment } from '../../../src/search/spans.ts';
import { numbers } from '../associate/random.ts';

it('are the same in whatever order stretches come', () => {
  const random = numbers(11);
  const whole = (below: number) => Math.floor(random() * below);
  for (let trial = 0; trial < 50; trial++) {
    const stretches = Array.from({ length: 30 }, (_, track) => {
      const from = whole(3000);
      const moment: Moment | undefined =
        random() < 0.3 ? undefined : { score: whole(3), share: whole(3), track, at: from, hour: 1 };
      return { from, to: from + 1 + whole(80), moment };
    });
    const seen = new Uint8Array(3200);
    for (const { from, to } of stretches) seen.fill(1, from, to);
    const spans = createSpans(20);
    for (const { from, to, moment } of stretches) spans.add(from, to, moment);
    const found = spans.finish();
    // Between spans nothing is seen for 20 ms, within them there is no such gap.
    for (const [i, { from, to, best }] of found.entries()) {
      expect([seen[from - 1] ?? 0, seen[from], seen[to - 1], seen[to]]).toEqual([0, 1, 1, 0]);
      if (i > 0) expect(from - found[i - 1].to).toBeGreaterThanOrEqual(20);
      expect(seen.subarray(from, to).join('')).not.toContain('0'.repeat(20));
      const moments = stretches.filter((one) => one.from >= from && one.to <= to).map((one) => one.moment);
      const most = Math.max(...moments.map((moment) => (moment ? 10 * moment.score + moment.share : -1)));
      expect(best ? 10 * best.score + best.share : -1).toBe(most);
    }
    expect(found.reduce((sum, { from, to }) => sum + seen.subarray(from, to).filter(Boolean).length, 0)).toBe(
      seen.filter(Boolean).length,
    );
    const backwards = createSpans(20);
    for (const { from, to, moment } of stretches.toReversed()) backwards.add(from, to, moment);
    expect(backwards.finish()).toEqual(found);
  }
});
