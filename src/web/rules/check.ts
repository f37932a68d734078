import { api, asked } from '../api/client.ts';
import { text } from '../text/en.ts';
import type { Rules } from './rules.ts';

export interface Fault {
  readonly message: string;
  /** Of a text, from 1. */
  readonly line?: number;
  readonly column?: number;
}

export interface Checked {
  /** In the server's form, with all that was left out; undefined where anything is wrong. */
  readonly rules?: Rules;
  readonly faults: readonly Fault[];
}

/** What the server says of rules, as text or as they are. Throws Failure where it says nothing. */
export async function check(rules: string | Rules, signal?: AbortSignal): Promise<Checked> {
  const body = { rules: typeof rules === 'string' ? rules : { ...rules } };
  const checked = await asked(api.POST('/v1/rules/check', { body, ...(signal && { signal }) }));
  const known = checked.rules as Rules | null;
  if (known) return { rules: known, faults: [] };
  const faults = checked.faults.map(({ path, message, line, column }) => ({
    message: typeof rules === 'string' ? message : inWords(rules, path, message),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  }));
  return { faults };
}

/** Which rule, zone or line a fault is about. */
function inWords({ rules }: Rules, path: string, message: string): string {
  const [, index] = /^body\.rules\.rules\.(\d+)/.exec(path) ?? [];
  const [, place] = /^body\.rules\.(?:zones|lines)\.([^.]+)/.exec(path) ?? [];
  const about = place ?? (index === undefined ? undefined : rules[Number(index)]?.name);
  return about === undefined ? message : text.rules.bar.inRule(about, message);
}
