import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { type Db, openDatabase } from '../../../src/jobs/database.ts';
import { readDescription } from '../../../src/jobs/description.ts';
import { createRecords, type Records } from '../../../src/jobs/records.ts';
import { jobRequestSchema, labelRequestSchema } from '../../../src/jobs/request.ts';
import { createRoom } from '../../../src/jobs/room.ts';
import { createJobService, type JobService } from '../../../src/jobs/service.ts';
import { createUploads, type UploadStore } from '../../../src/jobs/uploads.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { type Board, createBoard } from '../../../src/queue/board.ts';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { keyPrefix, openQueues, type Queues } from '../../../src/queue/queues.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { startRedis, type TestRedis } from '../../fixtures/redis.ts';

let folder: string;
let server: TestRedis;
let redis: RedisClient;
let db: Db;
let storage: Storage;
let queues: Queues;
let board: Board;
let records: Records;
let uploads: UploadStore;
let jobs: JobService;
const SECRET = Buffer.alloc(24, 7).toString('base64');
const [ME, YOU] = [{ id: 'me' }, { id: 'you' }];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-retry-'));
  await writeFile(join(folder, 'a.mp4'), 'x');
  server = await startRedis();
  redis = connectRedis(parseRedisUrl(server.url), () => {});
  db = openDatabase(':memory:');
  const environment = {
    ...{ SIDESTREAM_DATA__DIRECTORY: folder, SIDESTREAM_JOBS__ROOTS: folder, HOME: folder },
    SIDESTREAM_STORAGE__RESERVE_BYTES: '0',
  };
  const { config } = loadConfig({ environment });
  storage = await openStorage(config, folder);
  const prefix = keyPrefix('test');
  queues = openQueues(redis, { prefix, attempts: 2, keepSeconds: 60 });
  board = createBoard(redis, { prefix, keepSeconds: 60 });
  records = createRecords(db);
  const guard = createGuard({ allow: ['127.0.0.1'] });
  const room = createRoom({ storage, records }, { reserve: 0, quota: 0 });
  uploads = createUploads({ db, storage, room }, { folder, maxBytes: 1e9 });
  jobs = createJobService({ config, records, uploads, storage, board, queues, guard, room });
});
afterEach(async () => {
  await queues[Symbol.asyncDispose]();
  redis.disconnect();
  db.close();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const submit = (more: object = {}) =>
  jobs.submit(
    jobRequestSchema.parse({
      ...{ input: { path: join(folder, 'a.mp4') }, vocabulary: 'road, car|vehicle', short_side: 256 },
      ...{ priority: 'high', metadata: { street: 'Main' }, output: { crf: 30, masks: false } },
      ...more,
    }),
    ME,
  );
/** A job that has ended so. */
async function ended(state: 'done' | 'failed' | 'cancelled', more?: object): Promise<string> {
  const { id } = await submit(more);
  const error = { code: 'FFMPEG_FAILED', message: 'it broke' } as const;
  await board.finish(id, { state, ...(state === 'failed' ? { error } : {}) });
  expect((await jobs.get(id)).state).toBe(state);
  return id;
}

it.each(['done', 'failed', 'cancelled'] as const)('a job that is %s is made once more', async (state) => {
  const webhook = { url: 'http://127.0.0.1/hook', secret: SECRET };
  const before = await ended(state, { webhook });
  const old = await jobs.get(before);
  const { id, ...view } = await jobs.retry(before, YOU);
  expect(id).not.toBe(before);
  expect(view).toMatchObject({
    state: 'queued',
    progress: 0,
    retry_of: before,
    error: undefined,
    results: {},
  });
  for (const same of ['kind', 'input', 'vocabulary', 'model', 'priority', 'metadata'] as const)
    expect(view[same]).toEqual(old[same]);
  const { id: _, submitter: __, ...decided } = await readDescription(before, storage);
  expect(await readDescription(id, storage)).toEqual({ ...decided, id, submitter: 'you' });
  expect(records.get(id)).toMatchObject({ submitter: 'you', webhook: { ...webhook }, bytes: 0 });
  expect(await queues.stateOf('jobs', id)).toBe('prioritized');
  // The one before stays as it is.
  expect(await jobs.get(before)).toEqual(old);
});

it('a retry is a job like any other, and can be retried', async () => {
  const first = await ended('failed');
  const second = await jobs.retry(first, ME);
  await board.finish(second.id, { state: 'cancelled' });
  expect(await jobs.retry(second.id, ME)).toMatchObject({ retry_of: second.id, state: 'queued' });
  await expect(jobs.retry('nosuchjob0', ME)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('a job that goes on is not made once more', async () => {
  const { id } = await submit();
  await expect(jobs.retry(id, ME)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(records.list({ limit: 10 })).toHaveLength(1);
});

it('the same key makes one job, of the same job alone', async () => {
  const [one, other] = [await ended('failed'), await ended('failed')];
  const first = await jobs.retry(one, ME, 'k');
  expect(await jobs.retry(one, ME, 'k')).toEqual(first);
  await expect(jobs.retry(other, ME, 'k')).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await jobs.retry(one, YOU, 'k')).id).not.toBe(first.id);
  expect(records.list({ limit: 10 })).toHaveLength(4);
});

it('what is gone is said to be gone', async () => {
  const job = await ended('failed');
  await rename(join(folder, 'a.mp4'), join(folder, 'b.mp4'));
  await expect(jobs.retry(job, ME)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  await symlink(join(folder, 'b.mp4'), join(folder, 'a.mp4'));
  await expect(jobs.retry(job, ME)).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });

  await writeFile(join(folder, 'incoming'), 'video');
  const { id: upload } = await uploads.take(join(folder, 'incoming'), { fileName: 'c.mp4', submitter: ME });
  const uploaded = await ended('cancelled', { input: { upload } });
  expect(records.get((await jobs.retry(uploaded, YOU)).id)?.upload).toBe(upload);
  await storage.remove(`uploads/${upload}`);
  await expect(jobs.retry(uploaded, ME)).rejects.toThrow(/c\.mp4 is gone.*upload it again/);
  await expect(jobs.retry(uploaded, ME)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });

  const fetched = await ended('failed', { input: { url: 'http://127.0.0.1/a.mp4' } });
  expect((await jobs.retry(fetched, ME)).input).toEqual({ url: 'http://127.0.0.1/a.mp4' });
});

it('naming anew is done once more as long as there is the analysis', async () => {
  const source = await ended('done');
  await storage.put(`jobs/${source}/file.analysis`, 'x');
  const label = await jobs.label(source, labelRequestSchema.parse({ vocabulary: 'bus' }), ME);
  await board.finish(label.id, { state: 'cancelled' });
  const again = await jobs.retry(label.id, ME);
  expect(again).toMatchObject({ kind: 'label', of: source, retry_of: label.id, vocabulary: ['bus'] });
  await storage.remove(`jobs/${source}/file.analysis`);
  await expect(jobs.retry(label.id, ME)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
});
