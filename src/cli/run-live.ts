import type { Config } from '../config/load.ts';
import { CAMERA_SCHEMES, redactCamera } from '../core/camera-address.ts';
import { SidestreamError } from '../core/errors.ts';
import { requireEncoders } from '../media/encode.ts';
import { type OutputsRequest, writableFolder } from '../media/live/outputs.ts';
import { probe } from '../media/probe.ts';
import { kindOf } from '../media/rtsp/source.ts';
import { type LiveStream, type LiveStreamRequest, openLiveStream, policyOf } from '../pipeline/live/open.ts';
import { frameEvent, type Shown } from '../pipeline/live/shown.ts';
import { writeReport } from '../pipeline/report.ts';
import { checkResults } from '../pipeline/show.ts';
import { readyModel } from '../ready-model.ts';
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
  await requireEncoders([config.segment.encoder ?? 'libx264'], config.ffmpeg, io.signal);
  await checkResults([options.report], [], options.force ?? false);
  const request = await requestOf(url, options, config);
  await using ready = await readyModel(settings, remarks(io, options));

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
        model: ready.model,
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
      const { name, provider, precision } = ready.model;
      const outputs = [...mine.outputs].map(([output, reason]) => [
        output,
        { ok: reason === undefined, reason },
      ]);
      const seconds = (Date.now() - begun) / 1000;
      const about = { input: redactCamera(url), model: name, provider, precision, seconds };
      await writeReport(options.report, { ...about, ...stats, outputs: Object.fromEntries(outputs) });
    }
    status.say(livedLine(stats));
    if (lines.missed > 0) status.say(`${lines.missed} frames were not told: whoever reads them is too slow`);
    io.signal.throwIfAborted();
  }
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

/** What can never work is said at once; whatever else is wrong with a camera may pass. */
async function checkSource(url: string, { ffmpeg }: Config, signal: AbortSignal): Promise<void> {
  if (kindOf(url) === 'device') return;
  if (kindOf(url) === 'file') {
    await probe(url, ffmpeg, signal);
    return;
  }
  const [, scheme, host] = /^([a-z][a-z0-9+.-]+):(?:\/\/([^/?#]))?/i.exec(url) ?? [];
  if (scheme === undefined || !CAMERA_SCHEMES.includes(scheme.toLowerCase()) || host === undefined)
    throw new SidestreamError(
      'USAGE',
      `${redactCamera(url)}: give an address such as rtsp://camera.lan/stream1 (${CAMERA_SCHEMES.join(', ')}), a device or a file`,
    );
}
