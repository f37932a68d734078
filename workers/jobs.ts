import { type Job, WaitingChildrenError } from 'bullmq';
import { readDescription } from '../src/jobs/description.ts';
import type { VideoPlan } from '../src/pipeline/chunks/plan.ts';
import type { QueueName } from '../src/queue/names.ts';
import { spanOf, type Work } from '../src/queue/processing.ts';
import { entryId, type Payload } from '../src/queue/queues.ts';
import type { Analysed } from './analyse.ts';
import { associate, nameJob } from './associate.ts';
import { readPlan, type WorkerDeps } from './deps.ts';
import { isJoined, joinJob } from './join.ts';
import { planJob } from './plan.ts';
import type { Rendered } from './render.ts';

/** Work on `jobs`: plan → wait for the chunks → associate, name → wait for the pieces → join. */

export async function jobWork(work: Work<'jobs'>, deps: WorkerDeps): Promise<void> {
  const { payload, signal, entry } = work;
  const { job: id } = payload;
  const description = await readDescription(id, deps.storage, signal);
  const [sees, paints] = [description.kind === 'segment', description.output.video];
  const shape = { label: !sees, video: paints };
  let { step, whole } = payload;
  const say = (frames: number, total: number | undefined) =>
    work.progress({ stage: step, frames, total, span: spanOf(step, shape) });
  // What is said stays as it was: what comes next may first have to wait for the chunks, and theirs is the stage until then.
  const next = async (then: typeof step) => {
    step = then;
    await entry.updateData({ job: id, step, whole });
  };

  for (;;) {
    signal.throwIfAborted();
    say(0, undefined);
    if (step === 'plan') {
      const { plan } = await planJob(description, whole, deps, signal);
      if (sees) await put('analyse', analyseEntries(id, plan, whole));
      await next('associate');
      if (sees) await wait(work);
      continue;
    }
    const planned = await readPlan(id, deps, signal);
    const seen = sees ? analyseEntries(id, planned.plan, whole) : [];
    const analysed = await valuesOf<Analysed>(entry, seen.map(entryId.analyse));
    if (step === 'associate') {
      if (analysed.length < seen.length) {
        // Somebody who had lost the entry without knowing it said that this is next: it is not yet.
        await put('analyse', seen);
        await wait(work);
        continue;
      }
      if (analysed.some(({ fits }) => !fits)) {
        // The packets promised other frames than there are: the video is taken as a whole.
        whole = true;
        await deps.board.recut(id);
        await next('plan');
        continue;
      }
      const report = sees ? await associate(description, planned, whole, deps, signal) : undefined;
      await nameJob(description, planned, report, say, deps, signal);
      if (paints) await put('render', renderEntries(id, planned.plan));
      await next('join');
      if (paints) await wait(work);
    } else {
      const painted = paints ? renderEntries(id, planned.plan) : [];
      const rendered = await valuesOf<Rendered>(entry, painted.map(entryId.render));
      if (rendered.length < painted.length && !(await isJoined(id, deps))) {
        await put('render', painted);
        await wait(work);
        continue;
      }
      await joinJob(description, planned, { analysed, rendered }, deps, signal);
      await deps.board.finish(id, { state: 'done' });
      return;
    }
  }

  async function put<Q extends QueueName>(name: Q, payloads: readonly Payload<Q>[]): Promise<void> {
    const parent = { id: entryId.jobs(payload), queue: entry.queueQualifiedName };
    const { submitter, priority } = description;
    await deps.queues.add(name, payloads, { submitter, priority, parent });
  }
}

/** Leaves the entry until all of its children are done; goes on where they are already. */
async function wait({ entry, token }: Work<'jobs'>): Promise<void> {
  if (await entry.moveToWaitingChildren(token)) throw new WaitingChildrenError();
}

/** What the children of these ids have given so far. */
async function valuesOf<T>(entry: Job, ids: readonly string[]): Promise<T[]> {
  const wanted = new Set(ids);
  const values = Object.entries(await entry.getChildrenValues<T>());
  // A key is the queue's, and behind its last colon the id.
  return values.filter(([key]) => wanted.has(key.slice(key.lastIndexOf(':') + 1))).map(([, value]) => value);
}

const renderEntries = (job: string, { render }: VideoPlan): Payload<'render'>[] =>
  render.map((_, part) => ({ job, part }));

const analyseEntries = (job: string, { analyse }: VideoPlan, whole: boolean): Payload<'analyse'>[] =>
  analyse.map((_, part) => ({ job, part, whole }));
