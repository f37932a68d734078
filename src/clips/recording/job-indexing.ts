import { openAnalysis } from '../../analysis/file/reader.ts';
import { asSidestreamError } from '../../core/errors.ts';
import { ptsToSeconds } from '../../core/time.ts';
import { jobKeys } from '../../jobs/description.ts';
import type { Records } from '../../jobs/records.ts';
import type { SearchIndex } from '../../search/index.ts';
import { runsOf } from '../../search/runs.ts';
import type { Storage } from '../../storage/storage.ts';
import { jobSource } from '../searching.ts';

export interface JobIndexingDeps {
  readonly index: SearchIndex;
  readonly jobs: Pick<Records, 'list' | 'get'>;
  readonly storage: Storage;
  readonly walk: JobWalk;
}

/** How far the jobs of the past have been looked through. */
export interface JobWalk {
  /** Jobs whose analysis is not there, or cannot be read. */
  readonly passedOver: Set<string>;
  /** The oldest job so far; undefined: none yet. */
  before: string | undefined;
  done: boolean;
}
export const createJobWalk = (): JobWalk => ({ passedOver: new Set(), before: undefined, done: false });

/** Jobs that are looked at in one go: the newest, and as many older ones until all have been seen once. */
const AT_ONCE = 500;

/** What jobs have seen is found, too: those that are done are indexed, those that are gone are forgotten. */
export async function indexJobs({ index, jobs, storage, walk }: JobIndexingDeps): Promise<void> {
  const { passedOver } = walk;
  const newest = jobs.list({ state: 'done', limit: AT_ONCE });
  const older = walk.done ? [] : jobs.list({ state: 'done', limit: AT_ONCE, before: walk.before });
  walk.before = older.at(-1)?.view.id ?? walk.before;
  walk.done ||= older.length < AT_ONCE;
  for (const { view } of [...newest, ...older]) {
    const { id, of } = view;
    // New words for an old video show nothing new.
    if (of !== undefined || passedOver.has(id) || index.has(jobSource(id), id)) continue;
    try {
      await using file = await storage.borrow(jobKeys(id).analysis);
      await using analysis = await openAnalysis(file.path);
      const { model, time_base } = analysis.header;
      const { times } = analysis;
      if (!times) continue;
      // Times count from the first frame of what was analysed.
      const millisecondsOf = (at: typeof times.first) =>
        Math.round((ptsToSeconds(at, time_base) - ptsToSeconds(times.first, time_base)) * 1000);
      const runs = await runsOf(analysis, millisecondsOf);
      const to = Math.max(1, millisecondsOf(times.last) + 1);
      await index.add({
        source: jobSource(id),
        key: id,
        model: { sum: model.sum, dim: model.dim },
        from: 0,
        to,
        runs,
      });
    } catch (error) {
      if (!/^(OBJECT_NOT_FOUND|ANALYSIS_INVALID)$/.test(asSidestreamError(error).code)) throw error;
      passedOver.add(id);
    }
  }
  const prefix = jobSource('');
  for (const source of index.sources()) {
    if (source.startsWith(prefix) && !jobs.get(source.slice(prefix.length))) await index.removeSource(source);
  }
}
