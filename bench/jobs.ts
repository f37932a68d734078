import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'bullmq';
import { projectFolder } from '../src/config/folders.ts';
import type { JobView } from '../src/jobs/jobs.ts';
import { createBoard } from '../src/queue/board.ts';
import { connectRedis, parseRedisUrl } from '../src/queue/connection.ts';
import { processing } from '../src/queue/processing.ts';
import { keyPrefix, openQueues } from '../src/queue/queues.ts';
import { type Installation, install } from './installation.ts';

/**
 * Jobs on one machine, as ratios: `npx tsx bench/jobs.ts [overhead|many|long|label] [video]`. Workers are held to a core each and
 * to one thread, so that more of them are more cores, as with machines.
 */
const [what = 'all', video] = process.argv.slice(2);
const drive = join(projectFolder, 'test/fixtures/toytown/drive.mp4');
const WORDS = 'road, car|vehicle, person, tree';
const cores = cpus().length;
const seconds = (from: number) => (performance.now() - from) / 1000;
const sum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

async function site(workers: number, env: NodeJS.ProcessEnv = {}): Promise<Installation> {
  const made = await install({
    workers: [],
    env: { SIDESTREAM_JOBS__ROOTS: `${projectFolder},/`, SIDESTREAM_MODEL__THREADS: '1', ...env },
  });
  await Promise.all(
    Array.from({ length: workers }, (_, i) => made.addWorker([], ['taskset', '-c', String(i % cores)])),
  );
  return made;
}

async function run(
  where: Installation,
  input: string,
  body: object = {},
): Promise<{ job: JobView; took: number }> {
  const begun = performance.now();
  const job = await where.ask<JobView>('POST', '/v1/jobs', {
    input: { path: input },
    vocabulary: WORDS,
    ...body,
  });
  const ended = await where.ended(job.id, 1_800_000);
  if (ended.state !== 'done') throw new Error(JSON.stringify(ended.error));
  return { job: ended, took: seconds(begun) };
}

const files = (where: Installation, { id }: JobView) => join(where.folder, 'data/storage/jobs', id);

/** Many small jobs on four workers against the same on one. */
async function many(): Promise<void> {
  const small = '/tmp/sidestream-bench-small.mp4';
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', drive, '-t', '0.5', '-vf', 'scale=160:90', small]);
  const speeds: number[] = [];
  for (const workers of [1, 4]) {
    await using where = await site(workers);
    await run(where, small);
    const count = workers === 1 ? 60 : 200;
    const begun = performance.now();
    const jobs: JobView[] = [];
    for (let i = 0; i < count; i++)
      jobs.push(await where.ask<JobView>('POST', '/v1/jobs', { input: { path: small }, vocabulary: WORDS }));
    // Asked for seldom, so that asking takes nothing from the workers.
    for (const { id } of jobs.reverse()) await where.ended(id, 600_000, 1000);
    const speed = count / seconds(begun);
    speeds.push(speed);
    const masks = new Set(jobs.map((job) => sum(join(files(where, job), 'masks.json'))));
    const metrics = await (await fetch(`${where.url}/metrics`)).text();
    const analysed = Number(/frames_total\{stage="analyse"\} (\d+)/.exec(metrics)?.[1]);
    const ratio = speed / (speeds[0] * Math.min(workers, cores));
    console.log(
      `${workers} workers: ${count} jobs, ${speed.toFixed(2)} a second, ${ratio.toFixed(2)} × the sum of single ones; ` +
        `${masks.size} kind of masks, ${analysed} frames analysed of ${12 * (count + 1)}`,
    );
  }
}

/** One long video on one worker and on as many as there are cores. */
async function long(): Promise<void> {
  const input = video ?? drive;
  const took: number[] = [];
  const sums: string[] = [];
  for (const workers of [1, cores]) {
    await using where = await site(workers);
    await run(where, drive);
    const { job, took: one } = await run(where, input);
    took.push(one);
    sums.push(sum(join(files(where, job), 'masks.json')), sum(join(files(where, job), 'video.mp4')));
    console.log(`${workers} workers: ${job.frames} frames in ${one.toFixed(1)} s`);
  }
  const same = sums[0] === sums[2] ? 'the same' : 'NOT the same';
  const pictures = sums[1] === sums[3] ? 'the same' : 'NOT the same';
  const gain = took[0] / took[1];
  console.log(
    `${cores} workers: ${gain.toFixed(2)} × as fast, ${(gain / cores).toFixed(2)} of each; masks ${same}, video ${pictures}`,
  );
}

/** New words for a minute of 640×360. */
async function label(): Promise<void> {
  await using where = await install({ env: { SIDESTREAM_JOBS__ROOTS: '/' } });
  const minute = '/tmp/sidestream-bench-minute.mp4';
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-stream_loop',
    '9',
    '-i',
    drive,
    '-t',
    '60',
    '-c',
    'copy',
    minute,
  ]);
  const { job, took } = await run(where, minute, { output: { video: false } });
  console.log(`a minute (${job.frames} frames): ${took.toFixed(1)} s`);
  for (const output of [{ video: false }, { video: true }]) {
    const begun = performance.now();
    const named = await where.ask<JobView>('POST', `/v1/jobs/${job.id}/label`, {
      vocabulary: 'bus, cyclist, sky',
      output,
    });
    await where.ended(named.id);
    console.log(`new words${output.video ? ', with the video' : ''}: ${seconds(begun).toFixed(2)} s`);
  }
}

/** What the queue itself costs a chunk: entries whose work is nothing, one after the other. */
async function overhead(): Promise<void> {
  await using where = await install({ workers: [] });
  const address = parseRedisUrl(where.env.SIDESTREAM_REDIS_URL ?? '');
  const connections = [connectRedis(address, console.error), connectRedis(address, console.error)];
  const [redis, blocking] = connections;
  const prefix = keyPrefix('overhead');
  const queues = openQueues(redis, { prefix, attempts: 2, keepSeconds: 60 });
  const board = createBoard(redis, { prefix, keepSeconds: 60 });
  const job = '0000000000overhead';
  await board.open(job);
  const count = 500;
  const payloads = Array.from({ length: count }, (_, part) => ({ job, part, whole: false }));
  await queues.add('analyse', payloads, { submitter: 'a', priority: 'normal' });
  const { signal: stopping } = new AbortController();
  let left = count;
  const begun = performance.now();
  let worker: Worker | undefined;
  await new Promise<void>((resolve) => {
    const processor = processing(
      'analyse',
      { board, queues, stopping, failed: () => {} },
      () => 'analyse',
      async () => {
        if (--left === 0) resolve();
      },
    );
    worker = new Worker('analyse', processor, { connection: blocking, prefix, skipVersionCheck: true });
  });
  console.log(`queue overhead: ${((seconds(begun) * 1000) / count).toFixed(1)} ms a chunk`);
  await worker?.close();
  await queues[Symbol.asyncDispose]();
  for (const connection of connections) connection.disconnect();
}

if (what === 'overhead' || what === 'all') await overhead();
if (what === 'many' || what === 'all') await many();
if (what === 'long' || what === 'all') await long();
if (what === 'label' || what === 'all') await label();
