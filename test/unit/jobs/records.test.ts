import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/jobs/database.ts';
import type { JobView } from '../../../src/jobs/jobs.ts';
import { createKeys } from '../../../src/jobs/keys.ts';
import { createRecords, type JobRecord } from '../../../src/jobs/records.ts';
import { jobView } from '../../fixtures/job-view.ts';

const view = (id: string, more: Partial<JobView> = {}): JobView =>
  jobView(id, { created_at: new Date(1000).toISOString(), vocabulary: ['Road', 'car'], ...more });
const record = (id: string, more: Partial<JobRecord> = {}): JobRecord => ({
  view: view(id),
  submitter: 'a',
  upload: undefined,
  webhook: undefined,
  bytes: 0,
  ...more,
});
const open = () => createRecords(openDatabase(':memory:'));
const done = (id: string, at = 5000) => view(id, { state: 'done', finished_at: new Date(at).toISOString() });

describe('records', () => {
  it('are listed newest first, page after page, by state and by name', () => {
    const records = open();
    for (const id of ['j1', 'j2', 'j3', 'j4']) records.add(record(id));
    records.update(done('j2'), 10);
    const ids = (query: Partial<Parameters<typeof records.list>[0]>) =>
      records.list({ limit: 10, ...query }).map((one) => one.view.id);
    expect(ids({})).toEqual(['j4', 'j3', 'j2', 'j1']);
    expect(ids({ limit: 2 })).toEqual(['j4', 'j3']);
    expect(ids({ before: 'j3' })).toEqual(['j2', 'j1']);
    expect(ids({ state: 'done' })).toEqual(['j2']);
    expect(ids({ label: 'ROAD', before: 'j3' })).toEqual(['j2', 'j1']);
    expect(ids({ label: "x' OR 1=1 --" })).toEqual([]);
    expect(records.open().map((one) => one.view.id)).toEqual(['j1', 'j3', 'j4']);
    expect(records.counts()).toEqual({ queued: 3, running: 0, done: 1, failed: 0, cancelled: 0 });
  });

  it('keep the first end', () => {
    const records = open();
    records.add(record('j1'));
    records.update(done('j1'), 10);
    records.update(view('j1', { state: 'failed' }), 0);
    expect(records.get('j1')?.view.state).toBe('done');
  });

  it('give the first job for the same key and request, and refuse the key for another', () => {
    const records = open();
    expect(records.add(record('j1'), { key: 'k', request: 'r' })).toBe('j1');
    expect(records.add(record('j2'), { key: 'k', request: 'r' })).toBe('j1');
    expect(records.get('j2')).toBeUndefined();
    expect(() => records.add(record('j3'), { key: 'k', request: 'other' })).toThrow(/Idempotency-Key k/);
    expect(records.add(record('j4', { submitter: 'b' }), { key: 'k', request: 'other' })).toBe('j4');
    records.forget(2000);
    expect(records.add(record('j5'), { key: 'k', request: 'other' })).toBe('j5');
  });

  it('have a webhook due with the end, until it is delivered', () => {
    const records = open();
    records.add(record('j1', { webhook: { url: 'https://x', secret: 's' } }));
    records.add(record('j2'));
    expect(records.due(Date.now(), 10)).toEqual([]);
    records.update(done('j1'), 0);
    records.update(done('j2'), 0);
    expect(records.due(Date.now(), 10)).toEqual([{ job: 'j1', attempts: 0 }]);
    records.deliver('j1', Date.now() + 60_000);
    expect(records.due(Date.now(), 10)).toEqual([]);
    expect(records.due(Date.now() + 61_000, 10)).toEqual([{ job: 'j1', attempts: 1 }]);
    records.deliver('j1', undefined);
    expect(records.due(Date.now() + 1e9, 10)).toEqual([]);
  });

  it('sum up what a submitter has stored', () => {
    const records = open();
    records.add(record('j1'));
    records.add(record('j2', { submitter: 'b' }));
    records.update(done('j1'), 100);
    records.update(done('j2'), 11);
    expect([records.bytes('a'), records.bytes('b'), records.bytes('c'), records.bytes()]).toEqual([
      100, 11, 0, 111,
    ]);
    expect(records.endedBefore(6000, 10).map((one) => one.view.id)).toEqual(['j1', 'j2']);
    expect(records.endedBefore(4000, 10)).toEqual([]);
  });

  it('are there again when the server is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidestream-records-'));
    const path = join(folder, 'deep', 'records.sqlite');
    const first = openDatabase(path);
    createRecords(first).add(record('j1'));
    // Another process beside it: `sidestream keys create`.
    const beside = openDatabase(path);
    createKeys(beside).create('ci', 'operator');
    beside.close();
    expect(createKeys(first).count()).toBe(1);
    first.close();
    const second = openDatabase(path);
    expect(createRecords(second).get('j1')?.view.id).toBe('j1');
    second.close();
    await rm(folder, { recursive: true });
  });
});

describe('keys', () => {
  it('are found by their whole secret alone, and kept as hashes', () => {
    const db = openDatabase(':memory:');
    const keys = createKeys(db);
    const { key, secret } = keys.create('ci', 'operator');
    expect(secret).toMatch(/^ssk_[0-9a-f]{12}_[\w-]{43}$/);
    expect(keys.find(secret)).toMatchObject({ id: key.id, role: 'operator', name: 'ci' });
    for (const wrong of [
      '',
      'ssk_',
      `${secret}x`,
      secret.slice(0, -1),
      `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`,
    ])
      expect(keys.find(wrong)).toBeUndefined();
    const rows = JSON.stringify(db.prepare('SELECT * FROM keys').all());
    expect(rows).not.toContain(secret.split('_')[2]);
    expect(keys.revoke(key.id)).toBe(true);
    expect([keys.revoke(key.id), keys.find(secret), keys.count()]).toEqual([false, undefined, 0]);
    expect(keys.list()[0].revoked_at).toBeDefined();
  });
});
