import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import { SidestreamError } from '../core/errors.ts';
import { listEncoders } from '../media/encode.ts';
import { type OutputsRequest, writableFolder } from '../media/live/outputs.ts';
import { probe } from '../media/probe.ts';
import { kindOf, withoutSecrets } from '../media/rtsp/source.ts';
import { type LiveStream, type LiveStreamRequest, openLiveStream, policyOf } from '../pipeline/live/open.ts';
import { frameEvent, type Shown } from '../pipeline/live/shown.ts';
import { writeReport } from '../pipeline/report.ts';
import { checkResults } from '../pipeline/show.ts';
import { readyModel } from '../ready-model.ts';
import type { Model } from '../rsan/model.ts';
import type { Io } from './io.ts';
import type { LiveOptions } from './live.ts';
import { createLines, createStatusLine, livedLine, liveLine, sightingsLine } from './live-status.ts';
import { resultsFlags, settingsOf } from './options.ts';
import { remarks } from './progress.ts';
import { resultsOf, wordsOf } from './words.ts';

/** Seconds of a recorded file. */
const RECORDED = 6;
/** Milliseconds between two lines of what is seen. */
const SEEN = 1000;

/** Milliseconds that a run of the model may take to its end. */
const PATIENCE = 1000;

/** Runs `sidestream live`. */
export async function runLive(io: Io, url: string, options: LiveOptions): Promise<void> {
  const settings = await settingsOf(options, {
    ...resultsFlags(options),
    'segment.preset': options.preset,
    'model.short_side': options.shortSide,
    'live.policy': options.policy,
    'live.between': options.between,
  });
  const { config } = settings;
  await checkSource(url, config, io.signal);
  await checkEncoder(config, io.signal);
  await checkResults([options.report], [], options.force ?? false);
  const request = await requestOf(url, options, config);
  await using ready = await readyModel(settings, remarks(io, options));
  const { model, idle } = unhurried(ready.model);

  let state: 'connecting' | 'live' = 'connecting';
  const status = createStatusLine(process.stderr, io.say, {
    quiet: options.quiet ?? false,
    // Beside JSON on the same terminal there is no place for it.
    hidden: options.json === true && process.stdout.isTTY,
    line: (width) =>
      stream ? liveLine({ state, stats: stream.stats(), outputs: stream.outputs }, width) : 'opening',
  });
  let stream: LiveStream | undefined;
  const told = new Map<string, string>();
  const tell = (about: string, text: string) => {
    if (told.get(about) === text) return;
    told.set(about, text);
    status.say(text);
  };
  const begun = Date.now();
  // What is being made when it is stopped is finished: so only its opening ends with the signal.
  const opening = new AbortController();
  const leave = () => opening.abort(io.signal.reason);
  io.signal.addEventListener('abort', leave, { once: true });
  try {
    stream = await openLiveStream(
      request,
      {
        paths: config.ffmpeg,
        model,
        pack: ready.pack.manifest,
        tokenizer: ready.pack.tokenizer,
        wordCache: ready.wordCache,
        state(now, reason) {
          state = now;
          tell('state', reason ? `connecting, ${reason.code}: ${reason.message}` : now);
        },
        trouble: (what, { code, message }) => tell(what, `warning ${code}: ${what}: ${message}`),
        output(name, reason) {
          // Before it is open nothing has begun, and what ends with us is no news.
          if (stream && !io.signal.aborted)
            tell(name, reason === undefined ? `${name} goes on` : `${name}: ${reason}`);
        },
      },
      opening.signal,
    );
    io.signal.removeEventListener('abort', leave);
    await watch(stream);
  } finally {
    io.signal.removeEventListener('abort', leave);
    status.stop();
    await idle();
  }

  async function watch(mine: LiveStream): Promise<void> {
    const lines = createLines(process.stdout);
    if (options.json) mine.watch((shown) => lines.write(() => JSON.stringify(frameEvent(shown))));
    else if (Object.values(request.outputs).every((output) => output === undefined))
      mine.watch(seen((line) => status.above(() => io.print(line))));
    const over = new AbortController();
    const { duration } = options;
    const end = duration === undefined ? undefined : setTimeout(() => over.abort(), duration * 1000);
    try {
      await mine.run(AbortSignal.any([io.signal, over.signal]));
    } catch (error) {
      if (!io.signal.aborted && !over.signal.aborted) throw error;
    } finally {
      clearTimeout(end);
      await mine[Symbol.asyncDispose]();
    }
    const stats = mine.stats();
    status.stop();
    if (options.report !== undefined) {
      const { name, provider, precision } = model;
      const outputs = [...mine.outputs].map(([output, reason]) => [
        output,
        { ok: reason === undefined, reason },
      ]);
      const seconds = (Date.now() - begun) / 1000;
      const about = { input: withoutSecrets(url), model: name, provider, precision, seconds };
      await writeReport(options.report, { ...about, ...stats, outputs: Object.fromEntries(outputs) });
    }
    status.say(livedLine(stats));
    if (lines.missed > 0) status.say(`${lines.missed} frames were not told: whoever reads them is too slow`);
    io.signal.throwIfAborted();
  }
}

/**
 * The model with runs that nothing cuts short, since a thread that is ended in the middle of one takes the process with it.
 * `idle`: the last one is over, or takes so long that it has a process of its own, which may be killed.
 */
function unhurried(model: Model): { readonly model: Model; readonly idle: () => Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  const analyse: Model['analyse'] = (frame, options) => {
    const run = model.analyse(frame, options);
    last = run.catch(() => {});
    return run;
  };
  const late = new AbortController();
  const idle = async () => {
    await Promise.race([last, sleep(PATIENCE, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  };
  return { model: { ...model, analyse }, idle };
}

/** A line now and then of what is seen. */
function seen(print: (line: string) => void): (shown: Shown) => void {
  let next = 0;
  return ({ wall, sightings }) => {
    const now = performance.now();
    if (now < next) return;
    next = now + SEEN;
    print(`${new Date(wall).toTimeString().slice(0, 8)}  ${sightingsLine(sightings())}`);
  };
}

async function requestOf(url: string, options: LiveOptions, config: Config): Promise<LiveStreamRequest> {
  const { live, model, segment } = config;
  const { transport, track, audio } = options;
  const { style, paintSide } = resultsOf(options, config);
  const { encoder, crf, preset } = segment;
  return {
    address: { url, transport, track, audio },
    watch: { firstFrame: live.first_frame_seconds * 1000, stall: live.stall_seconds * 1000 },
    words: await wordsOf(options, config),
    policy: policyOf(live.policy),
    between: live.between,
    shortSide: model.short_side ?? undefined,
    encoder: { encoder: encoder ?? undefined, crf, preset, keySeconds: live.hls_seconds },
    style,
    paintSide,
    backlog: live.backlog_seconds * 1000,
    outputs: await outputsOf(options, config),
  };
}

async function outputsOf({ hls, rtsp, record }: LiveOptions, { live }: Config): Promise<OutputsRequest> {
  for (const folder of [hls, record]) if (folder !== undefined) await writableFolder(folder);
  if (rtsp !== undefined && !/^rtsps?:\/\/[^/?#]/i.test(rtsp))
    throw new SidestreamError('USAGE', '--rtsp: give an address such as rtsp://media.lan:8554/gate');
  return {
    hls:
      hls === undefined ? undefined : { folder: hls, seconds: live.hls_seconds, segments: live.hls_segments },
    rtsp,
    record: record === undefined ? undefined : { folder: record, seconds: RECORDED },
  };
}

const SCHEMES = ['rtsp', 'rtsps', 'rtmp', 'rtmps', 'srt', 'udp', 'http', 'https'];

/** What can never work is said at once; whatever else is wrong with a camera may pass. */
async function checkSource(url: string, { ffmpeg }: Config, signal: AbortSignal): Promise<void> {
  if (kindOf(url) === 'device') return;
  if (kindOf(url) === 'file') {
    await probe(url, ffmpeg, signal);
    return;
  }
  const [, scheme, host] = /^([a-z][a-z0-9+.-]+):(?:\/\/([^/?#]))?/i.exec(url) ?? [];
  if (scheme === undefined || !SCHEMES.includes(scheme.toLowerCase()) || host === undefined)
    throw new SidestreamError(
      'USAGE',
      `${withoutSecrets(url)}: give an address such as rtsp://camera.lan/stream1 (${SCHEMES.join(', ')}), a device or a file`,
    );
}

async function checkEncoder({ ffmpeg, segment }: Config, signal: AbortSignal): Promise<void> {
  const encoder = segment.encoder ?? 'libx264';
  const there = await listEncoders(ffmpeg, signal);
  if (!there.has(encoder)) {
    const choice = [...there].filter((name) => /264|265|vp9|av1/i.test(name)).join(', ');
    throw new SidestreamError(
      'ENCODER_MISSING',
      `this ffmpeg has no encoder ${encoder}; for video it has ${choice || 'none'}`,
    );
  }
}
