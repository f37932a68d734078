import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, install, processesOf } from '../../bench/installation.ts';
import { projectFolder } from '../../src/config/folders.ts';
import { version } from '../../src/config/program.ts';
import type { JobView, Key } from '../../src/jobs/jobs.ts';
import { QUEUES } from '../../src/queue/names.ts';
import type { StreamView } from '../../src/streams/streams.ts';
import type { ModelDetails, ModelView } from '../../src/system/models.ts';
import type { SystemView, WorkerView } from '../../src/system/system.ts';

import type { Suggestion } from '../../src/system/words.ts';
import { annexB } from '../fixtures/live/numbered.ts';
import { startCamera } from '../fixtures/live/rtsp-server.ts';
import { type ModelSite, startModelSite, whole, writeEntry } from '../fixtures/model-site.ts';

/** What a server tells of its installation: Redis, server and workers are processes of their own. */

const SECRET = 'the secret of the bucket';
const DRIVE = join(projectFolder, 'test/fixtures/toytown/drive.mp4');
let folder: string;
let far: ModelSite;
let site: Installation;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-system-'));
  far = await startModelSite();
  await writeEntry(join(folder, 'packs'), `${far.url}/tiny.pth`);
  site = await install({
    workers: [
      ['--queues', 'jobs,analyse,render'],
      ['--queues', 'live,clips'],
    ],
    log: (line) => process.env.VERBOSE && console.log(line.slice(0, 400)),
    env: {
      SIDESTREAM_MODEL__SHORT_SIDE: '224',
      SIDESTREAM_MODEL__DIRECTORIES: join(folder, 'packs'),
      SIDESTREAM_CACHE__DIRECTORY: join(folder, 'cache'),
      SIDESTREAM_FETCH__PROXY: 'none',
      SIDESTREAM_S3__SECRET_KEY: SECRET,
    },
  });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
  expect(await processesOf(site.folder)).toEqual([]);
});

const look = () => site.ask<SystemView>('GET', '/v1/system');

async function until<T>(look: () => Promise<T | undefined | false>, what: string, seconds = 30): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(100)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
  }
}
const worker = async (pid: number | undefined): Promise<WorkerView | undefined> =>
  (await look()).workers.find((one) => one.pid === pid);

describe('the system', () => {
  it('knows its workers, queues, disks and Redis', async () => {
    await until(async () => (await look()).workers.length === 2, 'both workers');
    const system = await look();
    expect(system).toMatchObject({
      version,
      node: process.versions.node,
      checks: ['redis', 'storage', 'room', 'records'].map((name) => ({ name, ok: true })),
      redis: { kind: 'single', version: expect.stringMatching(/^\d+\.\d+/) },
      disk: { storage: { kind: 'fs', reserve: 0 }, used: { jobs: 0, recordings: 0, clips: 0 } },
    });
    expect(system.queues.map(({ name }) => name)).toEqual(QUEUES);
    expect(system.redis?.memory.used).toBeGreaterThan(100_000);
    expect(system.disk.data.free).toBeGreaterThan(0);
    expect(system.disk.data.total).toBeGreaterThan(system.disk.data.free);
    expect(Math.abs(Date.parse(system.time) - Date.now())).toBeLessThan(5000);
    const [seeing, cutting] = site.workers.map(({ pid }) => system.workers.find((one) => one.pid === pid));
    expect(seeing).toMatchObject({
      ...{ id: `${hostname()}-${seeing?.pid}`, host: hostname(), version, full: false },
      ...{ queues: ['jobs', 'analyse', 'render'], work: [], working: 0 },
    });
    expect(cutting?.queues).toEqual(['live', 'clips']);
    expect(cutting?.rss).toBeGreaterThan(20e6);
  });

  it('says what a worker does, and with what', async () => {
    const job = await site.ask<JobView>('POST', '/v1/jobs', {
      input: { path: DRIVE },
      vocabulary: 'road, car',
      output: { video: false },
    });
    const [{ pid }] = site.workers;
    const busy = await until(async () => {
      const now = await worker(pid);
      return now?.work.some(({ queue }) => queue === 'analyse') && now.models.length > 0 && now;
    }, 'a worker that sees');
    expect(busy.work.find(({ queue }) => queue === 'analyse')).toEqual({
      ...{ queue: 'analyse', job: job.id, part: expect.any(Number), since: expect.any(String) },
    });
    expect(busy.models).toEqual([{ name: 'street-tiny', provider: 'cpu', precision: 'int8' }]);
    const { queues } = await look();
    expect(queues.find(({ name }) => name === 'jobs')).toMatchObject({ blocked: 1 });
    expect(await site.ended(job.id)).toMatchObject({ state: 'done' });
    await until(async () => (await worker(pid))?.working === 0, 'a worker at rest');
    const { disk } = await until(async () => {
      const now = await look();
      return now.disk.used.jobs > 0 && now;
    }, 'the job’s bytes');
    expect(disk.used.jobs).toBeGreaterThan(10_000);
  });

  it('says which streams a worker holds, by the name that they have for it', async () => {
    const camera = await startCamera({ file: await annexB(DRIVE, join(folder, 'drive.h264')), fps: 12 });
    try {
      const wanted = { url: camera.url, vocabulary: 'tree|oak, sky', policy: 'every:6' };
      const { id } = await site.ask<StreamView>('POST', '/v1/streams', wanted);
      const pid = site.workers[1]?.pid;
      const holding = await until(async () => {
        const now = await worker(pid);
        return now?.work.some(({ stream }) => stream === id) && now;
      }, 'a worker that holds it');
      expect(holding.work).toEqual([{ queue: 'live', stream: id, since: expect.any(String) }]);
      expect((await site.ask<StreamView>('GET', `/v1/streams/${id}`)).worker).toBe(holding.id);
      await site.ask('DELETE', `/v1/streams/${id}`);
      await until(async () => (await worker(pid))?.working === 0, 'a worker at rest');
    } finally {
      await camera.close();
    }
  });

  it('suggests words that jobs had of late, then those of the model', async () => {
    const { words } = await site.ask<{ words: Suggestion[] }>('GET', '/v1/words?limit=4');
    expect(words.map(({ name, source }) => [name, source])).toEqual([
      ['road', 'used'],
      ['car', 'used'],
      ['sky', 'model'],
      ['building', 'model'],
    ]);
    const { words: others } = await site.ask<{ words: Suggestion[] }>('GET', '/v1/words?q=cross&model=tiny');
    expect(others[0]).toEqual({
      ...{ name: 'zebra crossing', source: 'model', isthing: false, taught: true, synonyms: ['crosswalk'] },
    });
  });

  it('fetches a model, which workers then have', async () => {
    far.answer = whole(500_000);
    expect((await site.ask<{ models: ModelView[] }>('GET', '/v1/models')).models).toMatchObject([
      { name: 'tiny', state: 'available' },
      { name: 'san-vit-b-16', state: 'available' },
      { name: 'san-vit-large-14', state: 'available' },
      { name: 'street-tiny', state: 'embedded', default: true },
    ]);
    const tiny = () => site.ask<ModelDetails>('GET', '/v1/models/tiny');
    expect(await site.ask('POST', '/v1/models/tiny/fetch')).toMatchObject({ fetching: { bytes: 0 } });
    await until(async () => (await tiny()).partial === 500_000, 'some of it');
    // The server answers as it did.
    await look();
    expect(await site.ask('DELETE', '/v1/models/tiny/fetch')).toMatchObject({ partial: 500_000 });
    expect(await tiny()).not.toHaveProperty('fetching');
    far.answer = whole();
    await site.ask('POST', '/v1/models/tiny/fetch');
    await until(async () => (await tiny()).state === 'fetched', 'the model');
    expect(far.asked.map(({ range }) => range)).toEqual([undefined, 'bytes=500000-']);
    await until(
      async () => (await look()).workers.every(({ packs }) => packs.includes('tiny')),
      'workers that have it',
    );
  });

  it('forgets a worker that was killed within 15 s of its last word, and one that ends at once', async () => {
    const killed = await site.addWorker(['--queues', 'clips']);
    const ended = await site.addWorker(['--queues', 'clips']);
    await until(async () => (await worker(killed.pid)) && (await worker(ended.pid)), 'two more workers');
    ended.kill('SIGTERM');
    await until(async () => !(await worker(ended.pid)), 'the one that ended', 9);
    expect(await worker(killed.pid)).toBeDefined();
    await site.kill(killed);
    const gone = Date.now();
    await until(async () => !(await worker(killed.pid)), 'the one that was killed', 20);
    expect(Date.now() - gone).toBeLessThan(17_000);
    expect((await look()).workers).toHaveLength(2);
  });

  it('answers also while Redis does not', async () => {
    site.cut();
    try {
      await sleep(1100); // What was told before is told for a second.
      const system = await look();
      expect(system).toMatchObject({ version, queues: [], workers: [] });
      expect(system).not.toHaveProperty('redis');
      await until(
        async () => (await look()).checks.some(({ name, ok }) => name === 'redis' && !ok),
        'a check',
      );
    } finally {
      site.mend();
    }
    await until(async () => (await look()).workers.length === 2, 'the workers', 30);
  });

  it('measures what the rest of the world may want to know of recordings and clips', async () => {
    const text = await (await fetch(`${site.url}/metrics`)).text();
    expect(text).toMatch(/^sidestream_clips\{state="done"\} 0$/m);
    expect(text).toMatch(/^sidestream_clips_bytes 0$/m);
    expect(text).toMatch(/^# TYPE sidestream_recorded_bytes gauge$/m);
  });

  it('shows its settings to administrators alone, and nothing secret to anyone', async () => {
    const make = (role: string) =>
      site.ask<Key & { secret: string }>('POST', '/v1/keys', { name: role, role });
    const admin = await make('admin');
    const as = (secret: string, path: string, init: RequestInit = {}) =>
      fetch(`${site.url}${path}`, { ...init, headers: { authorization: `Bearer ${secret}` } });
    const made = await fetch(`${site.url}/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'viewer', role: 'viewer' }),
    });
    const viewer = (await made.json()) as { secret: string };
    expect((await as(viewer.secret, '/v1/system')).status).toBe(200);
    expect((await as(viewer.secret, '/v1/config')).status).toBe(403);
    const answer = await as(admin.secret, '/v1/config');
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).not.toContain(SECRET);
    const { settings } = JSON.parse(text);
    expect(settings.s3.secret_key).toMatchObject({ value: '***', source: 'SIDESTREAM_S3__SECRET_KEY' });
    expect(settings.http.port).toMatchObject({ source: '--port' });
    expect(settings.model.name).toEqual({
      ...{
        value: 'street-tiny',
        source: 'default',
        about: 'Name of a model pack, or the path of its folder.',
      },
    });
  });
});
