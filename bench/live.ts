import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parseVocabulary } from '../src/analysis/vocabulary.ts';
import { projectFolder } from '../src/config/folders.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Frame } from '../src/core/frame.ts';
import { wallOf } from '../src/media/rtsp/clock.ts';
import { type LiveStream, openLiveStream } from '../src/pipeline/live/open.ts';
import type { Policy } from '../src/pipeline/live/schedule.ts';
import type { Shown } from '../src/pipeline/live/shown.ts';
import { readyModel } from '../src/ready-model.ts';
import type { Model, SeenRegions } from '../src/rsan/model.ts';
import { startPublishTarget } from '../test/fixtures/live/publish-server.ts';
import { childrenOf } from './installation.ts';

/**
 * What a live stream costs, and how late it is: `node --import tsx bench/live.ts latency | cpu | swap | soak [options]`.
 * Cameras are processes of their own.
 */

const run = promisify(execFile);

interface Cameras extends AsyncDisposable {
  readonly urls: readonly string[];
  readonly pid: number;
  tell(camera: number, method: string, ...values: unknown[]): void;
}

async function startCameras(fps: number, files: readonly string[]): Promise<Cameras> {
  const script = join(projectFolder, 'test/fixtures/live/camera-process.ts');
  const child: ChildProcess = fork(script, [String(fps), ...files], { execArgv: ['--import', 'tsx'] });
  const [urls] = (await once(child, 'message')) as [string[]];
  return {
    urls,
    pid: child.pid!,
    tell: (...message) => void child.send(message),
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The drawn drive as a camera sends it: H.264 without B-frames, a key frame a second. */
async function cameraFile(folder: string, size: string, fps: number): Promise<string> {
  const file = join(folder, `camera-${size}-${fps}.h264`);
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-i', join(projectFolder, 'test/fixtures/toytown/drive.mp4'), '-an'],
    ...['-vf', `scale=${size.replace('x', ':')},fps=${fps}`, '-c:v', 'libx264', '-preset', 'veryfast'],
    ...['-bf', '0', '-g', String(fps), '-crf', '23', '-bsf:v', 'h264_mp4toannexb', '-f', 'h264', file],
  ]);
  return file;
}

/** Seconds of processor time of a process and all below it, those that have ended included. */
async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return 0;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = await Promise.all(
    children
      .split(' ')
      .filter(Boolean)
      .map((child) => cpuOf(Number(child))),
  );
  return below.reduce((sum, seconds) => sum + seconds, own);
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
const ms = (value: number) => `${value.toFixed(1)} ms`;

const settings = await loadConfig({});
const { config } = settings;
const [what = 'latency', ...rest] = process.argv.slice(2);
const options = Object.fromEntries(rest.map((text) => text.split('=') as [string, string]));
const folder = await mkdtemp(join(tmpdir(), 'sidestream-bench-live-'));
const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('interrupted')));

interface Opened {
  readonly stream: LiveStream;
  readonly shown: Shown[];
}

async function open(
  url: string,
  model: Model,
  ready: Awaited<ReturnType<typeof readyModel>>,
  more: { policy?: Policy; rtsp?: string; say?: boolean } = {},
): Promise<Opened> {
  const shown: Shown[] = [];
  const { segment, live } = config;
  const stream = await openLiveStream(
    {
      address: { url, transport: 'tcp', track: 0, audio: true },
      watch: { firstFrame: live.first_frame_seconds * 1000, stall: live.stall_seconds * 1000 },
      words: {
        names: parseVocabulary('road, car, person, tree, sky'),
        expand: 'model',
        things: [],
        stuff: [],
      },
      policy: more.policy ?? 'latest',
      between: 'hold',
      shortSide: undefined,
      encoder: { encoder: undefined, crf: segment.crf, preset: segment.preset, keySeconds: live.hls_seconds },
      style: { opacity: 0.5, outline: 1, labels: 'names', colourBy: 'name' },
      paintSide: segment.paint_side,
      backlog: live.backlog_seconds * 1000,
      outputs: { hls: undefined, rtsp: more.rtsp },
    },
    {
      paths: config.ffmpeg,
      model,
      pack: ready.pack.manifest,
      tokenizer: ready.pack.tokenizer,
      wordCache: ready.wordCache,
      state: (state, reason) =>
        more.say !== false && console.log(`  ${state}${reason ? `: ${reason.message}` : ''}`),
      trouble: (about, error) => console.log(`  ${about}: ${error.message}`),
      output: () => {},
    },
    stop.signal,
  );
  stream.watch((frame) => {
    shown.push(frame);
    // A frame keeps what it shows.
    if (shown.length > (what === 'soak' ? 50 : 5000)) shown.shift();
  });
  return { stream, shown };
}

/** Runs `work` while the stream runs. */
async function during<T>({ stream }: Opened, work: () => Promise<T>): Promise<T> {
  const end = new AbortController();
  const running = stream.run(end.signal).catch((error) => {
    if (!end.signal.aborted) throw error;
  });
  try {
    return await work();
  } finally {
    end.abort(new Error('done'));
    await running;
    await stream[Symbol.asyncDispose]();
  }
}

/** Capture to output, less the time in the model, for frames that went through it. */
async function latency(): Promise<void> {
  const { size = '640x360', fps = '25', seconds = '20', policy = 'latest' } = options;
  await using ready = await readyModel(settings, console.log);
  await using cameras = await startCameras(Number(fps), [await cameraFile(folder, size, Number(fps))]);
  await using target = await startPublishTarget();
  const inference = new Map<number, number>();
  const timed: Model = {
    ...ready.model,
    async analyse(frame, how, signal) {
      const begun = performance.now();
      const { index } = frame;
      const seen = await ready.model.analyse(frame, how, signal);
      inference.set(index, performance.now() - begun);
      return seen;
    },
  };
  const chosen: Policy = policy === 'latest' ? 'latest' : Number(policy);
  const opened = await open(cameras.urls[0], timed, ready, { policy: chosen, rtsp: target.url });
  const mjpeg = new Map<number, number>();
  const published: number[] = [];
  await during(opened, async () => {
    while (opened.shown.length < 10) await sleep(50);
    opened.stream.watchPictures(({ pts }) => mjpeg.set(Math.round(wallOf(pts as never)), Date.now()));
    await sleep(4000); // Until all of it runs evenly.
    const from = opened.shown.length;
    const begun = target.units.length;
    await sleep(Number(seconds) * 1000);
    const frames = opened.shown.slice(from);
    const own = frames.filter(({ index, masks }) => masks?.index === index && inference.has(index));
    // Times of both ends are this machine's: units come in the order in which frames were given out.
    const offset = performance.timeOrigin;
    const base = target.units[begun];
    const first = frames.find(({ wall, latency: late }) => wall + late <= offset + base.at + 20);
    published.push(first ? offset + base.at - (first.wall + first.latency) : Number.NaN);
    const beyond = own.map(({ index, latency: late }) => late - inference.get(index)!);
    const pictures = own.flatMap(({ index, wall, latency: late }) => {
      const at = mjpeg.get(Math.round(wall));
      return at === undefined ? [] : [at - wall - inference.get(index)!, late].slice(0, 1);
    });
    const all = frames.map(({ latency: late }) => late);
    const stats = opened.stream.stats();
    const frame = 1000 / Number(fps);
    console.log(
      `${size} at ${fps} frames/s, ${policy}: ${frames.length} frames, ${own.length} through the model`,
    );
    console.log(
      `  in the model        ${ms(stats.inference_ms.median)} median, ${ms(stats.inference_ms.p95)} p95`,
    );
    console.log(`  capture → encoded   ${ms(quantile(all, 0.5))} median, ${ms(quantile(all, 0.95))} p95`);
    console.log(
      `  beyond the model    ${ms(quantile(beyond, 0.5))} median, ${ms(quantile(beyond, 0.95))} p95`,
    );
    console.log(
      `  … to MJPEG          ${ms(quantile(pictures, 0.5))} median, ${ms(quantile(pictures, 0.95))} p95 (aim ≤ ${frame + 40})`,
    );
    console.log(`  published ${target.units.length - begun} units meanwhile, ${target.gaps} gaps`);
    console.log(`  ledger ${JSON.stringify(stats.frames)}`);
  });
}

/** A model that takes its time and costs nothing: its answer is always the same. */
async function frozen(model: Model, frames: readonly Frame[]): Promise<Model> {
  let seen: SeenRegions | undefined;
  let took = 0;
  for (const frame of frames) {
    const begun = performance.now();
    seen = await model.analyse(frame, { refined: true });
    took = performance.now() - begun;
  }
  console.log(`  the model takes ${ms(took)} for a frame`);
  const analyse: Model['analyse'] = async ({ index, pts }) => {
    await sleep(took);
    return { ...seen!, index, pts };
  };
  return { ...model, analyse };
}

/** Processor time beside the model, against plain decoding and encoding of the same camera by one ffmpeg. */
async function cpu(): Promise<void> {
  const { size = '1280x720', fps = '25', seconds = '20', preset = config.segment.preset } = options;
  const file = await cameraFile(folder, size, Number(fps));
  await using ready = await readyModel(settings, console.log);
  await using cameras = await startCameras(Number(fps), [file]);
  const span = Number(seconds) * 1000;
  const plain = spawn(
    'ffmpeg',
    [
      ...[
        '-v',
        'error',
        '-rtsp_transport',
        'tcp',
        '-i',
        cameras.urls[0],
        '-c:v',
        'libx264',
        '-preset',
        preset,
      ],
      ...['-tune', 'zerolatency', '-crf', String(config.segment.crf), '-g', '50', '-f', 'null', '-'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await sleep(3000);
  let begun = await cpuOf(plain.pid!);
  await sleep(span);
  const wanted = (await cpuOf(plain.pid!)) - begun;
  plain.kill('SIGKILL');
  const [width, height] = [640, 360];
  const picture = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', join(projectFolder, 'test/fixtures/toytown/drive.mp4'), '-frames:v', '5'],
      ...['-vf', `scale=${width}:${height}`, '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1e8 },
  );
  const frames = Array.from({ length: 5 }, (_, index): Frame => {
    const data = new Uint8Array(picture.stdout.subarray(index * width * height * 3)).slice(
      0,
      width * height * 3,
    );
    return { index, pts: index as Frame['pts'], width, height, data };
  });
  const opened = await open(cameras.urls[0], await frozen(ready.model, frames), ready);
  await during(opened, async () => {
    while (opened.shown.length < 25) await sleep(50);
    await sleep(4000); // Until all of it runs evenly.
    const processes = await childrenOf(process.pid);
    const ours = async () => {
      const children = processes.filter((pid) => pid !== cameras.pid);
      const below = await Promise.all(children.map(cpuOf));
      const { user, system } = process.cpuUsage();
      if (options.each) console.log('  user', user / 1e6, 'system', system / 1e6);
      return { ffmpeg: below.reduce((sum, one) => sum + one, 0), node: (user + system) / 1e6, each: below };
    };
    const before = await ours();
    begun = opened.shown.length;
    await sleep(span);
    const after = await ours();
    if (options.each)
      console.log('  each process', after.each.map((one, i) => (one - before.each[i]).toFixed(2)).join(' '));
    const [ffmpeg, node] = [after.ffmpeg - before.ffmpeg, after.node - before.node];
    console.log(`${size} at ${fps} frames/s, ${opened.shown.length - begun} frames in ${seconds} s`);
    console.log(`  plain decode and encode  ${wanted.toFixed(2)} s of processor`);
    console.log(
      `  beside the model         ${(ffmpeg + node).toFixed(2)} s (ffmpeg ${ffmpeg.toFixed(2)}, here ${node.toFixed(2)})`,
    );
    console.log(
      `  ratio                    ${((ffmpeg + node) / wanted).toFixed(2)} (aim ≤ 1.35); ffmpeg alone ${(ffmpeg / wanted).toFixed(2)}`,
    );
  });
}

const ADJECTIVES = 'red blue old big small green broken wooden'.split(' ');
const NOUNS =
  'car bus dog cat tree door boat lamp sign roof wall bike ball chair table bird horse fence truck river'.split(
    ' ',
  );

/** New words on a stream that runs: how long it takes, and whether a frame is missing. */
async function swap(): Promise<void> {
  await using ready = await readyModel(settings, console.log);
  await using cameras = await startCameras(25, [await cameraFile(folder, '640x360', 25)]);
  const opened = await open(cameras.urls[0], ready.model, {
    ...ready,
    wordCache: undefined,
  } as unknown as typeof ready);
  await during(opened, async () => {
    while (opened.shown.length < 50) await sleep(50);
    const times: number[] = [];
    for (let round = 0; round < 8; round++) {
      const names = NOUNS.map((noun) => [`${ADJECTIVES[round]} ${noun}`]);
      const begun = performance.now();
      await opened.stream.words({ names, expand: 'none', things: [], stuff: [] });
      times.push(performance.now() - begun);
      await sleep(500);
    }
    const { frames } = opened.stream.stats();
    console.log(
      `20 new words: ${ms(quantile(times, 0.5))} median, ${ms(Math.max(...times))} at most (aim < 300 ms)`,
    );
    console.log(`ledger ${JSON.stringify(frames)}`);
  });
}

/** Several cameras for long, with faults: memory, descriptors, processes and latency over time. */
async function soak(): Promise<void> {
  const { minutes = '20', cameras: count = '4', fps = '5', faults = '1' } = options;
  await using ready = await readyModel(settings, console.log);
  const file = await cameraFile(folder, '640x360', Number(fps));
  await using cameras = await startCameras(
    Number(fps),
    Array.from({ length: Number(count) }, () => file),
  );
  const all = await Promise.all(cameras.urls.map((url) => open(url, ready.model, ready, { say: false })));
  const samples: { minute: number; rss: number; descriptors: number; children: number; latency: number }[] =
    [];
  const FAULTS: readonly (readonly [string, ...unknown[]])[] = [
    ['cut'],
    ['restart'],
    ['jump', 3600],
    ['jump', -7200],
    ['stray', 86_400],
    ['duplicate'],
    ['halt'],
  ];
  const body = async (): Promise<void> => {
    const begun = Date.now();
    let done = 0;
    for (let next = begun + 5000; Date.now() - begun < Number(minutes) * 60_000; next += 5000) {
      await sleep(Math.max(0, next - Date.now()), undefined, { signal: stop.signal });
      if (faults === '1' && Math.random() < 0.2) {
        const [method, ...values] = FAULTS[Math.floor(Math.random() * FAULTS.length)];
        cameras.tell(Math.floor(Math.random() * Number(count)), method, ...values);
        done++;
      }
      const minute = (Date.now() - begun) / 60_000;
      global.gc?.();
      const children = await childrenOf(process.pid);
      const late = all.map(({ stream }) => stream.stats().latency_ms.median);
      samples.push({
        minute,
        rss: process.memoryUsage.rss() / 1e6,
        descriptors: (await readdir('/proc/self/fd')).length,
        children: children.length,
        latency: quantile(late, 0.5),
      });
      if (samples.length % 12 === 0) console.log(JSON.stringify(samples.at(-1)), `faults ${done}`);
    }
    const late = samples.filter(({ minute }) => minute > 2);
    const slope = slopeOf(late.map(({ minute, rss }) => [minute, rss]));
    const first = samples.filter(({ minute }) => minute > 1 && minute < 2);
    const last = samples.filter(({ minute }) => minute > Number(minutes) - 1);
    const median = (list: typeof samples) =>
      quantile(
        list.map(({ latency: one }) => one),
        0.5,
      );
    console.log(
      `memory ${slope.toFixed(2)} MB a minute over ${late.length} samples (${late[0]?.rss.toFixed(0)} → ${late.at(-1)?.rss.toFixed(0)} MB)`,
    );
    console.log(
      `descriptors ${Math.min(...late.map((s) => s.descriptors))} to ${Math.max(...late.map((s) => s.descriptors))}, processes ${Math.min(...late.map((s) => s.children))} to ${Math.max(...late.map((s) => s.children))}`,
    );
    console.log(
      `latency ${ms(median(first))} in the second minute, ${ms(median(last))} in the last; ${done} faults`,
    );
    for (const { stream } of all) console.log(`  ${JSON.stringify(stream.stats())}`);
  };
  const nest = all.reduce<() => Promise<void>>((inner, one) => () => during(one, inner), body);
  await nest();
}

function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const above = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return above / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

try {
  const parts: Readonly<Record<string, () => Promise<void>>> = { latency, cpu, swap, soak };
  await parts[what]();
} finally {
  await rm(folder, { recursive: true, force: true });
}
