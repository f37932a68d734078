import { redact } from '../core/redact.ts';
import type { Setting } from './layers.ts';
import { SECRET_KEYS } from './secrets.ts';

/** The settings with nothing secret in their values. */
export const shownSettings = (settings: ReadonlyMap<string, Setting>): ReadonlyMap<string, Setting> =>
  new Map(
    [...settings].map(([key, { value, source }]) => {
      const hidden = SECRET_KEYS.has(key) && value !== null;
      return [key, { value: hidden ? '***' : withoutPasswords(value), source }];
    }),
  );

function withoutPasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPasswords);
  return typeof value === 'string' ? redact(value) : value;
}
