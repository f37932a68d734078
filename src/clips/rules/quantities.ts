import { splitUnescaped, unescaped } from '../../core/escapes.ts';

/** Durations, shares, comparisons and words as people write them. What is not understood is undefined. */

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, ms: 0.001, s: 1, sec: 1, second: 1, seconds: 1 },
  ...{ m: 60, min: 60, minute: 60, minutes: 60, h: 3600, hour: 3600, hours: 3600 },
};

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const DURATION = new RegExp(`^(${NUMBER})\\s*([a-z]*)$`, 'i');
const SHARE = new RegExp(`^(${NUMBER})\\s*(%?)$`, 'i');
const COMPARISON = /^\s*(>=|<=|==|!=|>|<|=|≥|≤|≠)\s*(.*?)\s*$/;

/** Seconds of `2 s`, `1.5 min`, `500 ms`, `1 h`, or a number of them. */
export function durationOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const [, number, unit] = DURATION.exec(value.trim()) ?? [];
  const seconds = UNITS[unit?.toLowerCase() ?? 'none'];
  // Rounded, so that 1.1 min is 66 s.
  return seconds === undefined ? undefined : round(Number(number) * seconds);
}

/** 0.05 of `5 %` or 0.05. */
export function shareOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const [, number, percent] = SHARE.exec(value.trim()) ?? [];
  if (number === undefined) return undefined;
  return percent === '' ? Number(number) : round(Number(number) / 100);
}

/** A number, also as text. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'string' && value.includes('%') ? undefined : shareOf(value);
}

const round = (value: number): number => Number(value.toPrecision(12));

type Operator = '>' | '>=' | '<' | '<=' | '=' | '!=';

export interface Comparison {
  readonly operator: Operator;
  readonly value: number;
}

const SPELLINGS: Readonly<Record<string, Operator>> = { '==': '=', '≥': '>=', '≤': '<=', '≠': '!=' };

/** `>= 3`, `< 5 %`. `read`: what is behind the sign. */
export function comparisonOf(
  value: unknown,
  read: (text: string) => number | undefined,
): Comparison | undefined {
  if (typeof value !== 'string') return undefined;
  const [, sign, text] = COMPARISON.exec(value) ?? [];
  const number = text === undefined || text === '' ? undefined : read(text);
  if (number === undefined) return undefined;
  return { operator: SPELLINGS[sign] ?? (sign as Operator), value: number };
}

export const comparisonText = ({ operator, value }: Comparison): string => `${operator} ${value}`;

/** Of a comparison in the form of `comparisonText`. */
export function comparisonFrom(text: string): Comparison {
  const comparison = comparisonOf(text, numberOf);
  if (!comparison) throw new RangeError(`${text} is no comparison`);
  return comparison;
}

export function compares({ operator, value }: Comparison, number: number): boolean {
  switch (operator) {
    case '>':
      return number > value;
    case '>=':
      return number >= value;
    case '<':
      return number < value;
    case '<=':
      return number <= value;
    case '=':
      return number === value;
    case '!=':
      return number !== value;
  }
}

/** The synonyms of a name as it is written in a rule: `car|vehicle`. */
export const synonymsOf = (text: string): string[] => splitUnescaped(text, '|').map(unescaped);

/** A name with synonyms as it is written in a rule. */
export const written = (synonyms: readonly string[]): string =>
  synonyms.map((word) => word.replace(/[,|\\]/g, '\\$&')).join('|');
