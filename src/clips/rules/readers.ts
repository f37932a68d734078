import { splitUnescaped } from '../../core/escapes.ts';
import { hint } from '../../core/suggest.ts';
import { quoteName, tidyName } from '../../core/vocabulary.ts';
import { comparisonOf, comparisonText, durationOf, synonymsOf, written } from './quantities.ts';
import type { Path, Source } from './source.ts';

/** Reading values that people wrote: every fault is told, and none ends the reading. */

export interface Reading {
  readonly source: Source;
  readonly zones: ReadonlySet<string>;
  readonly lines: ReadonlySet<string>;
  /** Says what is wrong at a path, or with its key. */
  fault(path: Path, text: string, part?: 'key' | 'value'): undefined;
}

/** Gives undefined, and says why, where the value does not fit. */
export type Reader<T> = (value: unknown, path: Path, reading: Reading) => T | undefined;
type Values<F> = { -readonly [K in keyof F]?: F[K] extends Reader<infer T> ? T : never };

export type Fields = Readonly<Record<string, Reader<unknown>>>;

/** What a value is called: the key that it, or the list that it is in, stands behind. */
export const keyOf = (path: Path): string =>
  String(path.findLast((part) => typeof part === 'string') ?? 'this');

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The keys of a mapping that are known; says which are not. `elsewhere`: where other keys belong. */
export function readFields<F extends Fields>(
  value: Readonly<Record<string, unknown>>,
  path: Path,
  reading: Reading,
  fields: F,
  elsewhere: (key: string) => string | undefined = () => undefined,
): Values<F> {
  const values: Record<string, unknown> = {};
  for (const [key, here] of Object.entries(value)) {
    const at = [...path, key];
    if (!Object.hasOwn(fields, key)) {
      const text = elsewhere(key) ?? `unknown key ${key}${hint(key, Object.keys(fields))}`;
      reading.fault(at, text, 'key');
      continue;
    }
    const read = fields[key](here, at, reading);
    if (read !== undefined) values[key] = read;
  }
  return values as Values<F>;
}

/** A number within bounds. `read` makes it of what is written; `kind` says what that is. */
export const bounded =
  (read: (value: unknown) => number | undefined, least: number, most: number, kind: string): Reader<number> =>
  (value, path, { fault }) => {
    const number = read(value);
    if (number !== undefined && number >= least && number <= most) return number;
    return fault(path, `${keyOf(path)} must be ${kind}`);
  };

export const duration = (most: number, text: string): Reader<number> =>
  bounded(durationOf, 0, most, `a duration such as 2 s, 1 min or a number of seconds, ${text} at most`);

export const flag: Reader<boolean> = (value, path, { fault }) =>
  typeof value === 'boolean' ? value : fault(path, `${keyOf(path)} must be true or false`);

/** One of some words, in any case of their letters. */
export const oneOf =
  <T extends string>(choices: readonly T[]): Reader<T> =>
  (value, path, { fault }) => {
    const found = choices.find(
      (choice) => typeof value === 'string' && choice === value.trim().toLowerCase(),
    );
    if (found !== undefined) return found;
    const near = typeof value === 'string' ? hint(value, choices) : '';
    return fault(path, `${describe(value)} is none of ${choices.join(', ')}${near}`);
  };

/** A value, or a list of at least one. */
export const several =
  <T>(one: Reader<T>): Reader<readonly T[]> =>
  (value, path, reading) => {
    if (!Array.isArray(value)) {
      const read = one(value, path, reading);
      return read === undefined ? undefined : [read];
    }
    if (value.length === 0) return reading.fault(path, `${keyOf(path)} is an empty list`);
    const all = value.map((item, i) => one(item, [...path, i], reading));
    return all.every((item) => item !== undefined) ? all : undefined;
  };

const LONGEST = 200;

/** Something with letters that can be seen. */
export const name: Reader<string> = (value, path, { fault }) => {
  if (typeof value !== 'string' && typeof value !== 'number')
    return fault(path, `${keyOf(path)} must be text, not ${describe(value)}`);
  const text = tidyName(String(value));
  if (text === '') return fault(path, `${keyOf(path)} is empty`);
  return text.length <= LONGEST ? text : fault(path, `${keyOf(path)} has more than ${LONGEST} letters`);
};

/** A name to look for, with its synonyms, as in a vocabulary. */
export const words: Reader<string> = (value, path, reading) => {
  if (typeof value !== 'string') return reading.fault(path, `must be words, not ${describe(value)}`);
  if (splitUnescaped(value, ',').length > 1) {
    const list = splitUnescaped(value, ',').map((part) => part.trim());
    return reading.fault(path, `for any of several names write a list: [${list.join(', ')}]`);
  }
  const synonyms = synonymsOf(value).map(tidyName);
  if (synonyms.includes('')) return reading.fault(path, 'a word is empty');
  const long = synonyms.find((word) => word.length > LONGEST);
  if (long !== undefined) return reading.fault(path, `${quoteName(long)} has more than ${LONGEST} letters`);
  return written([...new Set(synonyms)]);
};

/** The name of a zone or of a line. */
export const place =
  (kind: 'zone' | 'line'): Reader<string> =>
  (value, path, { zones, lines, fault }) => {
    const [here, there] = kind === 'zone' ? [zones, lines] : [lines, zones];
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string') return fault(path, `${keyOf(path)} must be the name of a ${kind}`);
    if (here.has(text)) return text;
    if (there.has(text))
      return fault(path, `${text} is a ${kind === 'zone' ? 'line' : 'zone'}, not a ${kind}`);
    return fault(path, `there is no ${kind} ${text}${hint(text, here)}`);
  };

/** A comparison with one number. `read` makes it of what is behind the sign. */
export const comparison =
  (read: (text: string) => number | undefined, example: string): Reader<string> =>
  (value, path, { fault }) => {
    const found = comparisonOf(value, read);
    return found
      ? comparisonText(found)
      : fault(path, `${keyOf(path)} must be a comparison such as ${example}`);
  };

/** A value as a message shows it. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : quoteName(String(value));
}
