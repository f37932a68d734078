/**
 * Milliseconds to wait before the next try, after `failed` tries have failed: they double from half a second to half a
 * minute, with a random part so that many clients don't come back together.
 */
export const backoff = (failed: number): number =>
  Math.min(30_000, 500 * 2 ** (failed - 1)) * (0.5 + Math.random() / 2);
