import type { Clip } from '../api/client.ts';
import { dayAt, timeOfDate } from './days.ts';

/** Which clips one wants to see, as the address has it. Pure. */
export interface ClipFilter {
  readonly stream: string | undefined;
  /** A name that is seen in it. */
  readonly label: string | undefined;
  readonly rule: string | undefined;
  readonly keep: boolean | undefined;
  /** Days as `2025-11-26`, both of them with. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export function clipFilterOf(search: string): ClipFilter {
  const query = new URLSearchParams(search);
  const text = (name: string) => query.get(name)?.trim() || undefined;
  const day = (name: string) => {
    const value = text(name);
    return value !== undefined && timeOfDate(value) !== undefined ? value : undefined;
  };
  const keep = query.get('keep');
  return {
    stream: text('stream'),
    label: text('label'),
    rule: text('rule'),
    keep: keep === '1' ? true : keep === '0' ? false : undefined,
    from: day('from'),
    to: day('to'),
  };
}

/** What of the address a filter is. */
export function searchOfClips({ keep, ...texts }: ClipFilter): Record<string, string> {
  const entries = Object.entries(texts).filter(([, value]) => value !== undefined) as [string, string][];
  return { ...Object.fromEntries(entries), ...(keep === undefined ? {} : { keep: keep ? '1' : '0' }) };
}

export const isFiltered = (filter: ClipFilter): boolean =>
  Object.values(filter).some((value) => value !== undefined);

/** Milliseconds since 1970: the first moment, and the first one after it. */
function spanOf({ from, to }: ClipFilter): { readonly from?: number; readonly to?: number } {
  const begin = from === undefined ? undefined : timeOfDate(from);
  const last = to === undefined ? undefined : timeOfDate(to);
  return {
    ...(begin === undefined ? {} : { from: begin }),
    ...(last === undefined ? {} : { to: dayAt(last).to }),
  };
}

/** The same as the API asks for it. */
export function clipQueryOf(filter: ClipFilter): {
  stream?: string;
  label?: string;
  rule?: string;
  keep?: '0' | '1';
  from?: string;
  to?: string;
} {
  const { stream, label, rule, keep } = filter;
  const { from, to } = spanOf(filter);
  return {
    ...(stream === undefined ? {} : { stream }),
    ...(label === undefined ? {} : { label }),
    ...(rule === undefined ? {} : { rule }),
    ...(keep === undefined ? {} : { keep: keep ? '1' : '0' }),
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
  };
}

/** As the server decides it. */
export function isInClips(clip: Clip, filter: ClipFilter): boolean {
  const { stream, label, rule, keep } = filter;
  const { from, to } = spanOf(filter);
  if (stream !== undefined && clip.stream !== stream) return false;
  if (rule !== undefined && clip.rule !== rule) return false;
  if (keep !== undefined && clip.keep !== keep) return false;
  if (from !== undefined && Date.parse(clip.to) <= from) return false;
  if (to !== undefined && Date.parse(clip.from) >= to) return false;
  return label === undefined || clip.labels.some((name) => name.toLowerCase() === label.toLowerCase());
}
