import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from '../src/config/folders.ts';
import type { JobView } from '../src/jobs/jobs.ts';
import { install } from './installation.ts';

/**
 * Kills workers at random while jobs run, restarts Redis and the server, cuts the network, and looks whether all jobs come
 * out as if nothing had happened. `npx tsx bench/chaos.ts [kills] [videos…]`; SEED sets the order of events.
 */
const [kills = '20', ...videos] = process.argv.slice(2);
const inputs =
  videos.length > 0
    ? videos
    : ['drive', 'watch'].map((name) => join(projectFolder, `test/fixtures/toytown/${name}.mp4`));
let seed = Number(process.env.SEED ?? Date.now() % 100_000);
console.log(`seed ${seed}`);
const random = (): number => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return (seed >>> 8) / 2 ** 24;
};

const WORDS = 'road, car|vehicle, person, tree';
const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const framesIn = (path: string) =>
  execFileSync(
    'ffprobe',
    [
      '-v',
      'error',
      '-select_streams',
      'v',
      '-count_packets',
      '-show_entries',
      'stream=nb_read_packets',
      '-of',
      'csv=p=0',
      path,
    ],
    {
      encoding: 'utf8',
    },
  ).trim();

await using site = await install({
  durable: true,
  env: { SIDESTREAM_JOBS__ROOTS: `${projectFolder},/`, SIDESTREAM_JOBS__CHUNK_SECONDS: '2' },
  log: (line) => {
    if (/"level":(50|60)/.test(line) || process.env.LOG) console.log(line.slice(0, 400));
  },
});
const wanted = new Map<string, { masks: string; frames: string }>();
for (const input of inputs) {
  const [video, masks] = [join(site.folder, 'whole.mp4'), join(site.folder, 'whole.json')];
  const args = ['segment', input, '-o', video, '--masks', masks, '--vocabulary', WORDS, '--quiet', '--force'];
  execFileSync(process.execPath, [join(projectFolder, 'dist/cli.js'), ...args], { env: site.env });
  wanted.set(input, { masks: sum(readFileSync(masks)), frames: framesIn(video) });
}

const jobs = new Map<string, string>();
let stop = false;
const submitting = (async () => {
  for (let i = 0; !stop; i++) {
    const input = inputs[i % inputs.length];
    const job = await site
      .ask<JobView>('POST', '/v1/jobs', { input: { path: input }, vocabulary: WORDS })
      .catch((error) => console.log(`  refused: ${String(error).slice(0, 120)}`));
    if (job) jobs.set(job.id, input);
    // A few at a time: there shall always be something to interrupt.
    for (;;) {
      if (stop) return;
      const open = await site.ask<{ jobs: JobView[] }>('GET', '/v1/jobs?limit=50').catch(() => undefined);
      if (open && open.jobs.filter(({ state }) => state === 'queued' || state === 'running').length < 3)
        break;
      await sleep(300);
    }
  }
})();

const begun = Date.now();
const stages = new Map<string, number>();
const at = () => `${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s`;
for (let kill = 1; kill <= Number(kills); kill++) {
  await sleep(500 + random() * 5000);
  const victim = site.workers[Math.floor(random() * site.workers.length)];
  const { jobs: list } = await site.ask<{ jobs: JobView[] }>('GET', '/v1/jobs?state=running&limit=50');
  for (const { stage } of list) stages.set(stage ?? 'none', (stages.get(stage ?? 'none') ?? 0) + 1);
  console.log(`${at()}  kill ${kill}: worker ${victim.pid} (${list.map(({ stage }) => stage).join(' ')})`);
  await site.kill(victim);
  await site.addWorker();
  if (kill === Math.ceil(Number(kills) * 0.25)) {
    console.log(`${at()}  Redis is restarted`);
    await site.restartRedis('SIGTERM');
  }
  if (kill === Math.ceil(Number(kills) * 0.5)) {
    console.log(`${at()}  the server is killed and started again`);
    await site.restartServer('SIGKILL');
  }
  if (kill === Math.ceil(Number(kills) * 0.75)) {
    console.log(`${at()}  the network to Redis is cut for 10 s`);
    site.cut();
    await sleep(10_000);
    site.mend();
  }
}
stop = true;
await submitting;
let wrong = 0;
for (const [id, input] of jobs) {
  const job = await site.ended(id, 300_000);
  const expected = wanted.get(input);
  const files = join(site.folder, 'data/storage/jobs', id);
  const good =
    job.state === 'done' &&
    sum(readFileSync(join(files, 'masks.json'))) === expected?.masks &&
    framesIn(join(files, 'video.mp4')) === expected?.frames;
  if (!good) wrong++;
  if (!good) console.log(`${id} ${job.state} ${JSON.stringify(job.error)}`);
}
await sleep(1500);
const left = await site.leftovers();
console.log(
  `${at()}  ${jobs.size} jobs, ${wrong} wrong; killed while: ${[...stages].map(([stage, n]) => `${stage} ${n}`).join(', ')}; left behind: ${left.length === 0 ? 'nothing' : left.join('\n')}`,
);
process.exitCode = wrong > 0 || left.length > 0 ? 1 : 0;
