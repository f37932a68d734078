import type { Job } from '../api/client.ts';
import { type Filter, isIn } from './filter.ts';

/** A list that is fetched page by page, newest first, while it changes. Ids of jobs grow with time. Pure. */
export interface Pages {
  readonly jobs: readonly Job[];
  /** Where the next page begins; undefined: there is none. */
  readonly next: string | undefined;
}

/** With one page more at the end. What is there already is known better. */
export function withPage({ jobs }: Pages, page: Pages): Pages {
  const known = new Set(jobs.map(({ id }) => id));
  return { jobs: [...jobs, ...page.jobs.filter(({ id }) => !known.has(id))], next: page.next };
}

/** With what was told of a job. One that is older than all that was fetched comes with its page. */
export function withJob(pages: Pages, job: Job, filter: Filter): Pages {
  const { jobs, next } = pages;
  const at = jobs.findIndex(({ id }) => id <= job.id);
  const known = at >= 0 && jobs[at]?.id === job.id;
  if (!isIn(job, filter)) return known ? without(pages, job.id) : pages;
  if (known) return { jobs: jobs.with(at, job), next };
  if (at >= 0) return { jobs: jobs.toSpliced(at, 0, job), next };
  return next === undefined ? { jobs: [...jobs, job], next } : pages;
}

export function without({ jobs, next }: Pages, id: string): Pages {
  return { jobs: jobs.filter((job) => job.id !== id), next };
}
