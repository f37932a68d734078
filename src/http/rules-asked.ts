import { z } from 'zod';
import { parseRules, readRules } from '../clips/rules/read-rules.ts';
import type { Rules } from '../clips/rules/rules.ts';
import { type FieldError, RequestFault } from './errors.ts';

/** Rules as requests have them: YAML, or the same as a value. */

export const rulesSchema = z
  .union([z.string().max(500_000), z.looseObject({})])
  .describe('as YAML or as JSON; see docs/rules.md');

type Wanted = z.infer<typeof rulesSchema>;

/** Throws RULES_INVALID with all that is wrong, each fault with its line and column, or its path. */
export function rulesAsked(wanted: Wanted): Rules {
  const { rules, faults } = read(wanted);
  if (rules) return rules;
  throw new RequestFault('RULES_INVALID', faults.join('; '), { errors: faults.map(fieldOf) });
}

/** The rules, or all that is wrong with them. */
export function rulesOrFaults(wanted: Wanted): { rules: Rules | undefined; faults: FieldError[] } {
  const { rules, faults } = read(wanted);
  return { rules, faults: rules ? [] : faults.map(fieldOf) };
}

const read = (wanted: Wanted) => (typeof wanted === 'string' ? parseRules(wanted) : readRules(wanted));

/** A fault is told as `line:column: what`, or as `rules.0.when: what`. */
function fieldOf(fault: string): FieldError {
  const [, line, column, said] = /^(\d+):(\d+): (.*)$/s.exec(fault) ?? [];
  if (line !== undefined)
    return { path: 'body.rules', message: said, line: Number(line), column: Number(column) };
  const [, path, message] = /^((?:rules|zones|lines)\b.*?): (.*)$/s.exec(fault) ?? [];
  return path === undefined
    ? { path: 'body.rules', message: fault }
    : { path: `body.rules.${path}`, message };
}
