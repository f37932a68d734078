import { closest } from '../../core/suggest.ts';
import { comparisonFrom, durationOf, numberOf, shareOf } from './quantities.ts';
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

/** How deep conditions may stand in each other. */
const DEEPEST = 16;
const A_SHARE = 'a share such as 5 % or 0.05, 100 % at most';

const lasting = { for: duration(86_400, '24 h') };
const zone = place('zone');

const objectFields = {
  object: several(words),
  in: several(zone),
  enters: zone,
  leaves: zone,
  crosses: place('line'),
  direction: oneOf(['left', 'right']),
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
  change: comparison((text) => shareOf(text.replace(/\s*(\/\s*s|per second)$/, '')), '"> 1 %", a second'),
  ...lasting,
} satisfies Fields;

const allFields = { all: conditions, ...lasting } satisfies Fields;
const anyFields = { any: conditions, ...lasting } satisfies Fields;
const notFields = { not: readCondition, ...lasting } satisfies Fields;

const KINDS = { object: objectFields, stuff: stuffFields, all: allFields, any: anyFields, not: notFields };
type Kind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Kind[];

/** What a rule waits for. */
export function readCondition(value: unknown, path: Path, reading: Reading): Condition | undefined {
  if (!isMapping(value)) {
    const way = Array.isArray(value) ? ': for several that must all hold write all: […]' : '';
    return reading.fault(path, `must be a condition such as { object: person }, not ${describe(value)}${way}`);
  }
  if (path.length > 2 * DEEPEST)
    return reading.fault(path, `conditions stand in each other more than ${DEEPEST} deep`);
  const kinds = NAMES.filter((kind) => kind in value);
  const [kind] = kinds;
  if (kinds.length > 1)
    return reading.fault(path, `has ${kinds.join(' and ')}: put each into a condition of its own, below all`);
  if (kind === undefined) {
    // A kind that is mistyped is told by its key alone.
    const near = Object.keys(value).find((key) => closest(key, NAMES) !== undefined);
    if (near === undefined) return reading.fault(path, `says nothing to look for: give ${NAMES.join(', ')}`);
    readFields(value, path, reading, { ...objectFields, ...stuffFields, ...allFields, ...anyFields, ...notFields });
    return undefined;
  }
  const before = reading.faults();
  const read = readFields(value, path, reading, KINDS[kind] as Fields, (key) => elsewhere(key, kind));
  if (kind === 'object') checkObject(read as Partial<ObjectCondition>, path, reading);
  if (kind === 'stuff') checkStuff(read as Partial<StuffCondition>, path, reading);
  return reading.faults() === before ? (read as unknown as Condition) : undefined;
}
