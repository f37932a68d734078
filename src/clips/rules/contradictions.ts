import { nameKey } from '../../core/vocabulary.ts';
import { type Comparison, comparisonFrom, synonymsOf } from './quantities.ts';
import type { Condition, ObjectCondition } from './rules.ts';
import type { Path } from './source.ts';

/** Two conditions that exclude each other, though both are asked for. */
export interface Contradiction {
  readonly one: Path;
  readonly other: Path;
}

/** A condition that holds, or does not, wherever the whole of which it is a part holds. */
interface Literal {
  readonly condition: Condition;
  readonly path: Path;
  readonly positive: boolean;
}

/** Finds what can never hold because its parts exclude each other. What hangs on geometry is not looked at. */
export function contradictions(condition: Condition, path: Path): Contradiction[] {
  const found = new Map<string, Contradiction>();
  for (const part of partsOf(condition, path)) {
    const literals = literalsOf(part.condition, part.path, true);
    for (const [i, other] of literals.entries()) {
      for (const one of literals.slice(0, i)) {
        if (excludes(one, other) || excludes(other, one))
          found.set(`${one.path.join('.')} ${other.path.join('.')}`, { one: one.path, other: other.path });
      }
    }
  }
  return [...found.values()];
}

/** A condition and all that stand in it. */
export function partsOf(
  condition: Condition,
  path: Path,
): { readonly condition: Condition; readonly path: Path }[] {
  const below = (list: readonly Condition[], key: string) =>
    list.flatMap((one, i) => partsOf(one, [...path, key, i]));
  if ('all' in condition) return [{ condition, path }, ...below(condition.all, 'all')];
  if ('any' in condition) return [{ condition, path }, ...below(condition.any, 'any')];
  if ('not' in condition) return [{ condition, path }, ...partsOf(condition.not, [...path, 'not'])];
  return [{ condition, path }];
}

function literalsOf(condition: Condition, path: Path, positive: boolean): Literal[] {
  const below = (list: readonly Condition[], key: string) =>
    list.flatMap((one, i) => literalsOf(one, [...path, key, i], positive));
  // What has not lasted long enough may still hold now.
  if (positive || !condition.for) {
    if (positive && 'all' in condition) return below(condition.all, 'all');
    if (!positive && 'any' in condition) return below(condition.any, 'any');
    if ('not' in condition) return literalsOf(condition.not, [...path, 'not'], !positive);
  }
  return [{ condition, path, positive }];
}

function excludes(one: Literal, other: Literal): boolean {
  if (one.positive !== other.positive && JSON.stringify(one.condition) === JSON.stringify(other.condition))
    return true;
  const [a, b] = [one.condition, other.condition];
  if ('object' in a && 'object' in b) {
    const [least, most] = [boundsOf(one, a.count), boundsOf(other, b.count)];
    return isPart(a, b) && least.least > most.most;
  }
  if (!('stuff' in a && 'stuff' in b)) return false;
  if (a.in !== b.in || a.share === undefined || b.share === undefined) return false;
  if (wordsIn(a.stuff).sort().join('\n') !== wordsIn(b.stuff).sort().join('\n')) return false;
  const changes = (literal: Literal) => !literal.positive && 'change' in literal.condition;
  if (changes(one) || changes(other)) return false;
  const [least, most] = [boundsOf(one, a.share, 1e-9), boundsOf(other, b.share, 1e-9)];
  return least.least > most.most;
}

const OPPOSITES = { '>': '<=', '>=': '<', '<': '>=', '<=': '>', '=': '!=', '!=': '=' } as const;

/** What a number must be at least and at most where the literal holds. `step`: to the next larger number. */
function boundsOf(
  { condition, positive }: Literal,
  text = '>= 1',
  step = 1,
): { least: number; most: number } {
  const none = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
  if (!positive && condition.for) return none;
  const { operator, value }: Comparison = comparisonFrom(text);
  switch (positive ? operator : OPPOSITES[operator]) {
    case '>':
      return { ...none, least: value + step };
    case '>=':
      return { ...none, least: value };
    case '<':
      return { ...none, most: value - step };
    case '<=':
      return { ...none, most: value };
    case '=':
      return { least: value, most: value };
    case '!=':
      return none;
  }
}

const wordsIn = (names: readonly string[]): string[] => names.flatMap(synonymsOf).map(nameKey);

/** Whether every object that is counted by one is counted by the other. */
function isPart(one: ObjectCondition, other: ObjectCondition): boolean {
  const words = new Set(wordsIn(other.object));
  if (!wordsIn(one.object).every((word) => words.has(word))) return false;
  if (other.in !== undefined && !one.in?.every((zone) => other.in?.includes(zone))) return false;
  const same = (['enters', 'leaves', 'crosses', 'direction', 'speed'] as const).every(
    (key) => other[key] === undefined || other[key] === one[key],
  );
  return (
    same &&
    (other.min_size ?? 0) <= (one.min_size ?? 0) &&
    (other.min_score ?? 0) <= (one.min_score ?? 0) &&
    (other.max_size ?? 1) >= (one.max_size ?? 1)
  );
}
