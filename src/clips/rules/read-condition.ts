import { closest } from '../../core/suggest.ts';
import { comparisonFrom, numberOf, shareOf } from './quantities.ts';
import {
  bounded,
  comparison,
  describe,
  duration,
  type Fields,
  isMapping,
  oneOf,
  place,
  type Reader,
  type Reading,
  readFields,
  several,
  words,
} from './readers.ts';
import type { Condition, ObjectCondition, StuffCondition } from './rules.ts';
import type { Path } from './source.ts';
import { verdictOf } from './verdict.ts';

/** How deep conditions may stand in each other. */
const DEEPEST = 16;
const A_SHARE = 'a share such as 5 % or 0.05, 100 % at most';

const lasting = { for: duration(86_400, '24 h') };
const zone = place('zone');
const perSecond = (text: string) => shareOf(text.replace(/\s*(\/\s*s|per second)$/, ''));

const objectFields = {
  object: several(words),
  in: several(zone),
  enters: zone,
  leaves: zone,
  crosses: place('line'),
  direction: oneOf(['left', 'right'] as const),
  min_size: bounded(shareOf, 0, 1, A_SHARE),
  max_size: bounded(shareOf, 0, 1, A_SHARE),
  min_score: bounded(shareOf, 0, 1, 'a number from 0 to 1'),
  speed: comparison(numberOf, '"> 0.2", in heights of the picture a second'),
  count: comparison(numberOf, '">= 3"'),
  ...lasting,
} satisfies Fields;

const stuffFields = {
  stuff: several(words),
  in: zone,
  share: comparison(shareOf, '"> 5 %"'),
  change: comparison(perSecond, '"> 1 %", a second'),
  ...lasting,
} satisfies Fields;

const allFields = { all: readList, ...lasting } satisfies Fields;
const anyFields = { any: readList, ...lasting } satisfies Fields;
const notFields = { not: readCondition as Reader<Condition>, ...lasting } satisfies Fields;

const KINDS = {
  object: objectFields,
  stuff: stuffFields,
  all: allFields,
  any: anyFields,
  not: notFields,
} satisfies Record<string, Fields>;
type Kind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Kind[];

/** What a rule waits for. */
export function readCondition(value: unknown, path: Path, reading: Reading): Condition | undefined {
  if (!isMapping(value)) {
    const way = Array.isArray(value) ? '; for several that must all hold write { all: […] }' : '';
    return reading.fault(
      path,
      `must be a condition such as { object: person }, not ${describe(value)}${way}`,
    );
  }
  if (path.length > 2 * DEEPEST)
    return reading.fault(path, `conditions stand in each other more than ${DEEPEST} deep`);
  const kinds = NAMES.filter((kind) => kind in value);
  if (kinds.length > 1)
    return reading.fault(
      path,
      `has ${kinds.join(' and ')}: make them conditions of their own, below all or any`,
    );
  if (kinds.length === 0) return missing(value, path, reading);
  return readKind(kinds[0], value, path, reading);
}

function readKind(
  kind: Kind,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  reading: Reading,
): Condition | undefined {
  const elsewhere = (key: string) => {
    const homes = NAMES.filter((name) => key in KINDS[name]);
    return homes.length > 0 ? `${key} goes with ${homes.join(' and ')}, not with ${kind}` : undefined;
  };
  const read = <F extends Fields>(fields: F) => readFields(value, path, reading, fields, elsewhere);
  switch (kind) {
    case 'object': {
      const { object, ...rest } = read(objectFields);
      checkObject(rest, path, reading);
      return object && { object, ...rest };
    }
    case 'stuff': {
      const { stuff, ...rest } = read(stuffFields);
      if (!('share' in value || 'change' in value))
        reading.fault(path, 'says not how much: give share, such as "> 5 %", or change');
      checkStuff(rest, path, reading);
      return stuff && { stuff, ...rest };
    }
    case 'all': {
      const { all, ...rest } = read(allFields);
      return all && { all, ...rest };
    }
    case 'any': {
      const { any, ...rest } = read(anyFields);
      return any && { any, ...rest };
    }
    case 'not': {
      const { not, ...rest } = read(notFields);
      return not && { not, ...rest };
    }
  }
}

/** Where a kind is mistyped, its key alone is told of. */
function missing(value: Readonly<Record<string, unknown>>, path: Path, reading: Reading): undefined {
  const mistyped = Object.keys(value).some((key) => closest(key, NAMES) !== undefined);
  if (!mistyped) return reading.fault(path, `says nothing to look for: give ${NAMES.join(', ')}`);
  const fields = { ...notFields, ...allFields, ...anyFields, ...stuffFields, ...objectFields };
  readFields(value, path, reading, fields);
  return undefined;
}

function readList(value: unknown, path: Path, reading: Reading): readonly Condition[] | undefined {
  if (!Array.isArray(value))
    return reading.fault(path, `must be a list of conditions, not ${describe(value)}`);
  return several(readCondition as Reader<Condition>)(value, path, reading);
}

function checkObject(condition: Omit<ObjectCondition, 'object'>, path: Path, { fault }: Reading): void {
  const { min_size, max_size, direction, speed, count } = condition;
  const moves = (['enters', 'leaves', 'crosses'] as const).filter((move) => condition[move] !== undefined);
  if (moves.length > 1) fault(path, `has ${moves.join(' and ')}: an object does one of them at a time`);
  if (direction !== undefined && condition.crosses === undefined)
    fault([...path, 'direction'], 'direction goes with crosses', 'key');
  if (condition.for !== undefined && condition.for > 0 && moves.length > 0)
    fault([...path, 'for'], `what ${moves[0]} does so in a moment, and not for a time`, 'key');
  if (condition.leaves !== undefined && condition.in?.every((one) => one === condition.leaves))
    fault([...path, 'in'], `can never hold: what leaves ${condition.leaves} is no longer in it`);
  if (min_size !== undefined && max_size !== undefined && min_size > max_size)
    fault([...path, 'min_size'], 'can never hold: min_size is more than max_size');
  if (speed !== undefined) judge(speed, Number.POSITIVE_INFINITY, [...path, 'speed'], fault);
  if (count === undefined) return;
  if (Number.isInteger(comparisonFrom(count).value))
    judge(count, Number.POSITIVE_INFINITY, [...path, 'count'], fault);
  else fault([...path, 'count'], 'count must be compared with a whole number');
}

function checkStuff({ share }: Omit<StuffCondition, 'stuff'>, path: Path, { fault }: Reading): void {
  if (share === undefined) return;
  const { value } = comparisonFrom(share);
  const meant = value > 1 && value <= 100 ? `; ${value} is ${value * 100} %, did you mean ${value} %?` : '';
  judge(share, 1, [...path, 'share'], fault, meant);
}

/** Tells of a comparison of what is from 0 to `most` that says nothing. */
function judge(text: string, most: number, path: Path, fault: Reading['fault'], meant = ''): void {
  const verdict = verdictOf(comparisonFrom(text), 0, most);
  if (verdict === undefined) return;
  const range = most === 1 ? 'from 0 to 100 %' : '0 or more';
  fault(path, `${verdict}: ${path.at(-1)} is ${range}${meant}`);
}
