import { dayAt, timeOfDate } from '../past/days.ts';

/** What is asked for, as the address has it. Pure. */
export interface Question {
  readonly q: string;
  readonly stream: string | undefined;
  readonly job: string | undefined;
  /** Days as `2025-11-26`, both of them with. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export function questionOf(search: string): Question {
  const query = new URLSearchParams(search);
  const text = (name: string) => query.get(name)?.trim() || undefined;
  const day = (name: string) => {
    const value = text(name);
    return value !== undefined && timeOfDate(value) !== undefined ? value : undefined;
  };
  return {
    q: text('q') ?? '',
    stream: text('stream'),
    job: text('job'),
    from: day('from'),
    to: day('to'),
  };
}

export function searchOf({ q, ...others }: Question): string {
  const query = new URLSearchParams(q ? { q } : {});
  for (const [name, value] of Object.entries(others)) if (value !== undefined) query.set(name, value);
  return query.size > 0 ? `?${query}` : '';
}

/** The same as the API asks for it. A job's times are not on the clock: days are of cameras. */
export function asksFor({ q, stream, job, from, to }: Question): {
  q: string;
  stream?: string;
  job?: string;
  from?: string;
  to?: string;
} {
  const begin = from === undefined ? undefined : timeOfDate(from);
  const last = to === undefined ? undefined : timeOfDate(to);
  return {
    q,
    ...(stream === undefined ? {} : { stream }),
    ...(job === undefined ? {} : { job }),
    ...(begin === undefined ? {} : { from: new Date(begin).toISOString() }),
    ...(last === undefined ? {} : { to: new Date(dayAt(last).to).toISOString() }),
  };
}

/** How sure it is, in words: 0.5 is as good as the best other name. */
export function wordOfScore(score: number): 'sure' | 'likely' | 'maybe' | 'hardly' {
  if (score >= 0.95) return 'sure';
  if (score >= 0.75) return 'likely';
  return score >= 0.5 ? 'maybe' : 'hardly';
}

/** Where one comes from a place in a list, by an arrow; undefined where the key is none. -1: before the list. */
export function placeAfter(at: number, key: string, count: number): number | undefined {
  if (key === 'ArrowDown') return Math.min(at + 1, count - 1);
  if (key === 'ArrowUp') return Math.max(at - 1, -1);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
}
