import { type Job, WaitingChildrenError } from 'bullmq';
import type { QueueName } from '../src/queue/names.ts';
import { type Progress, spanOf, type Work } from '../src/queue/processing.ts';
import { entryId, type Payload } from '../src/queue/queues.ts';
import { type Analysed, analyseEntries, isOf } from './analyse.ts';
import { associate, nameJob } from './associate.ts';
import { readDescription, readPlan, type WorkerDeps } from './deps.ts';
import { isJoined, joinJob } from './join.ts';
import { planJob } from './plan.ts';

/** Work on `jobs`: plan → wait for the chunks → associate, name → wait for the pieces → join. */

export const beginJob = ({ step }: Payload<'jobs'>): Progress => ({
  stage: step,
  frames: 0,
  total: undefined,
  span: spanOf(step, { label: false, video: true }),
});

export async function jobWork(work: Work<'jobs'>, deps: WorkerDeps): Promise<void> {
  const { payload, signal, entry } = work;
  const { job: id } = payload;
  const description = await readDescription(id, deps, signal);
  const shape = { label: description.kind === 'label', video: description.output.video };
  let { step, whole } = payload;
  const say = (frames: number, total: number | undefined) =>
    work.progress({ stage: step, frames, total, span: spanOf(step, shape) });
  const next = async (then: typeof step) => {
    step = then;
    await entry.updateData({ job: id, step, whole });
    say(0, undefined);
  };

  for (;;) {
    signal.throwIfAborted();
    say(0, undefined);
    if (step === 'plan') {
      const { plan } = await planJob(description, whole, deps, signal);
      if (description.kind === 'segment')
        await put('analyse', analyseEntries(id, plan.analyse.length, whole));
      await next('associate');
      if (description.kind === 'segment') await wait(work);
    } else if (step === 'associate') {
      const analysed = await chunksOf(entry, id, whole);
      const { plan } = await readPlan(id, deps, signal);
      if (description.kind === 'segment' && analysed.length < plan.analyse.length) {
        // Somebody who had lost the entry without knowing it said that this is next: it is not yet.
        await put('analyse', analyseEntries(id, plan.analyse.length, whole));
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
      const report =
        description.kind === 'segment' ? await associate(description, whole, deps, signal) : undefined;
      const names = await nameJob(description, report, say, deps, signal);
      if (description.output.video)
        await put(
          'render',
          names.parts.map((_, part) => ({ job: id, part })),
        );
      await next('join');
      if (description.output.video) await wait(work);
    } else {
      const chunks = { analysed: await chunksOf(entry, id, whole), rendered: await renderedOf(entry) };
      const { plan } = await readPlan(id, deps, signal);
      if (
        description.output.video &&
        chunks.rendered.length < plan.render.length &&
        !(await isJoined(id, deps))
      ) {
        await put(
          'render',
          [...plan.render.keys()].map((part) => ({ job: id, part })),
        );
        await wait(work);
        continue;
      }
      await joinJob(description, chunks, deps, signal);
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

async function chunksOf(entry: Job, job: string, whole: boolean): Promise<Analysed[]> {
  const values = Object.entries(await entry.getChildrenValues<Analysed>());
  const wanted = isOf(job, whole);
  return values.filter(([key]) => wanted(key)).map(([, value]) => value);
}

async function renderedOf(entry: Job): Promise<{ readonly render_s: number }[]> {
  const values = Object.entries(await entry.getChildrenValues<{ render_s: number }>());
  return values.filter(([key]) => key.includes(':render:')).map(([, value]) => value);
}
