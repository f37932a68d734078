import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, install, processesOf } from '../../bench/installation.ts';
import type { frameEvent } from '../../src/pipeline/live/shown.ts';
import type { StreamView } from '../../src/streams/streams.ts';
import { annexB } from '../fixtures/live/numbered.ts';
import { type Camera, startCamera } from '../fixtures/live/rtsp-server.ts';

/** A camera, Redis, a server and two workers, all of them processes of their own but the camera. */

const run = promisify(execFile);
const WORDS = 'road, car, person, tree, sky';
let folder: string;
let camera: Camera;
let site: Installation;
let id: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-streams-'));
  // A still picture: whatever is lost meanwhile, what is seen is the same.
  const [picture, still] = [join(folder, 'still.png'), join(folder, 'still.mp4')];
  const watch = 'test/fixtures/toytown/watch.mp4';
  await run('ffmpeg', ['-v', 'error', '-ss', '3', '-i', watch, '-frames:v', '1', picture]);
  const loop = ['-loop', '1', '-framerate', '12', '-i', picture, '-t', '4', '-pix_fmt', 'yuv420p'];
  await run('ffmpeg', ['-v', 'error', ...loop, '-c:v', 'libx264', '-bf', '0', '-g', '12', still]);
  camera = await startCamera({ file: await annexB(still, join(folder, 'still.h264')), fps: 12 });
  site = await install({
    workers: [
      ['--queues', 'live'],
      ['--queues', 'live'],
    ],
    log: (line) => process.env.VERBOSE && !/"msg":"request"/.test(line) && console.log(line.slice(0, 400)),
    env: {
      SIDESTREAM_LIVE__STATE_SECONDS: '0.5',
      SIDESTREAM_SEGMENT__EXPAND: 'none',
      // More frames are seen of small pictures, which is what tests wait for.
      SIDESTREAM_MODEL__SHORT_SIDE: '224',
    },
  });
  const made = await site.ask<StreamView>('POST', '/v1/streams', {
    url: camera.url.replace('://', '://admin:secret@'),
    name: 'gate',
    vocabulary: WORDS,
  });
  ({ id } = made);
  expect(made).toMatchObject({ name: 'gate', state: 'starting', vocabulary: WORDS.split(', ') });
  expect(made.url).toBe(camera.url.replace('://', '://***@'));
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await camera?.close();
  expect(await processesOf(site.folder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

const view = () => site.ask<StreamView>('GET', `/v1/streams/${id}`);
const change = (patch: object) => site.ask<StreamView>('PATCH', `/v1/streams/${id}`, patch);

async function until<T>(look: () => Promise<T | undefined | false>, what: string, seconds = 20): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(50)) {
    const found = await look().catch(() => undefined); // The server may be away for a moment.
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}: ${JSON.stringify(await view())}`);
  }
}

/** The stream once it has shown some frames, by another worker than `not`. */
const live = (not?: string, seconds?: number) =>
  until(
    async () => {
      const now = await view();
      return now.state === 'live' && now.worker !== not && (now.stats?.frames.analysed ?? 0) > 3 && now;
    },
    'the stream',
    seconds,
  );

type FrameEvent = ReturnType<typeof frameEvent>;

/** The next frames that the stream tells of. */
async function frames(count: number, query = ''): Promise<FrameEvent[]> {
  const stop = new AbortController();
  const answer = await fetch(`${site.url}/v1/streams/${id}/events${query}`, { signal: stop.signal });
  expect(answer.headers.get('content-type')).toMatch('text/event-stream');
  const found: FrameEvent[] = [];
  let text = '';
  try {
    for await (const bytes of answer.body!) {
      text += Buffer.from(bytes).toString();
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const data = /^event: frame\ndata: (.*)$/m.exec(block)?.[1];
        if (data) found.push(JSON.parse(data));
        if (found.length === count) return found;
      }
    }
    throw new Error('the events ended');
  } finally {
    stop.abort();
  }
}

/** Ids of what stays in sight for a while: what is small or comes and goes is noise. A busy machine sees less at a time. */
const things = async () => {
  for (let tries = 0; ; tries++) {
    const seen = (await frames(8)).map(({ objects }) =>
      objects.filter((one) => one.thing && one.share > 0.003),
    );
    const everywhere = seen[0].filter(({ id: one }) =>
      seen.every((objects) => objects.some((other) => other.id === one)),
    );
    if (everywhere.length > 1) return everywhere.map((one) => one.id).sort((a, b) => a - b);
    expect(tries).toBeLessThan(8);
  }
};

/** All of these are seen within the next frames. */
async function expectStill(before: readonly number[]): Promise<void> {
  const seen = new Set((await frames(12)).flatMap(({ objects }) => objects.map((one) => one.id)));
  expect(before.filter((one) => !seen.has(one))).toEqual([]);
}

const workerOf = ({ worker }: StreamView) => site.workers.find(({ pid }) => worker?.endsWith(`-${pid}`))!;

describe('a stream', () => {
  it('is shown as HLS, MJPEG, a picture, and as data', async () => {
    await live();
    const [first, second] = await frames(2, '?masks=rle');
    expect(second.index).toBeGreaterThan(first.index);
    expect(first).toMatchObject({ width: 640, height: 360, masks: { index: expect.any(Number) } });
    expect(first.objects.map(({ name }) => name)).toContain('car');
    expect(first.objects[0]).toHaveProperty('rle.size', [360, 640]);
    expect(Math.abs(Date.parse(first.time) - Date.now())).toBeLessThan(5000);

    const picture = await fetch(`${site.url}/v1/streams/${id}/snapshot.jpg`);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(Buffer.from(await picture.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));

    const stop = new AbortController();
    const pictures = await fetch(`${site.url}/v1/streams/${id}/mjpeg`, { signal: stop.signal });
    expect(pictures.headers.get('content-type')).toMatch('multipart/x-mixed-replace');
    let bytes = 0;
    for await (const part of pictures.body!) {
      bytes += part.length;
      if (bytes > 100_000) break;
    }
    stop.abort();

    const playlist = `${site.url}/v1/streams/${id}/hls/index.m3u8`;
    const text = await until(async () => {
      const answer = await fetch(playlist);
      return answer.ok && (await answer.text());
    }, 'the playlist');
    expect(text).toMatch(/#EXT-X-MAP:URI="init-\d+\.mp4"/);
    const probe = ['-v', 'error', '-select_streams', 'v', '-of', 'csv=p=0'];
    const about = await run('ffprobe', [...probe, '-show_entries', 'stream=codec_name,width', playlist]);
    expect(about.stdout.trim().split('\n')[0]).toBe('h264,640');
    // Players place segments by decoding times, which must be those of showing where nothing is reordered.
    const packets = await run('ffprobe', [
      ...[...probe, '-read_intervals', '%+#15', '-show_entries', 'packet=pts,dts', playlist],
    ]);
    const times = packets.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number));
    expect(times.length).toBeGreaterThan(5);
    expect(times.filter(([pts, dts]) => pts !== dts)).toEqual([]);
    for (const path of ['hls/..%2fstream.json', 'hls/state-1-0', 'nothing'])
      expect((await fetch(`${site.url}/v1/streams/${id}/${path}`)).status).toBeGreaterThanOrEqual(400);
  });

  it('is not slowed down by a viewer that takes nothing', async () => {
    const { port, hostname } = new URL(site.url);
    const before = (await live()).stats!.frames.emitted;
    const begun = Date.now();
    const viewers = Array.from({ length: 3 }, () => {
      const socket = connect(Number(port), hostname);
      socket.write(`GET /v1/streams/${id}/mjpeg HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`);
      return socket.pause();
    });
    await sleep(4000);
    const now = await view();
    const seconds = (Date.now() - begun) / 1000;
    for (const socket of viewers) socket.destroy();
    // Of twelve a second: what waits for a viewer would stand still.
    expect((now.stats!.frames.emitted - before) / seconds).toBeGreaterThan(7);
  });

  it('takes other words, and keeps the old ones where the new ones cannot be used', async () => {
    const before = await things();
    const after = await change({ vocabulary: 'road, car, person, tree, sky, elephant' });
    expect(after.applied).toBe(after.revision);
    await expectStill(before);
    await expect(change({ vocabulary: 'x'.repeat(450) })).rejects.toThrow(/400.*is too long/);
    expect((await view()).vocabulary).toContain('elephant');
    const revised = await change({ policy: 'every:2', between: 'move' });
    expect(revised).toMatchObject({ policy: 'every:2', between: 'move' });
    await change({ vocabulary: WORDS, policy: 'latest', between: 'hold' });
    await expectStill(before);
  });

  it('waits for a camera that is away, says why, and goes on with the same ids', async () => {
    const before = await things();
    await camera.refuse('closed');
    camera.cut();
    const away = await until(async () => {
      const now = await view();
      return now.state === 'connecting' && now.reason && now;
    }, 'the gap');
    expect(away.reason?.code).toBe('CAMERA_AWAY');
    expect(JSON.stringify(away)).not.toContain('secret');
    await sleep(1500);
    await camera.refuse(null);
    await until(async () => (await view()).state === 'live', 'the camera', 15);
    await expectStill(before);
  });

  it('pauses, and goes on', async () => {
    await change({ state: 'paused' });
    await until(async () => (await view()).state === 'paused' && camera.clients === 0, 'the pause');
    await change({ state: 'running' });
    await live();
  });
});

describe('a worker', () => {
  it('shares streams with others by their load', async () => {
    const second = await site.ask<StreamView>('POST', '/v1/streams', { url: camera.url, vocabulary: 'car' });
    const other = await until(async () => {
      const now = await site.ask<StreamView>('GET', `/v1/streams/${second.id}`);
      return now.state === 'live' && now;
    }, 'the second');
    expect(other.worker).not.toBe((await view()).worker);
    await site.ask('DELETE', `/v1/streams/${second.id}`);
  });

  // Alone it takes less than twelve seconds; what runs beside the tests makes that longer.
  it('that dies is followed by another, with the same ids', async () => {
    const before = await things();
    const held = await live();
    await sleep(800); // What it remembers is half a second old at most.
    await site.kill(workerOf(held));
    await live(held.worker, 40);
    await expectStill(before);
    await site.addWorker(['--queues', 'live']);
  });

  it('that is asked to stop hands its stream over', async () => {
    const before = await things();
    const held = await live();
    workerOf(held).kill('SIGTERM');
    await live(held.worker, 40);
    await expectStill(before);
    await site.addWorker(['--queues', 'live']);
  });

  it('that believes to hold what another has taken is not heard, and lets go', async () => {
    const held = await live();
    const old = workerOf(held);
    old.kill('SIGSTOP');
    const taken = await live(held.worker, 40);
    old.kill('SIGCONT');
    const end = Date.now() + 3000;
    while (Date.now() < end) {
      expect((await view()).worker).toBe(taken.worker);
      await sleep(100);
    }
    await until(async () => camera.clients === 1, 'one reader alone');
    expect((await frames(2)).length).toBe(2);
  });

  it('goes on while Redis is away', async () => {
    const before = await things();
    const { connections } = camera;
    site.cut();
    await sleep(8000);
    expect([camera.connections, camera.clients]).toEqual([connections, 1]);
    site.mend();
    await live(undefined, 40);
    await until(async () => (await frames(2)).length === 2, 'frames', 15);
    await expectStill(before);
  });
});

it('tells what it does, and leaves nothing when it is removed', async () => {
  const metrics = await (await fetch(`${site.url}/metrics`)).text();
  expect(metrics).toMatch(/sidestream_stream_up\{[^}]*name="gate"[^}]*\} 1/);
  await site.ask('DELETE', `/v1/streams/${id}`);
  await until(async () => camera.clients === 0 && (await site.leftovers()).length === 0, 'nothing');
  expect(await site.leftovers()).toEqual([]);
});
