import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { type Db, openDatabase } from '../../../src/jobs/database.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { keyPrefix, openQueues } from '../../../src/queue/queues.ts';
import { createStreamBoard, type StreamReport, type Wanted } from '../../../src/queue/stream-board.ts';
import { openStorage } from '../../../src/storage/open.ts';
import { readStream, streamKeys } from '../../../src/streams/description.ts';
import {
  lookAfterStreams,
  type StreamHousekeepingDeps,
  sweepStreams,
} from '../../../src/streams/housekeeping.ts';
import { fillStreams } from '../../../src/streams/metrics.ts';
import { createStreamRecords } from '../../../src/streams/records.ts';
import { streamRequestSchema } from '../../../src/streams/request.ts';
import { createStreamService } from '../../../src/streams/service.ts';
import type { StreamStats, Streams } from '../../../src/streams/streams.ts';
import { startRedis, type TestRedis } from '../../fixtures/redis.ts';

let folder: string;
let server: TestRedis;
let redis: RedisClient;
let db: Db;
let deps: StreamHousekeepingDeps;
let streams: Streams;
let gate: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-streams-'));
  server = await startRedis();
  redis = connectRedis(parseRedisUrl(server.url), () => {}, { commandTimeout: 300 });
  db = openDatabase(':memory:');
  const { config } = loadConfig({ environment: { SIDESTREAM_DATA__DIRECTORY: folder, HOME: folder } });
  const prefix = keyPrefix('test');
  const storage = await openStorage(config, folder);
  const queues = openQueues(redis, { prefix, attempts: 2, keepSeconds: 60 });
  const board = createStreamBoard(redis, { prefix });
  deps = { records: createStreamRecords(db), storage, board, queues, log: pino({ level: 'silent' }) };
  streams = createStreamService({ ...deps, config, guard: createGuard({ allow: ['private'] }) });
});
afterEach(async () => {
  gate?.closeAllConnections();
  gate?.close();
  gate = undefined;
  await deps.queues[Symbol.asyncDispose]();
  redis.disconnect();
  db.close();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const make = (more: object = {}) =>
  streams.create(
    streamRequestSchema.parse({ url: 'rtsp://me:sesame@127.0.0.1/ch1', vocabulary: 'road, car', ...more }),
    { id: 'me' },
  );
const entry = (id: string) => deps.queues.stateOf('live', id);
const situation = async (id: string) => (await deps.board.read([id]))[0];
const files = async (id: string) => {
  const found: string[] = [];
  for await (const { key } of deps.storage.list(streamKeys(id).folder)) found.push(key.split('/')[2]);
  return found;
};

const told = (more: Partial<StreamReport> = {}): StreamReport => ({
  state: 'live',
  reason: undefined,
  applied: 1,
  stats: undefined,
  gate: { url: 'http://127.0.0.1:1', word: 'sesame' },
  ...more,
});

/** Holds a stream as a worker does: takes revisions, or refuses those with the word `bad`, until told to go. */
async function hold(id: string, more: Partial<StreamReport> = {}) {
  const { token, revision } = (await deps.board.take(id, 'w1'))!;
  const gone = new AbortController();
  let applied = revision;
  let refused: StreamReport['refused'];
  const beat = async () => {
    const wanted: Wanted | undefined = await deps.board.report(
      id,
      token,
      told({ ...more, applied, ...(refused ? { refused } : {}) }),
    );
    if (!wanted || wanted.wish === 'stopped') {
      gone.abort();
      await deps.board.release(id, token);
      return;
    }
    if (wanted.revision === applied || wanted.revision === refused?.revision) return;
    const { words } = await readStream(id, wanted.revision, deps.storage);
    const bad = words.names.flat().includes('bad');
    if (bad) {
      const fault = { code: 'USAGE', message: 'bad is no word, says rtsp://me:sesame@127.0.0.1/' } as const;
      refused = { revision: wanted.revision, fault };
    } else applied = wanted.revision;
  };
  await beat();
  const loop = (async () => {
    while (!gone.signal.aborted) {
      await sleep(20);
      await beat().catch(() => {});
    }
  })();
  return {
    token,
    async [Symbol.asyncDispose]() {
      gone.abort();
      await loop;
    },
  };
}

describe('a stream', () => {
  it('is on record, in the storage, on the board and in the queue', async () => {
    const view = await make({ name: 'Gate', metadata: { where: 'north' } });
    const { id } = view;
    expect(view).toMatchObject({
      name: 'Gate',
      url: 'rtsp://***@127.0.0.1/ch1',
      wish: 'running',
      state: 'starting',
      vocabulary: ['road', 'car'],
      metadata: { where: 'north' },
      revision: 1,
      applied: undefined,
      worker: undefined,
    });
    expect((await readStream(id, 1, deps.storage)).url).toBe('rtsp://me:sesame@127.0.0.1/ch1');
    expect(await situation(id)).toMatchObject({ revision: 1, wish: 'running', token: 0 });
    expect(await entry(id)).toBe('prioritized');
    expect(await streams.get(id)).toEqual(view);
    const other = await make({ name: 'a door', state: 'stopped' });
    expect(other.state).toBe('stopped');
    expect(await entry(other.id)).toBe('unknown');
    expect((await streams.list()).map(({ name }) => name)).toEqual(['a door', 'Gate']);
  });

  it('is as its worker says, as long as it says anything', async () => {
    const { id } = await make();
    const { token } = (await deps.board.take(id, 'w1'))!;
    expect(await streams.get(id)).toMatchObject({ state: 'starting', worker: undefined });
    const reason = {
      code: 'CAMERA_AWAY',
      message: 'rtsp://me:sesame@127.0.0.1/ch1 does not answer',
    } as const;
    await deps.board.report(id, token, told({ state: 'connecting', reason }));
    expect(await streams.get(id)).toMatchObject({
      state: 'connecting',
      worker: 'w1',
      applied: 1,
      reason: { code: 'CAMERA_AWAY', message: 'rtsp://***@127.0.0.1/ch1 does not answer' },
    });
    await deps.board.report(id, token, told());
    const live = await streams.get(id);
    expect(live).toMatchObject({ state: 'live', reason: undefined });
    expect(Math.abs(Date.parse(live.since) - Date.now())).toBeLessThan(2000);
    const key = '{test}:stream:'.concat(id);
    await redis.hset(key, 'reported', Number(await redis.hget(key, 'reported')) - 16_000);
    expect(await streams.get(id)).toMatchObject({ state: 'starting', worker: undefined, stats: undefined });
  });

  it('is removed with all that is known of it, also twice', async () => {
    const { id } = await make();
    const { token } = (await deps.board.take(id, 'w1'))!;
    await deps.storage.put(streamKeys(id).state(token, 0), 'x');
    await streams.remove(id);
    await streams.remove(id);
    expect(await deps.board.report(id, token, told())).toBeUndefined();
    expect([await entry(id), await files(id), await streams.list()]).toEqual(['unknown', [], []]);
    await expect(streams.get(id)).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
    await expect(streams.change(id, {})).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
    await expect(streams.relay(id, 'mjpeg', AbortSignal.timeout(1000))).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
    });
  });

  it('can be told of while Redis is away, and not be made', async () => {
    const { id } = await make();
    await server[Symbol.asyncDispose]();
    expect(await streams.list()).toMatchObject([
      { id, state: 'starting', reason: { code: 'REDIS_UNREACHABLE' } },
    ]);
    await expect(make()).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await expect(streams.remove(id)).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    expect(deps.records.list().length).toBe(1);
  });
});

describe('a change', () => {
  it('waits until its worker goes by it, and leaves no old description behind', async () => {
    const { id } = await make();
    await using _ = await hold(id);
    const view = await streams.change(id, { vocabulary: 'bus', name: 'Gate', policy: 'all' });
    expect(view).toMatchObject({
      revision: 2,
      applied: 2,
      vocabulary: ['bus'],
      name: 'Gate',
      policy: 'all',
      between: 'hold',
    });
    expect(await files(id)).toEqual(['stream-2.json']);
  });

  it('that its worker refuses leaves the stream as it was', async () => {
    const { id } = await make();
    await using _ = await hold(id);
    const before = await streams.get(id);
    const error = await streams.change(id, { vocabulary: 'bad', name: 'worse' }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'USAGE', message: 'bad is no word, says rtsp://***@127.0.0.1/' });
    expect(await streams.get(id)).toMatchObject({
      name: before.name,
      vocabulary: before.vocabulary,
      updated_at: before.updated_at,
      revision: 3,
      reason: undefined,
    });
    expect((await readStream(id, 3, deps.storage)).words.names).toEqual([['road'], ['car']]);
    expect(await streams.change(id, { vocabulary: 'good' })).toMatchObject({ revision: 4, applied: 4 });
  });

  it('is made at once where nobody holds the stream', async () => {
    const { id } = await make();
    const begun = Date.now();
    expect(await streams.change(id, { vocabulary: 'bus' })).toMatchObject({
      revision: 2,
      applied: undefined,
    });
    expect(Date.now() - begun).toBeLessThan(1000);
    expect((await deps.board.take(id, 'w1'))?.revision).toBe(2);
  });

  it('is of the address, too, whose password nobody is told, and not to where nobody may ask', async () => {
    const { id } = await make();
    const view = await streams.change(id, {
      url: 'rtsp://me:other@127.0.0.1/ch2',
      transport: 'udp',
      track: 1,
    });
    expect(view).toMatchObject({ url: 'rtsp://***@127.0.0.1/ch2', transport: 'udp', track: 1, revision: 2 });
    const url = 'rtsp://me:other@127.0.0.1/ch2';
    expect(await readStream(id, 2, deps.storage)).toMatchObject({ url, transport: 'udp', track: 1 });
    const refused = streams.change(id, { url: 'rtsp://169.254.169.254/' });
    await expect(refused).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(await streams.change(id, { name: 'Gate' })).toMatchObject({ url: view.url, revision: 3 });
    expect(await readStream(id, 3, deps.storage)).toMatchObject({ url, track: 1 });
  });

  it('does not wait for ever for a worker that hears nothing', async () => {
    const { id } = await make();
    const { token } = (await deps.board.take(id, 'w1'))!;
    await deps.board.report(id, token, told());
    expect(await streams.change(id, { vocabulary: 'bus' })).toMatchObject({ revision: 2, applied: 1 });
  });

  it('comes after the one before', async () => {
    const { id } = await make();
    await using _ = await hold(id);
    const names = ['a', 'b', 'c', 'd'];
    const views = await Promise.all(names.map((name) => streams.change(id, { name })));
    expect(views.map(({ name, revision }) => [name, revision])).toEqual(
      names.map((name, i) => [name, i + 2]),
    );
  });

  it('stops, pauses and starts it', async () => {
    const { id } = await make();
    await using _ = await hold(id);
    await deps.queues.remove('live', id);
    const stopped = await streams.change(id, { state: 'stopped' });
    expect(stopped).toMatchObject({ wish: 'stopped', state: 'stopped', worker: undefined });
    expect(await entry(id)).toBe('unknown');
    await expect(streams.relay(id, 'mjpeg', AbortSignal.timeout(1000))).rejects.toMatchObject({
      code: 'STREAM_NOT_LIVE',
    });
    expect(await streams.change(id, { state: 'paused' })).toMatchObject({
      wish: 'paused',
      state: 'starting',
    });
    expect(await entry(id)).toBe('prioritized');
    const { token } = (await deps.board.take(id, 'w2'))!;
    await deps.board.report(id, token, told({ applied: 3, state: 'live' }));
    expect((await streams.get(id)).state).toBe('starting');
    await deps.board.report(id, token, told({ applied: 3, state: 'paused' }));
    expect((await streams.get(id)).state).toBe('paused');
  });
});

describe('what Redis has lost', () => {
  it('comes back: the board, and the entry of what is to go on', async () => {
    const running = await make();
    const paused = await make({ state: 'paused' });
    const stopped = await make({ state: 'stopped' });
    await streams.change(running.id, { vocabulary: 'bus' });
    await redis.flushall();
    await lookAfterStreams(deps);
    expect(await situation(running.id)).toMatchObject({ revision: 2, wish: 'running' });
    expect(await situation(paused.id)).toMatchObject({ revision: 1, wish: 'paused' });
    expect(await situation(stopped.id)).toBeUndefined();
    expect(await Promise.all([running, paused, stopped].map(({ id }) => entry(id)))).toEqual([
      'prioritized',
      'prioritized',
      'unknown',
    ]);
    await deps.queues.remove('live', running.id);
    await lookAfterStreams(deps);
    expect(await entry(running.id)).toBe('prioritized');
  });

  it('is not looked for as long as somebody holds the stream', async () => {
    const { id } = await make();
    await using _ = await hold(id);
    await deps.queues.remove('live', id);
    await lookAfterStreams(deps);
    expect(await entry(id)).toBe('unknown');
  });

  it('is told to the worker where a change did not get through', async () => {
    const { id } = await make();
    const record = deps.records.get(id)!;
    deps.records.update({
      ...record,
      wish: 'stopped',
      description: { ...record.description, revision: 2 },
    });
    await lookAfterStreams(deps);
    expect(await situation(id)).toMatchObject({ revision: 2, wish: 'stopped' });
  });
});

it('what is of no use any more is cleared away', async () => {
  const { id } = await make();
  const keys = streamKeys(id);
  const first = (await deps.board.take(id, 'w1'))!.token;
  for (const turn of [0, 1]) await deps.storage.put(keys.state(first, turn), 'x');
  await deps.board.saved(id, first, keys.state(first, 1));
  for (const revision of [2, 3]) await deps.storage.put(keys.description(revision), '{}');
  await deps.storage.put('streams/0000000gone/stream-1.json', '{}');
  await sweepStreams(deps);
  expect((await files(id)).length).toBe(5);
  const { token } = (await deps.board.take(id, 'w2'))!;
  await deps.storage.put(keys.state(token, 0), 'x');
  await deps.board.report(id, token, told({ applied: 3 }));
  await sweepStreams(deps);
  expect((await files(id)).sort()).toEqual([`state-${first}-1`, `state-${token}-0`, 'stream-3.json'].sort());
  // A young folder may still find its record.
  expect(await files('0000000gone')).toEqual(['stream-1.json']);
});

describe('a relay', () => {
  async function worker(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<string> {
    gate = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => gate!.once('listening', resolve));
    const url = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`;
    const { id } = await make();
    const { token } = (await deps.board.take(id, 'w1'))!;
    await deps.board.report(id, token, told({ gate: { url, word: 'open-up' } }));
    return id;
  }
  const signal = () => AbortSignal.timeout(5000);

  it('hands on what the worker says', async () => {
    let asked: (string | undefined)[] = [];
    const id = await worker(({ url, headers }, response) => {
      asked = [url, headers.authorization];
      response.writeHead(200, {
        'content-type': 'image/jpeg',
        etag: '"1"',
        'x-own': 'no',
        'set-cookie': 'a=b',
      });
      response.end('picture');
    });
    const { status, headers, body } = await streams.relay(id, 'snapshot.jpg?width=320', signal());
    expect([status, headers]).toEqual([200, { 'content-type': 'image/jpeg', etag: '"1"' }]);
    expect(Buffer.concat(await body.toArray()).toString()).toBe('picture');
    expect(asked).toEqual([`/${id}/snapshot.jpg?width=320`, 'Bearer open-up']);
  });

  it('ends with whoever asks', async () => {
    let closed = false;
    const id = await worker((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      response.once('close', () => {
        closed = true;
      });
    });
    const look = new AbortController();
    const { body } = await streams.relay(id, 'events', look.signal);
    look.abort();
    await new Promise((resolve) => body.once('close', resolve));
    for (let i = 0; i < 100 && !closed; i++) await sleep(10);
    expect(closed).toBe(true);
    await expect(streams.relay(id, 'events', look.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each([401, 403, 500, 503])('is not live where the worker answers %i', async (status) => {
    const id = await worker((_, response) => response.writeHead(status).end('no'));
    await expect(streams.relay(id, 'mjpeg', signal())).rejects.toMatchObject({ code: 'STREAM_NOT_LIVE' });
  });

  it('tells that there is no such file', async () => {
    const id = await worker((_, response) => response.writeHead(404).end('no'));
    const { status, body } = await streams.relay(id, 'hls/9.ts', signal());
    body.destroy();
    expect(status).toBe(404);
  });

  it('is not live where nobody listens, or nobody holds the stream', async () => {
    const { id } = await make();
    await expect(streams.relay(id, 'mjpeg', signal())).rejects.toMatchObject({ code: 'STREAM_NOT_LIVE' });
    const { token } = (await deps.board.take(id, 'w1'))!;
    await deps.board.report(id, token, told());
    await expect(streams.relay(id, 'mjpeg', signal())).rejects.toMatchObject({ code: 'STREAM_NOT_LIVE' });
  });
});

it('metrics tell of each stream', async () => {
  const { id } = await make({ name: 'the "gate"\n' });
  await make({ name: 'off', state: 'stopped' });
  const { token } = (await deps.board.take(id, 'w1'))!;
  const figures = { median: 80, p95: 120 };
  const stats: StreamStats = {
    width: 640,
    height: 360,
    codec: 'h264',
    fps: 25,
    analysed_fps: 8,
    latency_ms: figures,
    inference_ms: figures,
    frames: { decoded: 9, analysed: 3, emitted: 8, dropped: [{ reason: 'late', count: 1 }] },
    reconnects: 2,
    outputs: { hls: { ok: true } },
  };
  await deps.board.report(id, token, told({ stats }));
  const registry = new Registry();
  await fillStreams(registry, {
    board: deps.board,
    streams: () => deps.records.list().map(({ description }) => description),
  });
  const text = await registry.metrics();
  const who = `stream="${id}",name="the \\"gate\\""`;
  for (const line of [
    `sidestream_stream_up{${who}} 1`,
    `sidestream_stream_frames_total{${who},stage="analysed"} 3`,
    `sidestream_stream_dropped_total{${who},reason="late"} 1`,
    `sidestream_stream_latency_seconds{${who},quantile="0.95"} 0.12`,
    `sidestream_stream_fps{${who}} 25`,
    `sidestream_stream_reconnects_total{${who}} 2`,
  ])
    expect(text).toContain(line);
  expect(text).toMatch(/sidestream_stream_up\{stream="\w+",name="off"\} 0/);
});
