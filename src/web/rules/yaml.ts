import { comparisonFrom, DEFAULTS, type Rule, type Rules, same, tidy } from './rules.ts';

/** Rules as YAML, as people write them: with units, and without what goes without saying. */

const WIDTH = 100;
/** What YAML takes for something else than text. */
const RESERVED = /^(true|false|null|yes|no|on|off|y|n)$/i;
const PLAIN = /^[\p{L}_](?:[\p{L}\p{N}_ |.-]*[\p{L}\p{N}_|.-])?$/u;
const DURATIONS = new Set(['for', 'cooldown', 'linger', 'pre_roll', 'post_roll']);
const SIZES = new Set(['min_size', 'max_size']);
const SHARES = new Set(['share', 'change']);
/** Lists that are written as a value where they have one alone. */
const LISTS = new Set(['object', 'stuff', 'in']);

export function yamlOf({ zones, lines, rules }: Rules): string {
  return [
    ...placesOf('zones', zones),
    ...placesOf('lines', lines),
    rules.length > 0 ? 'rules:' : 'rules: []',
    ...rules.map((rule) => yamlOfRule(rule)),
    '',
  ].join('\n');
}

/** One rule, as it stands in the list of them. */
export function yamlOfRule(rule: Rule): string {
  const shown = Object.entries(rule).filter(
    ([key, value]) =>
      value !== undefined && !(key in DEFAULTS && same(value, DEFAULTS[key as keyof typeof DEFAULTS])),
  );
  return shown
    .map(([key, value], i) => `${i === 0 ? '  - ' : '    '}${key}: ${behind(key, value, 4)}`)
    .join('\n');
}

function placesOf(key: string, places: Rules['zones']): string[] {
  const names = Object.entries(places);
  if (names.length === 0) return [];
  return [`${key}:`, ...names.map(([name, points]) => `  ${textOf(name)}: ${flow('', points)}`)];
}

/** A value behind its key: in one line where there is room, else below. `indent`: of the key. */
function behind(key: string, value: unknown, indent: number): string {
  const line = flow(key, value);
  if (indent + key.length + 2 + line.length <= WIDTH || typeof value !== 'object' || value === null)
    return line;
  const space = ' '.repeat(indent + 2);
  if (Array.isArray(value)) {
    return value
      .map((item) => {
        // The first key of a mapping stands behind the hyphen.
        const text = behind('', item, indent + 2);
        return `\n${space}- ${text.startsWith('\n') ? text.trimStart() : text}`;
      })
      .join('');
  }
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]) => `\n${space}${textOf(name)}: ${behind(name, one, indent + 2)}`)
    .join('');
}

function flow(key: string, value: unknown): string {
  if (Array.isArray(value)) {
    if (value.length === 1 && (LISTS.has(key) || key === 'schedule')) return flow(key, value[0]);
    return `[${value.map((item) => flow('', item)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    return `{ ${entries.map(([name, one]) => `${textOf(name)}: ${flow(name, one)}`).join(', ')} }`;
  }
  if (typeof value === 'number') {
    if (DURATIONS.has(key)) return durationText(value);
    return SIZES.has(key) ? `${tidy(value * 100)} %` : String(value);
  }
  if (typeof value !== 'string') return String(value);
  if (SHARES.has(key)) {
    const { operator, value: share } = comparisonFrom(value);
    return JSON.stringify(`${operator} ${tidy(share * 100)} %`);
  }
  return textOf(value);
}

/** Seconds with a unit that reads well. */
export function durationText(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

const textOf = (text: string): string =>
  PLAIN.test(text) && !RESERVED.test(text) ? text : JSON.stringify(text);
