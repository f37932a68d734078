import { InvalidArgumentError } from 'commander';

/**
 * A time as servers take it, of what people write: `2h` (ago), `+30s` (from now on), `now-2h`, ISO 8601, or
 * `2026-01-31 12:00`, on the clock of this machine where no zone is said.
 */
export function moment(text: string): string {
  const [, sign, length] = /^([+-]?)(\d{1,9}(?:ms|s|m|h|d))$/.exec(text) ?? [];
  if (length !== undefined) return `now${sign === '+' ? '+' : '-'}${length}`;
  if (/^now([+-]\d{1,9}(ms|s|m|h|d))?$/.test(text)) return text;
  if (/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text)) {
    // A date alone would be taken for one in UTC.
    const time = new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
    if (!Number.isNaN(time.getTime())) return time.toISOString();
  }
  throw new InvalidArgumentError(
    'It must be such as 2h (ago), +30s (from now), now, 2026-01-31 12:00 or 2026-01-31T11:00Z.',
  );
}
