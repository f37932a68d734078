import type { Comparison } from './quantities.ts';

/** Whether a comparison says nothing about what is from `least` to `most`. */
export function verdictOf(
  { operator, value }: Comparison,
  least: number,
  most: number,
): 'can never hold' | 'always holds' | undefined {
  const never = {
    '>': value >= most,
    '>=': value > most,
    '<': value <= least,
    '<=': value < least,
    '=': value < least || value > most,
    '!=': false,
  }[operator];
  if (never) return 'can never hold';
  const always = {
    '>': value < least,
    '>=': value <= least,
    '<': value > most,
    '<=': value >= most,
    '=': false,
    '!=': value < least || value > most,
  }[operator];
  return always ? 'always holds' : undefined;
}
