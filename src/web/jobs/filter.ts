import type { Job } from '../api/client.ts';

/** Which jobs are listed. It is in the address, so that it can be kept and shared. */
export interface Filter {
  readonly state: Job['state'] | undefined;
  /** A word that was looked for. */
  readonly label: string | undefined;
}

export const STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

export function filterOf(search: string): Filter {
  const query = new URLSearchParams(search);
  return {
    state: STATES.find((state) => state === query.get('state')),
    label: query.get('label')?.trim() || undefined,
  };
}

export function searchOf({ state, label }: Filter): string {
  const query = new URLSearchParams({ ...(state ? { state } : {}), ...(label ? { label } : {}) });
  return query.size > 0 ? `?${query}` : '';
}

/** As the server decides it. */
export function isIn(job: Pick<Job, 'state' | 'vocabulary'>, { state, label }: Filter): boolean {
  if (state !== undefined && job.state !== state) return false;
  if (label === undefined) return true;
  const wanted = label.toLowerCase();
  return job.vocabulary.some((word) => word.toLowerCase() === wanted);
}
