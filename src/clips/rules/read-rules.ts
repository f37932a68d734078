import { SidestreamError } from '../../core/errors.ts';
import { nameKey } from '../../core/vocabulary.ts';
import { contradictions, partsOf } from './contradictions.ts';
import { faultOfZone, tidyZone } from './geometry.ts';
import { readCondition } from './read-condition.ts';
import { schedule } from './read-schedule.ts';
import {
  describe,
  duration,
  flag,
  isMapping,
  keyOf,
  name,
  type Reader,
  type Reading,
  readFields,
} from './readers.ts';
import { DEFAULTS, type Line, type Point, type Rule, type Rules, type Zone } from './rules.ts';
import { type Path, type Source, sourceOfText, sourceOfValue } from './source.ts';

/** How many there may be: of rules, of zones and of lines; of conditions in a rule; of corners of a zone. */
const [MOST, MOST_CONDITIONS, MOST_CORNERS] = [200, 100, 200];

export interface ReadRules {
  /** Undefined where anything is wrong. */
  readonly rules: Rules | undefined;
  /** All that is wrong, each as `line:column: what` or, of a value, as `rules.0.when: what`; in order. */
  readonly faults: readonly string[];
  /** Where a part of the rules was written: `line:column`, or the path itself. */
  readonly where: (path: Path) => string;
}

/** Rules from YAML or JSON. */
export function parseRules(text: string): ReadRules {
  const { source, faults } = sourceOfText(text);
  const where = (path: Path) => source.where(path);
  return faults.length > 0 ? { rules: undefined, faults, where } : read(source);
}

/** Rules from a value as JSON.parse gives it. */
export const readRules = (value: unknown): ReadRules => read(sourceOfValue(value));

/** The same. Throws RULES_INVALID with all that is wrong. */
export function rulesFrom(value: unknown): Rules {
  const { rules, faults } = readRules(value);
  if (!rules) throw new SidestreamError('RULES_INVALID', faults.join('; '));
  return rules;
}

function read(source: Source): ReadRules {
  const faults: { readonly place: string; readonly text: string }[] = [];
  const { value } = source;
  const keysOf = (key: string) => {
    const here = isMapping(value) ? value[key] : undefined;
    return new Set(isMapping(here) ? Object.keys(here) : []);
  };
  const reading: Reading = {
    source,
    zones: keysOf('zones'),
    lines: keysOf('lines'),
    fault(path, text, part) {
      faults.push({ place: source.where(path, part), text });
      return undefined;
    },
  };
  const rules = readWhole(value, reading);
  const where = (path: Path) => source.where(path);
  if (faults.length === 0) return { rules, faults: [], where };
  const order = ({ place }: { readonly place: string }) => place.split(':').map(Number);
  const sorted = faults.toSorted((a, b) => {
    const [[line, column], [otherLine, otherColumn]] = [order(a), order(b)];
    return line - otherLine || column - otherColumn || 0;
  });
  return { rules: undefined, faults: sorted.map(({ place, text }) => `${place}: ${text}`), where };
}

const fields = { zones: places(zone), lines: places(line), rules: list };

function readWhole(value: unknown, reading: Reading): Rules | undefined {
  if (!isMapping(value)) return reading.fault([], `must have zones, lines and rules, not ${describe(value)}`);
  const { zones = {}, lines = {}, rules } = readFields(value, [], reading, fields);
  if (!('rules' in value)) reading.fault([], 'has no rules: give a list of them');
  return rules && { zones, lines, rules };
}

/** A mapping of names to zones or lines; also nothing. */
function places<T>(one: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path, reading) => {
    if (value === null) return {};
    if (!isMapping(value))
      return reading.fault(path, `${keyOf(path)} must give each a name, not be ${describe(value)}`);
    const entries = Object.entries(value);
    if (entries.length > MOST) return reading.fault(path, `there are more than ${MOST} ${keyOf(path)}`);
    return Object.fromEntries(
      entries.flatMap(([key, here]) => {
        const at = [...path, key];
        if (name(key, at, reading) === undefined) return [];
        const found = one(here, at, reading);
        return found === undefined ? [] : [[key, found]];
      }),
    );
  };
}

function points(value: unknown, path: Path, reading: Reading): readonly Point[] | undefined {
  const example = '[[0.1, 0.5], [0.4, 0.5], …]';
  if (!Array.isArray(value)) return reading.fault(path, `must be a list of points such as ${example}`);
  if (value.length > MOST_CORNERS) return reading.fault(path, `has more than ${MOST_CORNERS} points`);
  const read = value.map((point, i): Point | undefined => {
    const at = [...path, i];
    const [x, y] = Array.isArray(point) && point.length === 2 ? point : [];
    if (!Number.isFinite(x) || !Number.isFinite(y))
      return reading.fault(at, 'a point is two numbers: [x, y], from the left and the top');
    if (x >= 0 && x <= 1 && y >= 0 && y <= 1) return [x, y];
    const text = `[${x}, ${y}] is outside the picture: points are shares of its width and height, 0 to 1`;
    return reading.fault(at, text);
  });
  return read.every((point) => point !== undefined) ? read : undefined;
}

function zone(value: unknown, path: Path, reading: Reading): Zone | undefined {
  const read = points(value, path, reading);
  if (!read) return undefined;
  const tidy = tidyZone(read);
  if (tidy.length < 3)
    return reading.fault(path, `zone ${keyOf(path)} needs at least three different points`);
  const fault = faultOfZone(tidy);
  return fault === undefined ? tidy : reading.fault(path, `zone ${keyOf(path)} ${fault}`);
}

function line(value: unknown, path: Path, reading: Reading): Line | undefined {
  const read = points(value, path, reading);
  if (!read) return undefined;
  if (read.length !== 2)
    return reading.fault(path, `line ${keyOf(path)} needs two points, from where and to where`);
  const [from, to] = read;
  if (from[0] === to[0] && from[1] === to[1])
    return reading.fault(path, `line ${keyOf(path)} has no length: its two points are the same`);
  return [from, to];
}

function list(value: unknown, path: Path, reading: Reading): readonly Rule[] | undefined {
  if (!Array.isArray(value)) return reading.fault(path, `rules must be a list, not ${describe(value)}`);
  if (value.length > MOST) return reading.fault(path, `there are more than ${MOST} rules`);
  const names = new Map<string, Path>();
  const rules = value.map((item, i) => {
    const at = [...path, i];
    const called = isMapping(item) && typeof item.name === 'string' ? nameKey(item.name) : '';
    const before = names.get(called);
    if (before)
      reading.fault([...at, 'name'], `the rule at ${reading.source.where(before)} has the same name`);
    else if (called !== '') names.set(called, [...at, 'name']);
    return readRule(item, at, reading);
  });
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

const ruleFields = {
  name,
  when: readCondition as Reader<Rule['when']>,
  schedule,
  cooldown: duration(7 * 86_400, '7 days'),
  linger: duration(3600, '1 h'),
  pre_roll: duration(3600, '1 h'),
  post_roll: duration(3600, '1 h'),
  clip: flag,
  enabled: flag,
};

function readRule(value: unknown, path: Path, reading: Reading): Rule | undefined {
  if (!isMapping(value))
    return reading.fault(path, `must be a rule with name and when, not ${describe(value)}`);
  const conditions = Object.keys(value).some((key) => ['object', 'stuff', 'all', 'any', 'not'].includes(key));
  const inWhen = (key: string) =>
    conditions && !(key in ruleFields) ? `${key} belongs below when` : undefined;
  const {
    name: called,
    when,
    schedule: spans = [],
    enabled = true,
    ...rest
  } = readFields(value, path, reading, ruleFields, inWhen);
  if (!('name' in value)) reading.fault(path, 'the rule has no name');
  if (!('when' in value) && !conditions) reading.fault(path, 'the rule does not say when');
  if (called === undefined || when === undefined) return undefined;
  check(when, [...path, 'when'], reading);
  const off = enabled ? {} : { enabled: false as const };
  return { name: called, when, schedule: spans, ...DEFAULTS, ...rest, ...off };
}

function check(when: Rule['when'], path: Path, { fault, source }: Reading): void {
  const many = partsOf(when, path).length > MOST_CONDITIONS;
  if (many) fault(path, `has more than ${MOST_CONDITIONS} conditions`);
  for (const { one, other } of many ? [] : contradictions(when, path))
    fault(other, `can never hold together with what ${source.where(one)} asks for`);
}
