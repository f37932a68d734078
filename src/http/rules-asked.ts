import { z } from 'zod';
import { parseRules, readRules } from '../clips/rules/read-rules.ts';
import type { Rules } from '../clips/rules/rules.ts';
import { type FieldError, RequestFault } from './errors.ts';

/** Rules as requests have them: YAML, or the same as a value. */

export const rulesSchema = z
  .union([z.string().max(500_000), z.looseObject({})])
  .describe('as YAML or as JSON; see docs/rules.md');

/** Throws RULES_INVALID with all that is wrong, each fault with its line and column, or its path. */
export function rulesAsked(wanted: z.infer<typeof rulesSchema>): Rules {
  const { rules, faults } = typeof wanted === 'string' ? parseRules(wanted) : readRules(wanted);
  if (rules) return rules;
  throw new RequestFault('RULES_INVALID', faults.join('; '), { errors: faults.map(fieldOf) });
}

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
