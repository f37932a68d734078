import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { install } from '../../bench/installation.ts';
import { projectFolder } from '../../src/config/folders.ts';
import type { JobView } from '../../src/jobs/jobs.ts';
import { startS3 } from '../contract/s3-server.ts';

const DRIVE = join(projectFolder, 'test/fixtures/toytown/drive.mp4');
const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

it('jobs leave nothing on the disks of servers and workers where the storage is S3', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sidestream-s3-'));
  await using s3 = await startS3(folder);
  await using site = await install({
    env: {
      SIDESTREAM_JOBS__ROOTS: join(projectFolder, 'test/fixtures'),
      SIDESTREAM_MODEL__SHORT_SIDE: '128',
      SIDESTREAM_STORAGE__KIND: 's3',
      SIDESTREAM_S3__ENDPOINT: s3.endpoint,
      SIDESTREAM_S3__BUCKET: s3.bucket,
      SIDESTREAM_S3__ACCESS_KEY: 'S3RVER',
      SIDESTREAM_S3__SECRET_KEY: 'S3RVER',
      SIDESTREAM_HTTP__REDIRECT: 'true',
    },
  });
  expect(await site.ask('GET', '/readyz')).toMatchObject({ ready: true });
  const form = new FormData();
  form.set('vocabulary', 'road, car');
  form.set('every', '6');
  form.set('file', new Blob([new Uint8Array(await readFile(DRIVE))]), 'drive.mp4');
  const answer = await fetch(`${site.url}/v1/jobs`, { method: 'POST', body: form });
  expect(answer.status).toBe(202);
  const job = (await answer.json()) as JobView;
  expect(await site.ended(job.id)).toMatchObject({ state: 'done' });

  const masks = join(site.folder, 'whole.json');
  const words = ['--vocabulary', 'road, car', '--every', '6', '--quiet'];
  execFileSync(
    process.execPath,
    ['dist/cli.js', 'segment', DRIVE, '-o', join(site.folder, 'w.mp4'), '--masks', masks, ...words],
    {
      cwd: projectFolder,
      env: site.env,
    },
  );
  // The server sends whoever downloads to the storage itself.
  const direct = await fetch(`${site.url}/v1/jobs/${job.id}/masks`, { redirect: 'manual' });
  expect([direct.status, new URL(direct.headers.get('location') ?? '').origin]).toEqual([
    302,
    new URL(s3.endpoint).origin,
  ]);
  const [made, wanted] = [
    await (await fetch(`${site.url}/v1/jobs/${job.id}/masks`)).text(),
    await readFile(masks, 'utf8'),
  ];
  const unnamed = (text: string) => sum(Buffer.from(text.replace(/"file_name":"[^"]*"/, '')));
  expect(unnamed(made)).toBe(unnamed(wanted));
  expect(await readdir(join(site.folder, 'data'))).not.toContain('storage');
  expect(await readdir(join(site.folder, 'data/uploads'))).toEqual([]);
  await site.ask('DELETE', `/v1/jobs/${job.id}`);
  await rm(folder, { recursive: true });
});
