import { execFile, execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, install, processesOf } from '../../bench/installation.ts';
import { projectFolder } from '../../src/config/folders.ts';
import { type JobView, RESULTS } from '../../src/jobs/jobs.ts';
import { verify } from '../../src/net/webhook.ts';
import { ffprobe, pictures } from '../fixtures/look.ts';

/** Redis, a server and two workers, all of them processes of their own; real videos; everything over HTTP. */

const CLI = join(projectFolder, 'dist', 'cli.js');
const toytown = (name: string) => join(projectFolder, 'test/fixtures/toytown', `${name}.mp4`);
const WORDS = 'road, car|vehicle, person, tree';
const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;

let folder: string;
let site: Installation;
let files: Server;
let address: string;
/** Six seconds of a town, small. */
let watch: string;
/** A video with two seams: more than one stretch of key frames, audio, an odd beginning. */
let long: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-jobs-'));
  long = join(folder, 'a long, odd "näme".mkv');
  const loop = ['-stream_loop', '3', '-i', toytown('drive'), '-t', '21', '-vf', 'scale=320:180,fps=8'];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    ...loop,
    '-c:v',
    'libx264',
    '-g',
    '22',
    '-c:a',
    'aac',
    '-output_ts_offset',
    '0.5',
    long,
  ]);
  watch = join(folder, 'watch.mp4');
  const small = ['-i', toytown('watch'), '-vf', 'scale=320:180', '-c:v', 'libx264', '-c:a', 'copy'];
  execFileSync('ffmpeg', ['-v', 'error', ...small, watch]);
  files = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '').slice(1));
    if (name === '') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'video/mp4' });
    createReadStream(join(folder, name)).pipe(response);
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(files.address() as { port: number }).port}`;
  site = await install({
    log: (line) => process.env.VERBOSE && console.log(line.slice(0, 500)),
    env: {
      // What is compared is the same for small pictures, and takes less time.
      SIDESTREAM_MODEL__SHORT_SIDE: '128',
      SIDESTREAM_JOBS__ROOTS: `${join(projectFolder, 'test/fixtures')},${folder}`,
      SIDESTREAM_JOBS__ALLOW_ADDRESSES: '127.0.0.1',
      SIDESTREAM_JOBS__CHUNK_SECONDS: '4',
      SIDESTREAM_WEBHOOKS__SECRET: SECRET,
    },
  });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  files.close();
  expect(await processesOf(site.folder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

const command = async (...args: string[]) =>
  await promisify(execFile)(process.execPath, [CLI, ...args], {
    env: { ...site.env, SIDESTREAM_CLIENT__SERVER: site.url },
    maxBuffer: 1 << 26,
  });

/** What `segment` makes of the same video; made once. */
const whole = new Map<string, ReturnType<typeof segmentOnce>>();
function segmented(input: string) {
  const known = whole.get(input) ?? segmentOnce(input);
  whole.set(input, known);
  return known;
}
async function segmentOnce(input: string) {
  const [video, masks] = [
    join(folder, `${basename(input)}.whole.mp4`),
    join(folder, `${basename(input)}.whole.json`),
  ];
  await command('segment', input, '-o', video, '--masks', masks, '--vocabulary', WORDS, '--quiet', '--force');
  return { video, masks: JSON.parse(await readFile(masks, 'utf8')) };
}

async function save(path: string, file: string): Promise<string> {
  const answer = await fetch(`${site.url}${path}`);
  expect(answer.status).toBe(200);
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  return file;
}

/** Follows a job by its events to the end. */
async function follow(id: string): Promise<{ event: string; data: Record<string, unknown> }[]> {
  const answer = await fetch(`${site.url}/v1/jobs/${id}/events`, {
    headers: { accept: 'text/event-stream' },
  });
  const text = await answer.text();
  return text
    .split('\n\n')
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{}'),
    }))
    .filter(({ event }) => event !== '');
}

const submit = (body: object) => site.ask<JobView>('POST', '/v1/jobs', { vocabulary: WORDS, ...body });

async function expectSame(id: string, input: string): Promise<void> {
  const whole = await segmented(input);
  const masks = JSON.parse(
    await readFile(await save(`/v1/jobs/${id}/masks`, join(folder, `${id}.json`)), 'utf8'),
  );
  const named = (one: typeof masks) => ({
    ...one,
    videos: one.videos.map((v: object) => ({ ...v, file_name: '' })),
  });
  expect(named(masks)).toEqual(named(whole.masks));
  const video = await save(`/v1/jobs/${id}/video`, join(folder, `${id}.mp4`));
  expect(ffprobe(video, 'v:0', 'packet=pts,flags')).toBe(ffprobe(whole.video, 'v:0', 'packet=pts,flags'));
  expect(ffprobe(video, 'a:0', 'packet=data_hash')).toBe(ffprobe(whole.video, 'a:0', 'packet=data_hash'));
  const [made, wanted] = [pictures(video), pictures(whole.video)];
  expect(made).toHaveLength(wanted.length);
  expect(wanted.flatMap((sum, i) => (sum === made[i] ? [] : [i]))).toEqual([]);
}

describe('a job makes what segment makes', () => {
  it('of a path on the server', async () => {
    const job = await submit({ input: { path: watch } });
    expect(job).toMatchObject({
      state: 'queued',
      kind: 'segment',
      progress: 0,
      vocabulary: ['road', 'car', 'person', 'tree'],
    });
    const events = await follow(job.id);
    const progress = events.map(({ data }) => Number(data.progress));
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { state: 'done', progress: 1 } });
    const stages = events.filter(({ event }) => event === 'stage').map(({ data }) => data.stage);
    expect(stages).toEqual(['plan', 'analyse', 'associate', 'render', 'join']);
    await expectSame(job.id, watch);
    const report = await site.ask<{ frames: object; input: { name: string } }>(
      'GET',
      `/v1/jobs/${job.id}/report`,
    );
    expect(report).toMatchObject({
      input: { name: watch },
      provider: 'cpu',
      frames: { decoded: 144, analysed: 144, emitted: 144, dropped: [] },
    });
  });

  it('of an address', async () => {
    const name = 'from elsewhere.mp4';
    const short = ['-v', 'error', '-i', toytown('drive'), '-t', '2', '-c:v', 'libx264', '-c:a', 'copy'];
    execFileSync('ffmpeg', [...short, join(folder, name)]);
    const job = await submit({ input: { url: `${address}/${encodeURIComponent(name)}` } });
    expect((await follow(job.id)).at(-1)?.event).toBe('done');
    await expectSame(job.id, join(folder, name));
  });

  it('of an upload by the command line, over two seams', async () => {
    const [video, masks] = [join(folder, 'named.mp4'), join(folder, 'named.json')];
    const { stdout } = await command('submit', long, '--vocabulary', WORDS, '-o', video, '--masks', masks);
    expect(stdout.trim().split('\n')).toEqual([video, masks]);
    const list = JSON.parse((await command('jobs', 'list', '--json', '--limit', '1')).stdout);
    await expectSame(list[0].id, long);
    const thumbnail = await fetch(`${site.url}/v1/jobs/${list[0].id}/thumbnail`);
    expect(thumbnail.headers.get('content-type')).toBe('image/jpeg');
    expect(
      ffprobe(
        await save(`/v1/jobs/${list[0].id}/thumbnail`, join(folder, 't.jpg')),
        'v:0',
        'stream=width,height',
      ).trim(),
    ).toBe('320,180');
  });
});

describe('a job', () => {
  const loads = async () => {
    const text = await (await fetch(`${site.url}/metrics`)).text();
    return Number(/sidestream_model_loads_total\{part="vision"\} (\d+)/.exec(text)?.[1] ?? 0);
  };

  it('gets new words without the model', async () => {
    const [source] = (await site.ask<{ jobs: JobView[] }>('GET', '/v1/jobs?state=done&limit=1')).jobs;
    const before = await loads();
    expect(before).toBeGreaterThan(0);
    const job = await site.ask<JobView>('POST', `/v1/jobs/${source.id}/label`, { vocabulary: 'bus, sky' });
    const ended = await site.ended(job.id);
    expect(ended).toMatchObject({ state: 'done', kind: 'label', of: source.id, vocabulary: ['bus', 'sky'] });
    expect(Object.keys(ended.results).sort()).toEqual([...RESULTS].sort());
    expect(await loads()).toBe(before);
    const { jobs } = await site.ask<{ jobs: JobView[] }>('GET', '/v1/jobs?label=bus');
    expect(jobs.map(({ id }) => id)).toEqual([job.id]);
  });

  it('is cancelled within two seconds, from anywhere, and leaves nothing', async () => {
    const job = await submit({ input: { path: long } });
    for (;;) {
      const now = await site.ask<JobView>('GET', `/v1/jobs/${job.id}`);
      if (now.stage === 'analyse' && now.frames_done > 0) break;
      await sleep(50);
    }
    await site.ask('POST', `/v1/jobs/${job.id}/cancel`);
    await sleep(2000);
    expect(await site.leftovers()).toEqual([]);
    expect(await site.ask('POST', `/v1/jobs/${job.id}/cancel`)).toMatchObject({ state: 'cancelled' });
    expect((await follow(job.id)).at(-1)?.event).toBe('cancelled');
    await site.ask('DELETE', `/v1/jobs/${job.id}`);
    await site.ask('DELETE', `/v1/jobs/${job.id}`);
    await expect(site.ask('GET', `/v1/jobs/${job.id}`)).rejects.toThrow(/404/);
    expect(await readdir(join(site.folder, 'data/storage/jobs'))).not.toContain(job.id);
  });

  it('fails at once, with code and words, where its input cannot be used', async () => {
    const broken = join(folder, 'broken.mp4');
    await writeFile(broken, 'no video at all');
    const ended = await site.ended((await submit({ input: { path: broken } })).id);
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'INPUT_INVALID' } });
    const gone = await site.ended((await submit({ input: { url: `${address}/` } })).id);
    expect(gone).toMatchObject({ state: 'failed', error: { code: 'INPUT_NOT_FOUND' } });
    // Once more it fails once more, as a job of its own.
    const again = await command('jobs', 'retry', ended.id, '--wait', '--quiet').catch((error) => error);
    expect([again.code, again.stderr]).toEqual([65, expect.stringMatching(/^error INPUT_INVALID: /)]);
    const { jobs } = await site.ask<{ jobs: JobView[] }>('GET', '/v1/jobs?state=failed&limit=1');
    expect(jobs[0]!.id).not.toBe(ended.id);
    expect(jobs[0]!.error?.code).toBe('INPUT_INVALID');
  });

  it('does not open what a playlist names', async () => {
    const playlists = {
      'list.m3u8': `#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile://${toytown('drive')}\n#EXT-X-ENDLIST\n`,
      'concat.m3u8': `#EXTM3U\n#EXTINF:6,\nconcat:${toytown('drive')}\n#EXT-X-ENDLIST\n`,
      'list.ffconcat': `ffconcat version 1.0\nfile '${toytown('drive')}'\n`,
      'dash.mpd': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT6S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>file://${toytown('drive')}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    };
    for (const [name, text] of Object.entries(playlists)) {
      await writeFile(join(folder, name), text);
      const ended = await site.ended((await submit({ input: { path: join(folder, name) } })).id);
      expect([name, ended.state, ended.error?.code]).toEqual([name, 'failed', 'INPUT_INVALID']);
    }
  });

  it('does not take pictures of any size', async () => {
    const huge = join(folder, 'huge.mkv');
    // Half a megabyte that would be more than there may be as a picture.
    const source = 'color=black:size=8000x8000:rate=1';
    const picture = ['-f', 'lavfi', '-i', source, '-frames:v', '1', '-c:v', 'mjpeg'];
    execFileSync('ffmpeg', ['-v', 'error', ...picture, huge]);
    expect((await stat(huge)).size).toBeLessThan(1_000_000);
    const ended = await site.ended((await submit({ input: { path: huge } })).id);
    expect(ended).toMatchObject({
      state: 'failed',
      error: { code: expect.stringMatching(/INPUT_TOO_LARGE|INPUT_INVALID/) },
    });
  });

  it('tells a webhook of its end, signed, until it is taken', async () => {
    const calls: { headers: Record<string, unknown>; body: string }[] = [];
    const receiver = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      calls.push({ headers: request.headers, body });
      response.writeHead(calls.length === 1 ? 503 : 204).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as { port: number };
    const broken = join(folder, 'broken.mp4');
    const job = await submit({
      input: { path: broken },
      webhook: `http://127.0.0.1:${port}/told`,
      metadata: { order: '7' },
    });
    await site.ended(job.id);
    for (let tries = 0; calls.length < 2 && tries < 150; tries++) await sleep(100);
    receiver.close();
    receiver.closeAllConnections();
    expect(calls).toHaveLength(2);
    const [first, second] = calls.map(({ headers, body }) => ({
      id: String(headers['webhook-id']),
      timestamp: String(headers['webhook-timestamp']),
      signature: String(headers['webhook-signature']),
      body,
    }));
    expect(verify(SECRET, second)).toBe(true);
    expect(second.id).toBe(first.id);
    expect(JSON.parse(second.body)).toMatchObject({
      type: 'job.failed',
      data: { id: job.id, metadata: { order: '7' } },
    });
  });

  it('is the same one for the same key of idempotency', async () => {
    const ask = (key: string, path: string) =>
      fetch(`${site.url}/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ input: { path }, vocabulary: 'road' }),
      });
    const broken = join(folder, 'broken.mp4');
    const answers = await Promise.all([ask('k', broken), ask('k', broken), ask('k', broken)]);
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as JobView).id));
    expect(new Set(ids).size).toBe(1);
    const other = await ask('k', toytown('drive'));
    expect([other.status, await other.json()]).toMatchObject([409, { code: 'CONFLICT' }]);
  });

  it('outlives the memory of Redis, the server and its workers', async () => {
    const job = await submit({ input: { path: watch } });
    for (;;) {
      const now = await site.ask<JobView>('GET', `/v1/jobs/${job.id}`);
      if (now.stage === 'analyse') break;
      await sleep(50);
    }
    // Redis comes back with nothing at all; the server is killed; one worker is gone for good.
    await site.kill(site.workers[0]);
    await site.restartServer('SIGKILL');
    await site.restartRedis('SIGKILL');
    const ended = await site.ended(job.id, 90_000);
    expect(ended.state).toBe('done');
    const masks = JSON.parse(
      await readFile(await save(`/v1/jobs/${job.id}/masks`, join(folder, 'again.json')), 'utf8'),
    );
    expect(masks).toEqual((await segmented(watch)).masks);
    // Who comes next clears away what the one that was killed has left.
    await site.addWorker();
    await sleep(1500);
    expect(await site.leftovers()).toEqual([]);
  });

  it('waits for a Redis that does not answer, and the server says so', async () => {
    site.cut();
    const begun = Date.now();
    await expect(submit({ input: { path: toytown('drive') } })).rejects.toThrow(/503 .*REDIS_UNREACHABLE/);
    await expect(site.ask('GET', '/readyz')).rejects.toThrow(/Redis does not answer/);
    // What is on record can be told all the same.
    const { jobs } = await site.ask<{ jobs: JobView[] }>('GET', '/v1/jobs?state=done&limit=1');
    expect(jobs).toHaveLength(1);
    expect(Date.now() - begun).toBeLessThan(20_000);
    site.mend();
    for (let tries = 0; tries < 50; tries++) {
      const ready = await site.ask('GET', '/readyz').catch(() => undefined);
      if (ready) break;
      await sleep(100);
    }
    await site.ask('GET', '/readyz');
  });

  it('goes on elsewhere at once when its worker is asked to stop', async () => {
    const job = await submit({ input: { path: toytown('drive') }, output: { video: false } });
    for (;;) {
      const now = await site.ask<JobView>('GET', `/v1/jobs/${job.id}`);
      if (now.stage === 'analyse' && now.frames_done > 0) break;
      await sleep(50);
    }
    const [worker] = site.workers;
    const begun = Date.now();
    const code = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(Date.now() - begun).toBeLessThan(4000);
    await site.kill(worker);
    await site.addWorker();
    expect((await site.ended(job.id, 30_000)).state).toBe('done');
  });

  it('is worked on by the workers that a server brings along, and they end with it, however it ends', async () => {
    await using alone = await install({
      workers: [],
      serve: [],
      env: { SIDESTREAM_JOBS__ROOTS: join(projectFolder, 'test/fixtures') },
    });
    const ask = {
      input: { path: toytown('drive') },
      vocabulary: 'road',
      every: 12,
      output: { video: false },
    };
    const { id } = await alone.ask<JobView>('POST', '/v1/jobs', ask);
    expect((await alone.ended(id)).state).toBe('done');
    const workers = async () =>
      (await processesOf(alone.folder)).filter(({ command }) => / worker --attached /.test(command));
    const before = await workers();
    expect(before).toHaveLength(2);
    await alone.restartServer('SIGKILL');
    for (let tries = 0; tries < 100; tries++) {
      const pids = new Set((await workers()).map(({ pid }) => pid));
      if (!before.some(({ pid }) => pids.has(pid))) break;
      await sleep(100);
    }
    const after = new Set((await workers()).map(({ pid }) => pid));
    expect(before.filter(({ pid }) => after.has(pid))).toEqual([]);
    expect(after.size).toBe(2);
  });

  it('is refused with 507 while the disk is nearly full', async () => {
    await using full = await install({ workers: [], env: { SIDESTREAM_STORAGE__RESERVE_BYTES: '1e15' } });
    const ask = { input: { path: toytown('drive') }, vocabulary: 'road' };
    await expect(full.ask('POST', '/v1/jobs', ask)).rejects.toThrow(/507 .*DISK_FULL/);
    await expect(full.ask('GET', '/readyz')).rejects.toThrow(/503 .*the disk of the storage/);
  });
});
