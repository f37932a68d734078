/**
 * Milliseconds to wait before the next try, after `failed` tries have failed: they double from half a second to half a
 * minute, with a random part so that many clients don't come back together.
 */
export const backoff = (failed: number): number =>
  Math.min(30_000, 500 * 2 ** (failed - 1)) * (0.5 + Math.random() / 2);

/**
 * The same for messages that somebody has not taken: 5 s, 10 s, 20 s, … up to `most` milliseconds. With four hours twelve
 * tries take a day and a half.
 */
export const patientBackoff = (failed: number, most: number): number =>
  Math.round(Math.min(most, 5000 * 2 ** (failed - 1)) * (0.8 + Math.random() * 0.4));
