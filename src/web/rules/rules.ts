/**
 * The rules of a camera in the one form that the server keeps: durations are seconds, shares are 0 to 1, comparisons are
 * text such as `> 0.05`.
 */

export type Point = readonly [x: number, y: number];
export type Points = readonly Point[];

export interface Rules {
  readonly zones: Readonly<Record<string, Points>>;
  readonly lines: Readonly<Record<string, Points>>;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly name: string;
  readonly when: Condition;
  readonly schedule: readonly Span[];
  readonly cooldown: number;
  readonly linger: number;
  readonly pre_roll: number;
  readonly post_roll: number;
  readonly clip: boolean;
  /** Left out where it is on. */
  readonly enabled?: false;
}

export interface Span {
  readonly days: readonly Day[];
  /** `HH:MM`, up to 24:00. */
  readonly from: string;
  readonly to: string;
  readonly time_zone: string;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

interface Lasting {
  readonly for?: number;
}

export interface ObjectCondition extends Lasting {
  readonly object: readonly string[];
  readonly in?: readonly string[];
  readonly enters?: string;
  readonly leaves?: string;
  readonly crosses?: string;
  readonly direction?: 'left' | 'right';
  readonly min_size?: number;
  readonly max_size?: number;
  readonly min_score?: number;
  readonly speed?: string;
  readonly count?: string;
}

export interface StuffCondition extends Lasting {
  readonly stuff: readonly string[];
  readonly in?: string;
  readonly share?: string;
  readonly change?: string;
}

export type Condition =
  | ObjectCondition
  | StuffCondition
  | (Lasting & { readonly all: readonly Condition[] })
  | (Lasting & { readonly any: readonly Condition[] })
  | (Lasting & { readonly not: Condition });

/** What a rule has that does not say it. */
export const DEFAULTS = {
  schedule: [] as readonly Span[],
  ...{ cooldown: 0, linger: 1, pre_roll: 5, post_roll: 5, clip: true },
} as const;

export const NO_RULES: Rules = { zones: {}, lines: {}, rules: [] };

export const OPERATORS = ['>', '>=', '<', '<=', '=', '!='] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Comparison {
  readonly operator: Operator;
  readonly value: number;
}

/** Of a comparison in the server's form. */
export function comparisonFrom(text: string): Comparison {
  const [, sign = '=', value = ''] = /^(>=|<=|!=|>|<|=) (.+)$/.exec(text) ?? [];
  return { operator: sign as Operator, value: Number(value) };
}

export const comparisonText = ({ operator, value }: Comparison): string => `${operator} ${value}`;

/** Rounded, so that 0.07 is 7 and not 7.000000000000001. */
export const tidy = (value: number): number => Number(value.toPrecision(12));

/** Whether two values are the same as JSON, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keysOf = (value: object) =>
    Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
  const [mine, theirs] = [keysOf(a), keysOf(b)];
  return (
    mine.length === theirs.length &&
    mine.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
