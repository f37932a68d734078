import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, install, processesOf } from '../../bench/installation.ts';
import type {
  ClipView,
  EventView,
  Found,
  RecordedFile,
  RulePreviewView,
  TimelineView,
} from '../../src/clips/clips.ts';
import type { CameraView } from '../../src/streams/cameras.ts';
import type { StreamView } from '../../src/streams/streams.ts';
import { readNumber } from '../fixtures/live/numbered.ts';
import type { Camera } from '../fixtures/live/rtsp-server.ts';
import { startTownCamera, TOWN_HEIGHT, TOWN_WIDTH } from '../fixtures/live/town-camera.ts';

/** A camera whose pictures are numbered, recorded by workers while things go wrong, and what is asked of the past. */

const run = promisify(execFile);
const [WIDTH, HEIGHT, FPS] = [TOWN_WIDTH, TOWN_HEIGHT, 12];
let folder: string;
let camera: Camera;
let site: Installation;
let id: string;
/** When the model has begun to see: on a busy machine the first pictures are there before. */
let seenFrom: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-recorded-'));
  camera = await startTownCamera(folder, { seconds: 60, fps: FPS });
  site = await install({
    workers: [
      ['--queues', 'live'],
      ['--queues', 'live'],
      ['--queues', 'clips'],
    ],
    log: (line) => process.env.VERBOSE && !/"msg":"request"/.test(line) && console.log(line.slice(0, 400)),
    env: {
      SIDESTREAM_LIVE__STATE_SECONDS: '0.5',
      SIDESTREAM_SEGMENT__EXPAND: 'none',
      SIDESTREAM_MODEL__SHORT_SIDE: '256',
    },
  });
  const made = await site.ask<StreamView>('POST', '/v1/streams', {
    ...{ url: camera.url, name: 'gate', vocabulary: 'road, car, person, tree, sky' },
    // The model need not see all: it has the machine to share.
    policy: 'every:4',
    record: { seconds: 2 },
  });
  expect(made.record).toEqual({ audio: true, seconds: 2, days: 7, max_bytes: 0 });
  ({ id } = made);
}, 60_000);
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await camera?.close();
  expect(await processesOf(site.folder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

async function until<T>(look: () => Promise<T | undefined | false>, what: string, seconds = 30): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(100)) {
    const found = await look().catch(() => undefined); // The server may be away for a moment.
    if (found) return found;
    if (Date.now() > end)
      throw new Error(`waited in vain for ${what}: ${JSON.stringify((await timeline()).gaps)}`);
  }
}

const timeline = (query = '') =>
  site.ask<TimelineView>('GET', `/v1/streams/${id}/timeline?from=now-10m${query}`);
const lengthOf = ({ from, to }: { from: string; to: string }) => (Date.parse(to) - Date.parse(from)) / 1000;
const recorded = async (seconds: number): Promise<TimelineView | false> => {
  const now = await timeline();
  const last = now.recorded.at(-1);
  return last !== undefined && lengthOf(last) >= seconds && now;
};

/** Numbers burnt into the pictures of a file. */
async function numbersIn(video: string): Promise<(number | undefined)[]> {
  const args = [
    '-v',
    'error',
    '-i',
    video,
    '-vsync',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-',
  ];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 30 });
  const size = WIDTH * HEIGHT;
  return Array.from({ length: stdout.length / size }, (_, i) =>
    readNumber(new Uint8Array(stdout.subarray(i * size, (i + 1) * size)), WIDTH, HEIGHT),
  );
}

async function download(path: string): Promise<{ file: string; bytes: Buffer; type: string | null }> {
  const answer = await fetch(`${site.url}${path}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(answer.status, String(bytes)).toBe(200);
  const file = join(folder, path.replace(/\W/g, '_'));
  await writeFile(file, bytes);
  return { file, bytes, type: answer.headers.get('content-type') };
}

const clipOf = async (from: string | number, to: string | number, more: object = {}): Promise<ClipView> => {
  const body = { from: String(from), to: String(to), ...more };
  const made = await site.ask<ClipView>('POST', `/v1/streams/${id}/clips`, body);
  return await until(async () => {
    const now = await site.ask<ClipView>('GET', `/v1/clips/${made.id}`);
    return (now.state === 'done' || now.state === 'failed') && now;
  }, `clip ${made.id}`);
};

describe('a recording', () => {
  it('is on the timeline, with what is seen', async () => {
    await until(() => recorded(4), 'recordings');
    const {
      recorded: stretches,
      gaps,
      names,
      buckets,
      events,
    } = await until(async () => {
      const now = await timeline('&step=1');
      return now.buckets.length > 2 && now;
    }, 'what is seen');
    seenFrom = Date.parse(buckets[0].time) + 1000;
    expect(stretches).toHaveLength(1);
    expect(gaps.filter(({ reason }) => reason !== 'STARTING')).toEqual([]);
    expect(names).toContain('road');
    expect(buckets.length).toBeGreaterThan(1);
    expect(events).toEqual([]);
  });

  it('gives clips of exactly what is asked for, from a recording that goes on', async () => {
    const {
      recorded: [{ from }],
    } = await timeline();
    const begin = Date.parse(from) + 1300;
    const view = await clipOf(begin, begin + 2000, { title: 'two seconds' });
    expect(view).toMatchObject({ state: 'done', frames: 2 * FPS, gaps: [], title: 'two seconds' });
    const { file, bytes, type } = await download(`/v1/clips/${view.id}/video`);
    expect(type).toBe('video/mp4');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(view.results.video!.sha256);
    const numbers = await numbersIn(file);
    expect(numbers).toHaveLength(2 * FPS);
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
    const whole = await clipOf(from, begin + 2000);
    const before = await numbersIn((await download(`/v1/clips/${whole.id}/video`)).file);
    expect(before.slice(-numbers.length)).toEqual(numbers);
    expect((await download(`/v1/clips/${view.id}/thumbnail`)).type).toBe('image/jpeg');
    expect((await download(`/v1/clips/${view.id}/preview`)).type).toBe('image/webp');
  });

  it('gives whole files or none, also while they are removed', async () => {
    const {
      recorded: [{ from }],
    } = await timeline();
    const view = await clipOf(from, Date.parse(from) + 2000);
    const ask = async () => {
      const answer = await fetch(`${site.url}/v1/clips/${view.id}/video`);
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (answer.status === 404) return 'none';
      return createHash('sha256').update(bytes).digest('hex') === view.results.video!.sha256
        ? 'whole'
        : 'half';
    };
    const asked = Array.from({ length: 40 }, async (_, i) => {
      await sleep(i * 3);
      return await ask();
    });
    await sleep(50);
    await site.ask('DELETE', `/v1/clips/${view.id}`);
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['whole', 'none']));
    expect(await ask()).toBe('none');
  });

  it('is painted over and masked when that is asked for, also with other words', async () => {
    const {
      recorded: [{ from }],
    } = await timeline();
    // From the first picture, which the model has not seen.
    const view = await clipOf(from, seenFrom + 500, { vocabulary: 'vehicle|car, street|road' });
    expect(view.vocabulary).toEqual(['vehicle', 'street']);
    expect(view.labels).toContain('road');
    const { file } = await download(`/v1/clips/${view.id}/video?overlay=1`);
    expect(await numbersIn(file)).toHaveLength(view.frames!);
    const masks = JSON.parse(String((await download(`/v1/clips/${view.id}/masks`)).bytes));
    expect(masks.videos[0].length).toBe(view.frames);
    expect(masks.categories.map(({ name }: { name: string }) => name)).toContain('street');
    expect(masks.annotations.length).toBeGreaterThan(0);
  });

  it('is found by words', async () => {
    const { found } = await site.ask<{ found: Found[] }>('GET', `/v1/search?q=car&stream=${id}`);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ stream: id, score: expect.any(Number) });
    expect((await download(found[0].thumbnail!)).type).toBe('image/jpeg');
    const words = await timeline('&step=1&vocabulary=automobile');
    expect(words.names).toEqual(['automobile']);
  });

  it('is played segment by segment', async () => {
    await until(() => recorded(8), 'four segments');
    const { files } = await site.ask<{ files: RecordedFile[] }>('GET', `/v1/streams/${id}/recordings`);
    expect(files.length).toBeGreaterThanOrEqual(3);
    const numbers: (number | undefined)[] = [];
    for (const { url, bytes, begin, from } of files.slice(0, 3)) {
      expect(begin).toBe(from);
      const { file, bytes: content, type } = await download(url);
      expect([content.length, type]).toEqual([bytes, 'video/mp4']);
      numbers.push(...(await numbersIn(file)));
    }
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0]! + i) % (60 * FPS)));
    const part = await fetch(`${site.url}${files[0].url}`, { headers: { range: 'bytes=4-7' } });
    expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
    expect((await fetch(`${site.url}${files[0].url.replace('.mp4', '9.mp4')}`)).status).toBe(404);
  });

  it('has rules tried on it, and its camera looked at once more', async () => {
    await until(() => recorded(10), 'recordings');
    const from = new Date(seenFrom).toISOString();
    const to = new Date(seenFrom + 4000).toISOString();
    const rules = 'rules: [{ name: road, when: { stuff: road, share: "> 1 %" } }]';
    const asked = { rules, from, to };
    const view = await site.ask<RulePreviewView>('POST', `/v1/streams/${id}/rules/preview`, asked);
    expect(view).toMatchObject({ from, to, until: to, seconds_recorded: 4, truncated: false });
    // A busy machine may have shown the model nothing for a while.
    expect(view.gaps.filter(({ reason }) => reason !== 'NOT_ANALYSED')).toEqual([]);
    expect(view.events.map(({ rule, names }) => [rule, names])).toContainEqual(['road', ['road']]);
    const wrong = { rules: 'rules: [{ name: a, when: { object: sky } }]', from, to };
    await expect(site.ask('POST', `/v1/streams/${id}/rules/preview`, wrong)).rejects.toThrow(
      /400.*RULES_INVALID.*sky/s,
    );
    const seen = await site.ask<CameraView>('POST', '/v1/cameras/test', { url: camera.url });
    expect(seen).toMatchObject({ ok: true, video: { codec: 'h264', width: WIDTH, height: HEIGHT } });
    expect(seen.picture).toMatch(/^data:image\/jpeg;base64,/);
    const away = await site.ask<CameraView>('POST', '/v1/cameras/test', { url: 'rtsp://127.0.0.1:1/x' });
    expect(away).toMatchObject({ ok: false, error: { code: 'CAMERA_AWAY' } });
  }, 60_000);

  it('is cut where rules say so, with its event told', async () => {
    const change = (rules: unknown) => site.ask<StreamView>('PATCH', `/v1/streams/${id}`, { rules });
    const wrong = 'rules:\n  - name: cars\n    when: { object: car, in: nowhere }\n';
    await expect(change(wrong)).rejects.toThrow(/400.*RULES_INVALID.*3:/s);
    await expect(change({ rules: [{ name: 'sky', when: { object: 'sky' } }] })).rejects.toThrow(
      /RULES_INVALID.*sky.*stuff/s,
    );
    const stop = new AbortController();
    const told = fetch(`${site.url}/v1/events/stream?stream=${id}`, { signal: stop.signal });
    const named = await change(
      'rules: [{ name: things, when: { object: [car, lorry] }, pre_roll: 1 s, post_roll: 0 s }]',
    );
    expect(named.rules!.rules[0]).toMatchObject({ name: 'things', pre_roll: 1, post_roll: 0, clip: true });
    const [open] = await until(async () => {
      const { events } = await site.ask<{ events: EventView[] }>('GET', `/v1/events?stream=${id}`);
      return events.length > 0 && events;
    }, 'an event');
    expect(open).toMatchObject({ rule: 'things', state: 'open', names: ['car'] });
    await sleep(1500);
    await change(null);
    const closed = await until(async () => {
      const now = await site.ask<EventView>('GET', `/v1/events/${open.id}`);
      return now.state === 'closed' && now.clip !== undefined && now;
    }, 'its end');
    expect(closed.why).toMatch(/removed/);
    const clip = await until(async () => {
      const now = await site.ask<ClipView>('GET', `/v1/clips/${closed.clip}`);
      return now.state === 'done' && now;
    }, 'its clip');
    expect(clip).toMatchObject({ event: open.id, rule: 'things' });
    expect(Math.abs(Date.parse(clip.from) - (Date.parse(closed.began_at) - 1000))).toBeLessThan(3);
    const text = (await told).body!.pipeThrough(new TextDecoderStream()).getReader();
    let said = '';
    while (!said.includes('event.closed')) said += (await text.read()).value;
    stop.abort();
    expect(said).toMatch(/event: event\.opened.*event: event\.closed/s);
    expect((await timeline()).events.map(({ id: event }) => event)).toContain(open.id);
  }, 60_000);

  it('does what its document says', async () => {
    const document = await readFile('docs/clips.md', 'utf8');
    const blocks = [...document.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block);
    const commands = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').trim().split('\n'));
    expect(commands.length).toBeGreaterThan(8);
    await writeFile(join(folder, 'rules.yaml'), 'rules: [{ name: things, when: { object: car } }]\n');
    const env = { ...site.env, SIDESTREAM_CLIENT__SERVER: site.url };
    for (const command of commands) {
      const text = command
        .replaceAll('localhost:8080', site.url)
        .replaceAll('<id>', id)
        .replace('rtsp://camera.lan/stream1', camera.url)
        .replace('npx sidestream', `${process.execPath} ${join(process.cwd(), 'dist/cli.js')}`);
      const { stdout } = await run('bash', ['-c', text], { env, cwd: folder });
      if (command.startsWith('curl')) expect(JSON.parse(stdout), command).not.toHaveProperty('code');
      // A second stream would only take time from the first.
      if (/streams add/.test(command)) await site.ask('DELETE', `/v1/streams/${stdout.trim()}`);
    }
    expect((await stat(join(folder, 'clip.mp4'))).size).toBeGreaterThan(10_000);
    await site.ask('PATCH', `/v1/streams/${id}`, { rules: null });
  }, 60_000);

  it('has gaps where things went wrong, and every picture once', async () => {
    const away = Date.now();
    camera.stalled = true;
    await sleep(2000);
    camera.stalled = false;
    // A busy machine may take what was on its way for longer, or give up the connection.
    const silent = await until(
      async () =>
        (await timeline()).gaps.find(
          ({ from, to, reason }) =>
            /^CAMERA_/.test(reason) &&
            Math.abs(Date.parse(from) - away) < 6000 &&
            Date.parse(to) - Date.parse(from) > 1000,
        ),
      'the gap',
    );
    await until(() => recorded(3), 'it again');
    const { worker } = await site.ask<StreamView>('GET', `/v1/streams/${id}`);
    const holder = site.workers.find(({ pid }) => worker!.endsWith(`-${pid}`))!;
    const killed = Date.now();
    await site.kill(holder);
    await until(async () => {
      const now = await recorded(3);
      return now !== false && now.gaps.some(({ reason }) => reason === 'WORKER_LOST');
    }, 'another worker');
    const { recorded: stretches, gaps } = await timeline();
    const lost = gaps.find(({ reason }) => reason === 'WORKER_LOST')!;
    expect(Date.parse(lost.from)).toBeGreaterThan(killed - 15_000);
    expect(Date.parse(lost.from)).toBeLessThan(killed + 500);
    const all = await clipOf(stretches[0].from, stretches.at(-1)!.to);
    expect(all.state).toBe('done');
    expect(all.gaps.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([silent.reason, 'WORKER_LOST']),
    );
    const numbers = await numbersIn((await download(`/v1/clips/${all.id}/video`)).file);
    expect(numbers).toHaveLength(all.frames!);
    // What the camera shows goes round.
    const jumps = numbers.filter((number, i) => i > 0 && number !== (numbers[i - 1]! + 1) % (60 * FPS));
    expect(jumps.length).toBeLessThanOrEqual(all.gaps.length);
  }, 90_000);

  it('stops when it is told to, and is there still', async () => {
    await site.ask('PATCH', `/v1/streams/${id}`, { record: false });
    await until(async () => (await timeline()).gaps.some(({ reason }) => reason === 'OFF'), 'the end');
    expect((await timeline()).recorded.length).toBeGreaterThan(0);
  });

  it('leaves no half-written file', async () => {
    const files = await readdir(join(site.folder, 'data'), { recursive: true });
    expect(files.filter((name) => /partial|\.tmp/.test(name))).toEqual([]);
  });
});
