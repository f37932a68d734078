import type { Job } from '../api/client.ts';

const listeners = new Set<(job: Job) => void>();

/** Calls `listener` with each job that is made on this page. Gives what ends that. */
export function onMade(listener: (job: Job) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tellMade(job: Job): void {
  for (const listener of listeners) listener(job);
}
