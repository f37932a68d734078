import { Readable } from 'node:stream';
import { redactCamera } from '../../core/camera-address.ts';
import { SidestreamError } from '../../core/errors.ts';
import { readNut } from '../nut-read.ts';
import { FfmpegFailure, type FfmpegPaths, pipe, runFfmpeg, runShort } from '../process.ts';
import { reasonOf } from '../rtsp/reasons.ts';
import { type CameraAddress, cameraInput, cameraOutput, kindOf, sourceTicks } from '../rtsp/source.ts';
import { type Arrival, type Measured, measure } from './measure.ts';

/** What a camera says of itself, and what comes of it. */
export interface CameraFacts {
  /** Its video tracks. */
  readonly tracks: readonly VideoTrack[];
  readonly sound: { readonly codec: string; readonly rate: number; readonly channels: number } | undefined;
  /** Milliseconds from asking to the first picture. */
  readonly first: number;
  readonly measured: Measured;
  /** One of the first pictures, as JPEG. */
  readonly picture: Uint8Array;
}

export interface VideoTrack {
  readonly codec: string;
  readonly profile: string | undefined;
  readonly width: number;
  readonly height: number;
  /** Frames a second, as it says; undefined where it does not, or cannot be true. */
  readonly fps: number | undefined;
}

/** Milliseconds: how long a camera is waited for, and looked at. */
export interface Limits {
  /** To say what it sends. */
  readonly describe: number;
  /** To send a first picture. */
  readonly first: number;
  /** From the first picture on: long enough for a rate; and where a second key frame is still to come. */
  readonly look: number;
  readonly longest: number;
}

/** Milliseconds that another way of sending is tried for. */
const OTHERWISE = 3000;
const PATIENT: Limits = { describe: 7000, first: 8000, look: 4000, longest: 9000 };
const LARGEST_PACKET = 1 << 26;
/** Bytes that a picture is made of, at most: those that came first. */
const MOST_KEPT = 1 << 25;

interface Deps {
  readonly paths: FfmpegPaths;
  readonly ffmpegMajor: number;
  readonly limits?: Limits;
}

/** Throws CAMERA_AWAY, CAMERA_REFUSED, CAMERA_SILENT in words that tell what to do. */
export async function examineCamera(
  address: CameraAddress,
  deps: Deps,
  signal: AbortSignal,
): Promise<CameraFacts> {
  try {
    const { tracks, sound, untold } = await describe(address, deps, signal);
    if (tracks.length > 0 && !tracks[address.track]) {
      const has = tracks.length === 1 ? 'one video track, 0' : `${tracks.length} video tracks, from 0`;
      throw new SidestreamError('CAMERA_REFUSED', `there is no track ${address.track}: it has ${has}`);
    }
    const seen = await look(address, deps, signal).catch((error) => {
      throw (untold && isSilence(error) && better(untold, address)) || error;
    });
    return { tracks, sound, ...seen };
  } catch (error) {
    const { transport } = address;
    const byTransport = error instanceof SidestreamError && /transport|no picture|UDP/.test(error.message);
    if (!byTransport || kindOf(address.url) !== 'rtsp') throw error;
    const other = transport === 'tcp' ? 'udp' : 'tcp';
    const limits = { ...PATIENT, ...deps.limits };
    const shorter = { ...limits, describe: Math.min(limits.describe, OTHERWISE) };
    const asked = { ...deps, limits: shorter };
    const answer = await describe({ ...address, transport: other }, asked, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (!answer || answer.tracks.length === 0) throw error;
    throw new SidestreamError(error.code, `${error.message}; it does answer by --transport ${other}`);
  }
}

const isSilence = (error: unknown): boolean =>
  error instanceof SidestreamError && error.code === 'CAMERA_SILENT';

/** What no picture means where ffprobe did not come to an end either. */
function better(
  { answered, coding }: Untold,
  { url, transport }: CameraAddress,
): SidestreamError | undefined {
  const name = redactCamera(url);
  if (!answered && transport === 'tcp') return new SidestreamError('CAMERA_AWAY', `${name} does not answer`);
  if (coding === undefined || KNOWN.test(coding)) return undefined;
  const what = `${name} sends pictures as ${coding}, which is not known here: set H.264 in the camera`;
  return new SidestreamError('CAMERA_SILENT', what);
}

/** Names of codings in descriptions (RFC 4855) that ffmpeg takes. */
const KNOWN = /^(H26[1-5]|H263-\d+|JPEG|MP4V-ES|MPV|MP[12][TV]|VP[89]|AV1|THEORA|RAW|DV|SVQ3?)$/i;

/** As far as it came: whether an RTSP camera described what it sends, and how that is coded. */
interface Untold {
  readonly answered: boolean;
  readonly coding: string | undefined;
}

function untoldOf(url: string, stderr: string): Untold | undefined {
  if (kindOf(url) !== 'rtsp') return undefined;
  const [, description] = /\bSDP:\s+(.*)/s.exec(stderr) ?? [];
  const coding = /^m=video.*?^a=rtpmap:\d+ ([^/\s]+)/ms.exec(description ?? '')?.[1];
  return { answered: description !== undefined, coding };
}

/** What ffprobe makes of it. Nothing where that takes too long: pictures may come all the same. */
async function describe(
  address: CameraAddress,
  { paths, ffmpegMajor, limits = PATIENT }: Deps,
  signal: AbortSignal,
): Promise<Pick<CameraFacts, 'tracks' | 'sound'> & { readonly untold: Untold | undefined }> {
  const { source, options } = cameraInput({ ...address, audio: true }, ffmpegMajor);
  if (typeof source !== 'string') throw new TypeError('a camera has an address');
  const { stdout, stderr, failed, timedOut } = await runShort(
    paths.ffprobe,
    // Descriptions are told at this level alone.
    ['-v', 'level+verbose', '-of', 'json', '-show_streams', ...forProbe(options), '-i', source],
    { timeout: limits.describe, signal },
  );
  if (timedOut) return { tracks: [], sound: undefined, untold: untoldOf(address.url, stderr) };
  const name = redactCamera(address.url);
  const lines = stderr.split('\n').filter((line) => /\[(error|fatal|panic)\]/.test(line));
  if (failed) throw reasonOf({ lines }, name);
  const streams: Readonly<Record<string, unknown>>[] = JSON.parse(stdout).streams ?? [];
  const tracks = streams.filter(({ codec_type: type }) => type === 'video').map(videoTrack);
  if (tracks.length === 0) throw new SidestreamError('CAMERA_SILENT', `${name} sends no pictures at all`);
  const audio = streams.find(({ codec_type: type }) => type === 'audio');
  return {
    tracks,
    untold: undefined,
    sound: audio && {
      codec: String(audio.codec_name ?? 'unknown'),
      rate: Number(audio.sample_rate ?? 0),
      channels: Number(audio.channels ?? 0),
    },
  };
}

/** Options of reading at a pace and for ever are ffmpeg's alone. */
const forProbe = (options: readonly string[]): string[] =>
  options.filter((option, i) => !/^-(re|stream_loop)$/.test(option) && options[i - 1] !== '-stream_loop');

function videoTrack(stream: Readonly<Record<string, unknown>>): VideoTrack {
  const { codec_name: codec, profile, width, height, avg_frame_rate: mean, r_frame_rate: base } = stream;
  return {
    codec: String(codec ?? 'unknown'),
    profile: typeof profile === 'string' ? profile : undefined,
    width: Number(width ?? 0),
    height: Number(height ?? 0),
    fps: rateOf(mean) ?? rateOf(base),
  };
}

function rateOf(text: unknown): number | undefined {
  const [num, den] = String(text).split('/').map(Number);
  const rate = num / den;
  return rate > 0 && rate <= 240 ? rate : undefined;
}

/** Packets of some seconds, as they come. */
async function look(
  address: CameraAddress,
  { paths, ffmpegMajor, limits = PATIENT }: Deps,
  signal: AbortSignal,
): Promise<Pick<CameraFacts, 'first' | 'measured' | 'picture'>> {
  const name = redactCamera(address.url);
  const asked = { ...address, audio: false };
  const stream = pipe();
  const begun = performance.now();
  const run = runFfmpeg(
    { inputs: [cameraInput(asked, ffmpegMajor)], outputOptions: cameraOutput(asked), output: stream },
    paths,
    signal,
  );
  const over = () => stream.end();
  run.ended.then(over, over);
  const arrivals: Arrival[] = [];
  let delay = 0;
  const stop = () => {
    run.kill();
    over();
  };
  let timer = setTimeout(stop, limits.first);
  const kept = keepBytes(stream);
  try {
    for await (const { stream: from, key, pts, data } of readNut(kept.bytes, LARGEST_PACKET)) {
      const at = performance.now();
      if (arrivals.length === 0) {
        clearTimeout(timer);
        timer = setTimeout(stop, limits.longest);
        delay = from.delay;
      }
      const ticks = sourceTicks(asked, pts);
      const { num, den } = from.timeBase;
      const source = ticks === undefined ? undefined : (ticks * 1000 * num) / den;
      arrivals.push({ at, source, key, bytes: data.length });
      // Long enough for a rate; for the distance of key frames a second one is needed.
      const keys = arrivals.filter((arrival) => arrival.key).length;
      if (keys > 1 && at - arrivals[0].at > limits.look) break;
    }
  } catch (error) {
    // Cut in the middle of a packet.
    if (!(error instanceof RangeError)) throw error;
  } finally {
    clearTimeout(timer);
    run.kill();
    stream.destroy();
    await run.ended.catch(() => {}); // What it says is looked at below.
  }
  signal.throwIfAborted();
  if (arrivals.length > 1) {
    const picture = await pictureOf(kept.first(), name, paths, signal);
    return { first: arrivals[0].at - begun, measured: measure(arrivals, delay), picture };
  }
  const end = await run.ended.catch((error: unknown) => {
    if (error instanceof FfmpegFailure) return error;
    throw error;
  });
  if (performance.now() - begun < limits.first) throw reasonOf({ lines: end.lines }, name);
  throw new SidestreamError('CAMERA_SILENT', `${name} sent no picture for ${limits.first / 1000} s`);
}

/** Bytes as they come; the first of them are kept. */
function keepBytes(source: AsyncIterable<Uint8Array>) {
  const kept: Uint8Array[] = [];
  let length = 0;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const part of source) {
      if (length < MOST_KEPT) kept.push(part);
      length += part.length;
      yield part;
    }
  }
  return { bytes: bytes(), first: () => kept };
}

/** Milliseconds, and lines of a picture at most. */
const [DECODE, LINES] = [5000, 720];

/** The first picture that can be decoded of what a camera sent, as JPEG. Throws CAMERA_SILENT where there is none. */
async function pictureOf(
  nut: readonly Uint8Array[],
  name: string,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const output = pipe();
  const run = runFfmpeg(
    {
      inputs: [{ source: Readable.from(nut), options: ['-f', 'nut'] }],
      outputOptions: [
        ...['-map', '0:v:0', '-frames:v', '1', '-vf', `scale=-2:'min(${LINES},ih)'`],
        ...['-c:v', 'mjpeg', '-q:v', '4', '-pix_fmt', 'yuvj420p', '-f', 'mjpeg'],
      ],
      output,
    },
    paths,
    AbortSignal.any([signal, AbortSignal.timeout(DECODE)]),
  );
  const parts: Uint8Array[] = [];
  output.on('data', (part: Uint8Array) => parts.push(part));
  await run.ended.catch((error: unknown) => {
    if (!(error instanceof FfmpegFailure)) throw error;
  });
  signal.throwIfAborted();
  if (parts.length === 0)
    throw new SidestreamError('CAMERA_SILENT', `${name} sends nothing that can be decoded`);
  return Buffer.concat(parts);
}
