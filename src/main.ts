import { once, setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { openEvents } from './clips/events/open.ts';
import { openPast } from './clips/open.ts';
import { describedSettings } from './config/described.ts';
import { foldersOf, projectFolder } from './config/folders.ts';
import type { LoadedConfig } from './config/load.ts';
import { program, version } from './config/program.ts';
import { isErrno, SidestreamError } from './core/errors.ts';
import { createApp } from './http/app.ts';
import { checkExposure } from './http/exposure.ts';
import { openDatabase } from './jobs/database.ts';
import { keepHouse } from './jobs/housekeeping.ts';
import { createKeys } from './jobs/keys.ts';
import { createRecords } from './jobs/records.ts';
import { createRoom } from './jobs/room.ts';
import { createJobService } from './jobs/service.ts';
import { createSessions } from './jobs/sessions.ts';
import { createUploads } from './jobs/uploads.ts';
import { createGuard } from './net/address-guard.ts';
import { answered, connectRedis, parseRedisUrl } from './queue/connection.ts';
import { createMetrics } from './queue/metrics.ts';
import { openShared } from './queue/open.ts';
import { onceInAWhile } from './queue/quiet.ts';
import { createWorkerBoard } from './queue/worker-board.ts';
import { openStorage } from './storage/open.ts';
import { createCameraTests } from './streams/camera-tests.ts';
import { keepStreams } from './streams/housekeeping.ts';
import { fillStreams } from './streams/metrics.ts';
import { createStreamRecords } from './streams/records.ts';
import { createStreamService } from './streams/service.ts';
import { supervise } from './supervisor.ts';
import { createSystem } from './system/overview.ts';
import { createModels } from './system/packs.ts';
import { createWords } from './system/words.ts';

/** The composition of the server: HTTP, the records, and what goes on by itself. */

export interface ServerOptions {
  readonly log: Logger;
  /** The program's own entry file, and the arguments of each worker that the server is to run beside itself. */
  readonly entry: string;
  readonly workers: readonly (readonly string[])[];
  /** Told of the address once the server listens, and of the page's where one was built. */
  readonly listening: (address: string, page: string | undefined) => void;
}

/** Milliseconds that a command to Redis may take: who asks over HTTP does not wait for ever. */
const COMMAND_TIME = 4000;

/** Where the page is built into. */
const PAGE = join(projectFolder, 'dist', 'web');

/** Runs until `signal` is aborted, then ends what is under way. Throws CONFIG before it listens. */
export async function runServer(
  { config, settings }: LoadedConfig,
  options: ServerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { log } = options;
  const folders = foldersOf(config);
  const uploadFolder = join(folders.data, 'uploads');
  await mkdir(uploadFolder, { recursive: true });
  const db = openDatabase(join(folders.data, 'records.sqlite'));
  const keys = createKeys(db);
  checkExposure(config.http, keys);
  const away = onceInAWhile((error: Error) =>
    log.warn({ err: error.message }, 'Redis does not answer: trying again'),
  );
  const address = parseRedisUrl(config.redis.url);
  const redis = connectRedis(address, away, { commandTimeout: COMMAND_TIME });
  redis.on('ready', () => log.info('Redis answers'));
  await using storage = await openStorage(config, join(folders.data, 'scratch'));
  const { prefix, queues, board, streams: streamBoard, counters, notices } = openShared(config, redis);
  const guard = createGuard({ allow: config.jobs.allow_addresses });
  const records = createRecords(db);
  const { reserve_bytes: reserve, quota_bytes: quota } = config.storage;
  const room = createRoom({ storage, records }, { reserve, quota });
  const uploads = createUploads(
    { db, storage, room },
    { folder: uploadFolder, maxBytes: config.jobs.max_bytes },
  );
  const jobs = createJobService({ config, records, uploads, storage, board, queues, guard, room });
  const streamRecords = createStreamRecords(db);
  const onAir = { records: streamRecords, storage, board: streamBoard, queues };
  const cameras = createGuard({ allow: config.live.allow_addresses });
  const streams = createStreamService({ config, guard: cameras, ...onAir });
  const tests = createCameraTests({ config, guard: cameras, storage, queues });
  await using events = await openEvents({
    ...{ config, db, streams: streamRecords, board: streamBoard, version, log },
  });
  const past = openPast({
    ...{ config, folder: folders.data, db, jobs: records, streams: streamRecords, events },
    ...{ storage, queues, board: streamBoard, notices, room, log },
  });
  const check = async (name: string, work: () => Promise<unknown>) => {
    try {
      await work();
      return { name, ok: true };
    } catch (error) {
      return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  };
  const ready = () =>
    Promise.all([
      check('redis', () => answered(queues.ping())),
      check('storage', () => storage.check()),
      check('room', () => room.check(0, 'local')),
      check('records', async () => records.counts()),
    ]);
  const system = createSystem({
    ...{ config, version, redis, redisKind: address.kind, queues, storage, checks: ready },
    workers: createWorkerBoard(redis, { prefix }),
    used: () => ({ jobs: records.bytes(), ...past.bytes() }),
  });
  await using models = createModels(config);
  const app = await createApp({
    jobs,
    streams,
    cameras: tests,
    ...{ clips: past.clips, recordings: past.recordings, events: past.events, search: past.search },
    previews: past.previews,
    keys,
    sessions: createSessions(db, config.http.session_hours),
    page: PAGE,
    uploads,
    system,
    models,
    words: createWords({ models, jobs: records, streams: streamRecords }),
    config: describedSettings(settings),
    health: { ready },
    metrics: createMetrics({
      counters,
      queues,
      jobs: () => records.counts(),
      past: (registry) => past.measure(registry),
      streams: (registry) =>
        fillStreams(registry, {
          board: streamBoard,
          streams: () => streamRecords.list().map(({ description: { id, name } }) => ({ id, name })),
        }),
    }),
    logger: log,
    version,
    settings: {
      host: config.http.host,
      keys: config.http.keys,
      rateLimit: config.http.rate_limit,
      bodyBytes: config.http.body_bytes,
      requestTimeoutMs: config.http.request_timeout_ms,
      hosts: config.http.hosts,
      redirect: config.http.redirect,
      uploadHours: config.retention.upload_hours,
    },
  });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // Each kind of housekeeping listens.
  const house = Promise.all([
    keepHouse({ config, records, uploads, jobs, storage, board, queues, guard, log }, stop.signal),
    keepStreams({ ...onAir, log }, stop.signal),
    past.run(stop.signal),
  ]);
  await using supervisor = supervise(options.entry, options.workers, log);
  try {
    const listening = await listen(app, config.http);
    log.info({ address: listening, program, workers: supervisor.pids }, 'listening');
    options.listening(listening, existsSync(join(PAGE, 'index.html')) ? `${listening}/` : undefined);
    if (!signal.aborted) await once(signal, 'abort');
    log.info('stopping: what is under way is finished first');
  } finally {
    await app.close();
    stop.abort();
    await house;
    await queues[Symbol.asyncDispose]();
    redis.disconnect();
    await past.close();
    db.close();
  }
}

async function listen(
  app: Awaited<ReturnType<typeof createApp>>,
  { host, port }: LoadedConfig['config']['http'],
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if (isErrno(error, 'EADDRINUSE'))
      throw new SidestreamError(
        'CONFIG',
        `http.port ${port} of ${host} is in use: stop what uses it, or choose another`,
      );
    if (isErrno(error, 'EADDRNOTAVAIL') || isErrno(error, 'ENOTFOUND') || isErrno(error, 'EACCES'))
      throw new SidestreamError(
        'CONFIG',
        `http.host ${host}, http.port ${port} cannot be listened on: ${error.code}`,
      );
    throw error;
  }
}
