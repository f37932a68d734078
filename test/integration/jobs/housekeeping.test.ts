import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { type Db, openDatabase } from '../../../src/jobs/database.ts';
import {
  clean,
  deliverDue,
  type HousekeepingDeps,
  lookAfter,
  settleAll,
} from '../../../src/jobs/housekeeping.ts';
import { createRecords } from '../../../src/jobs/records.ts';
import { jobRequestSchema } from '../../../src/jobs/request.ts';
import { createRoom } from '../../../src/jobs/room.ts';
import { createJobService } from '../../../src/jobs/service.ts';
import { createUploads } from '../../../src/jobs/uploads.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { createBoard } from '../../../src/queue/board.ts';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { keyPrefix, openQueues } from '../../../src/queue/queues.ts';
import { openStorage } from '../../../src/storage/open.ts';
import { startRedis, type TestRedis } from '../../fixtures/redis.ts';

let folder: string;
let server: TestRedis;
let redis: RedisClient;
let db: Db;
let deps: HousekeepingDeps;
const HOUR = 3_600_000;
const SECRET = Buffer.alloc(24, 7).toString('base64');

async function setUp(environment: Record<string, string> = {}): Promise<void> {
  const { config } = loadConfig({
    environment: {
      SIDESTREAM_DATA__DIRECTORY: folder,
      SIDESTREAM_JOBS__ROOTS: folder,
      SIDESTREAM_STORAGE__RESERVE_BYTES: '0',
      HOME: folder,
      ...environment,
    },
  });
  const storage = await openStorage(config, folder);
  const prefix = keyPrefix('test');
  const queues = openQueues(redis, { prefix, attempts: 2, keepSeconds: 60 });
  const board = createBoard(redis, { prefix, keepSeconds: 60 });
  const records = createRecords(db);
  const guard = createGuard({ allow: ['127.0.0.1'] });
  const room = createRoom({ storage, records }, { reserve: 0, quota: config.storage.quota_bytes });
  const uploads = createUploads({ db, storage, room }, { folder, maxBytes: 1e9 });
  const jobs = createJobService({ config, records, uploads, storage, board, queues, guard, room });
  deps = { config, records, uploads, jobs, storage, board, queues, guard, log: pino({ level: 'silent' }) };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-house-'));
  await writeFile(join(folder, 'a.mp4'), 'x');
  server = await startRedis();
  redis = connectRedis(parseRedisUrl(server.url), () => {});
  db = openDatabase(':memory:');
  await setUp();
});
afterEach(async () => {
  await deps.queues[Symbol.asyncDispose]();
  redis.disconnect();
  db.close();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const submit = (more: object = {}) =>
  deps.jobs.submit(
    jobRequestSchema.parse({ input: { path: join(folder, 'a.mp4') }, vocabulary: 'road', ...more }),
    { id: 'me' },
  );

/** As the last step of a job leaves it. */
async function finish(id: string, bytes = 1000): Promise<void> {
  await deps.storage.put(`jobs/${id}/masks.json`, 'x'.repeat(bytes));
  await deps.storage.put(`jobs/${id}/parts/a0.analysis`, 'x');
  await deps.board.finish(id, { state: 'done' });
  await settleAll(deps);
}

const stored = async (prefix: string) => {
  const keys = [];
  for await (const { key } of deps.storage.list(prefix)) keys.push(key);
  return keys;
};

it('a job that has ended is on record, with its results, and its parts are gone', async () => {
  const { id } = await submit();
  await finish(id);
  const { view, bytes } = deps.records.get(id)!;
  expect(view).toMatchObject({
    state: 'done',
    progress: 1,
    results: { masks: { bytes: 1000, type: 'application/json' } },
  });
  expect(bytes).toBeGreaterThan(1000);
  expect(await stored(`jobs/${id}/`)).toEqual([`jobs/${id}/job.json`, `jobs/${id}/masks.json`]);
  // Redis may forget it: the record stays, and so does the end of its events.
  await redis.flushall();
  const events = [];
  for await (const event of deps.jobs.events(id, undefined, AbortSignal.timeout(5000)))
    events.push(event.event);
  expect([(await deps.jobs.get(id)).state, events]).toEqual(['done', ['done']]);
});

it('what Redis has lost is enqueued again, once', async () => {
  const { id } = await submit({ priority: 'high' });
  await redis.flushall();
  await settleAll(deps);
  await settleAll(deps);
  expect(await deps.queues.stateOf('jobs', id)).toBe('prioritized');
  // The board is there and the entry is not: it is given a while, and then enqueued.
  await deps.queues.remove('jobs', id);
  const doubts = new Map([[id, Date.now() - 60_000]]);
  await lookAfter(deps, doubts);
  expect([await deps.queues.stateOf('jobs', id), (await deps.queues.counts('jobs')).prioritized]).toEqual([
    'prioritized',
    1,
  ]);
});

it('old jobs go, then the oldest of too many bytes, then what nobody owns', async () => {
  await deps.queues[Symbol.asyncDispose]();
  await setUp({ SIDESTREAM_RETENTION__MAX_BYTES: '7000', SIDESTREAM_RETENTION__DAYS: '1' });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    const { id } = await submit();
    ids.push(id);
    await finish(id, 2000);
    db.prepare('UPDATE jobs SET finished = ? WHERE id = ?').run(
      Date.now() - (i === 0 ? 30 : 4 - i) * HOUR,
      id,
    );
  }
  const running = await submit();
  await deps.storage.put('jobs/0000000000orphan/masks.json', 'x');
  await deps.storage.put('jobs/0000000000young/masks.json', 'x');
  await deps.storage.put(`jobs/${ids[3]}/parts/late.nut`, 'x');
  const old = new Date(Date.now() - 2 * HOUR);
  for (const name of [
    `0000000000orphan/masks.json`,
    `${ids[3]}/masks.json`,
    `${ids[3]}/job.json`,
    `${ids[3]}/parts/late.nut`,
  ])
    await utimes(join(folder, 'storage/jobs', name), old, old);
  await clean(deps);
  const left = new Set((await stored('jobs/')).map((key) => key.split('/')[1]));
  expect([...left].sort()).toEqual([ids[2], ids[3], running.id, '0000000000young'].sort());
  expect(await stored(`jobs/${ids[3]}/parts/`)).toEqual([]);
  expect(deps.records.get(ids[0])).toBeUndefined();
});

it('uploads that no job uses go', async () => {
  for (const name of ['used', 'unused']) {
    await writeFile(join(folder, name), name);
    await deps.uploads.take(join(folder, name), {
      fileName: 'a.mp4',
      submitter: { id: 'me' },
      id: `${name}-upload`,
    });
  }
  await submit({ input: { upload: 'used-upload' } });
  db.prepare('UPDATE uploads SET created = ?').run(Date.now() - 48 * HOUR);
  await clean(deps);
  expect(await stored('uploads/')).toEqual(['uploads/used-upload']);
});

it('who has used up the quota gets no more', async () => {
  await deps.queues[Symbol.asyncDispose]();
  await setUp({ SIDESTREAM_STORAGE__QUOTA_BYTES: '15000000' });
  const { id } = await submit();
  await finish(id, 6_000_000);
  await expect(submit()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
  await deps.jobs.remove(id);
  await submit();
});

it('a webhook is tried again later, and forgotten only when it was taken', async () => {
  const statuses = [500, 302, 204];
  const seen: string[] = [];
  const receiver = createServer((request, response) => {
    seen.push(String(request.headers['webhook-id']));
    response.writeHead(statuses[seen.length - 1]).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as { port: number };
  const { id } = await submit({ webhook: { url: `http://127.0.0.1:${port}/`, secret: SECRET } });
  await finish(id);
  const due = () => (db.prepare('SELECT due FROM webhooks').get() as { due: number } | undefined)?.due;
  for (let tries = 1; tries <= 3; tries++) {
    db.prepare('UPDATE webhooks SET due = 0').run();
    await deliverDue(deps, AbortSignal.timeout(5000));
    if (tries < 3) expect(due()).toBeGreaterThan(Date.now() + 3000);
  }
  expect([due(), seen]).toEqual([undefined, [`job-${id}`, `job-${id}`, `job-${id}`]]);
  receiver.close();
  receiver.closeAllConnections();
});

it('a webhook that nobody could check is refused with the job', async () => {
  await expect(submit({ webhook: 'https://example.org/told' })).rejects.toMatchObject({ code: 'USAGE' });
  await expect(submit({ webhook: { url: 'http://10.0.0.1/', secret: SECRET } })).rejects.toMatchObject({
    code: 'ADDRESS_REFUSED',
  });
});
