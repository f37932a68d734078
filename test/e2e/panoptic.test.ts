import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, install, processesOf } from '../../bench/installation.ts';
import { projectFolder } from '../../src/config/folders.ts';
import type { JobView } from '../../src/jobs/jobs.ts';
import { rangesOf } from '../../src/panoptic/ranges.ts';
import { openPanoptic } from '../../src/panoptic/reader.ts';
import { compared, type Masks } from '../fixtures/same-pixels.ts';

/** What a page shows of a job, over HTTP: the panoptic file, piece by piece, and the video itself. */

const CLI = join(projectFolder, 'dist', 'cli.js');
const WORDS = 'road, car|vehicle, person, tree';

let folder: string;
let clip: string;
let bytes: Buffer;
let site: Installation;
let files: Server;
/** Of an upload; the others are made beside it. */
let job: JobView;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-e2e-panoptic-'));
  clip = join(folder, 'street.mp4');
  const drive = join(projectFolder, 'test/fixtures/toytown/drive.mp4');
  // More than one chunk of the file, and of the work.
  const cut = ['-t', '3', '-vf', 'scale=320:180', '-g', '24', '-c:v', 'libx264', '-c:a', 'copy'];
  execFileSync('ffmpeg', ['-v', 'error', '-i', drive, ...cut, clip]);
  bytes = await readFile(clip);
  files = createServer((_, response) => response.end(bytes));
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  site = await install({
    log: (line) => process.env.VERBOSE && console.log(line.slice(0, 500)),
    env: {
      SIDESTREAM_MODEL__SHORT_SIDE: '128',
      SIDESTREAM_JOBS__ROOTS: folder,
      SIDESTREAM_JOBS__ALLOW_ADDRESSES: '127.0.0.1',
      SIDESTREAM_JOBS__CHUNK_SECONDS: '1',
    },
  });
  const form = new FormData();
  form.set('vocabulary', WORDS);
  form.set('file', new Blob([new Uint8Array(bytes)]), 'street.mp4');
  const answer = await fetch(`${site.url}/v1/jobs`, { method: 'POST', body: form });
  job = await site.ended(((await answer.json()) as JobView).id);
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  files.close();
  await rm(folder, { recursive: true });
  expect(await processesOf(site.folder)).toEqual([]);
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${site.url}/v1/jobs/${path}`, { headers, method });
const masksOf = async (id: string) => (await (await get(`${id}/masks`)).json()) as Masks;
const panopticOf = (id: string) => openPanoptic(rangesOf(`${site.url}/v1/jobs/${id}/panoptic`));
const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

async function expectGone(path: string, why: RegExp): Promise<void> {
  const answer = await get(path);
  const problem = (await answer.json()) as { code: string; detail: string };
  expect([answer.status, problem.code]).toEqual([404, 'RESULT_NOT_FOUND']);
  expect(problem.detail).toMatch(why);
}

describe('the panoptic file of a job', () => {
  it('has the pixels of its masks JSON, in pieces', async () => {
    expect(job.state).toBe('done');
    const panoptic = await panopticOf(job.id);
    expect(panoptic.index.chunks.length).toBeGreaterThan(1);
    const { flaws, masked } = await compared(panoptic, await masksOf(job.id), 8);
    expect(flaws).toEqual([]);
    expect(masked).toBeGreaterThan(10_000);
  });

  it('is told of, and sent as other results are', async () => {
    const head = await get(`${job.id}/panoptic`, {}, 'HEAD');
    const { 'content-type': type, 'content-length': length, etag } = Object.fromEntries(head.headers);
    expect(job.results.panoptic).toEqual({ bytes: Number(length), type: 'application/octet-stream' });
    expect(type).toBe('application/octet-stream');
    const whole = await get(`${job.id}/panoptic?download=1`);
    expect(whole.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+\.panoptic"/);
    const all = await bodyOf(whole);
    expect(all.subarray(0, 8).toString()).toBe('SSPANOPT');
    const part = await get(`${job.id}/panoptic`, { range: 'bytes=-24', 'if-range': etag! });
    expect([part.status, await bodyOf(part)]).toEqual([206, all.subarray(-24)]);
    expect((await get(`${job.id}/panoptic`, { 'if-none-match': etag! })).status).toBe(304);
  });

  it('is what segment makes of the same video', async () => {
    const file = join(folder, 'segment.panoptic');
    const { signal } = new AbortController();
    const args = ['segment', clip, '--panoptic', file, '--vocabulary', WORDS, '--quiet'];
    const output = ['-o', join(folder, 'segment.mp4')];
    await promisify(execFile)(process.execPath, [CLI, ...args, ...output], { env: site.env, signal });
    const [one, other] = [await readFile(file), await bodyOf(await get(`${job.id}/panoptic`))];
    const { index } = await panopticOf(job.id);
    const { at, bytes } = index.chunks.at(-1)!;
    expect(one.subarray(0, at + bytes).equals(other.subarray(0, at + bytes))).toBe(true);
    const made = await openPanoptic(async (from, to) => new Uint8Array(one).slice(from, to).buffer);
    const named = { ...made.index, video: { ...made.index.video, name: index.video.name } };
    expect(named).toEqual(index);
  });

  it('is left out where it is not wanted, and may be all that is wanted', async () => {
    const ask = async (input: object, output: object) =>
      await site.ended(
        (await site.ask<JobView>('POST', '/v1/jobs', { vocabulary: WORDS, input, output })).id,
      );
    const without = await ask({ path: clip }, { video: false, panoptic: false });
    expect(Object.keys(without.results).sort()).toEqual(['masks', 'report', 'source', 'thumbnail']);
    await expectGone(`${without.id}/panoptic`, /has no panoptic/);

    const { port } = files.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/a/street.mp4`;
    const alone = await ask({ url }, { video: false, masks: false });
    expect(Object.keys(alone.results).sort()).toEqual(['panoptic', 'report', 'source', 'thumbnail']);
    expect((await panopticOf(alone.id)).index.chunks).toEqual((await panopticOf(job.id)).index.chunks);

    for (const { id } of [without, alone])
      expect((await bodyOf(await get(`${id}/source`))).equals(bytes)).toBe(true);
    // The file on the server is its owner's.
    const kept = `${without.id}/source`;
    await truncate(clip, 1000);
    await expectGone(kept, /has 1000 bytes now/);
    await rm(clip);
    await expectGone(kept, /does not exist/);
  });
});

it('the video of a job is sent as it came', async () => {
  expect(job.results.source).toEqual({ bytes: bytes.length, type: 'video/mp4' });
  const whole = await get(`${job.id}/source`);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'content-disposition': 'inline; filename="street.mp4"',
  });
  expect((await bodyOf(whole)).equals(bytes)).toBe(true);
  const part = await get(`${job.id}/source`, { range: 'bytes=100-199' });
  expect(part.headers.get('content-range')).toBe(`bytes 100-199/${bytes.length}`);
  expect((await bodyOf(part)).equals(bytes.subarray(100, 200))).toBe(true);
  const head = await get(`${job.id}/source`, {}, 'HEAD');
  expect(head.headers.get('content-length')).toBe(`${bytes.length}`);
});

it('new words make a panoptic file of their own, over the same video; what is removed is gone', async () => {
  const words = { vocabulary: 'tree, sky, building' };
  const asked = await site.ask<JobView>('POST', `/v1/jobs/${job.id}/label`, words);
  const label = await site.ended(asked.id);
  expect(label.results.source).toEqual(job.results.source);
  const panoptic = await panopticOf(label.id);
  expect(
    panoptic.index.names
      .filter(({ other }) => !other)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['building', 'sky', 'tree']);
  const { flaws, masked } = await compared(panoptic, await masksOf(label.id), 12);
  expect(flaws).toEqual([]);
  expect(masked).toBeGreaterThan(10_000);
  expect((await bodyOf(await get(`${label.id}/source`))).equals(bytes)).toBe(true);

  await site.ask('DELETE', `/v1/jobs/${label.id}`);
  expect((await get(`${label.id}/panoptic`)).status).toBe(404);
  expect(await readdir(join(site.folder, 'data/storage/jobs'))).not.toContain(label.id);
});
