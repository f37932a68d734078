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
}

export interface VideoTrack {
  readonly codec: string;
  readonly profile: string | undefined;
  readonly width: number;
  readonly height: number;
  /** Frames a second, as it says; undefined where it does not, or cannot be true. */
  readonly fps: number | undefined;
}

/** Milliseconds that it may take to say what it sends, to send a first picture, and to be looked at then. */
const [DESCRIBE, FIRST, LOOK, LONGEST] = [7000, 8000, 4000, 9000];
const LARGEST_PACKET = 1 << 26;

/** Throws CAMERA_AWAY, CAMERA_REFUSED, CAMERA_SILENT in words that tell what to do. */
export async function examineCamera(
  address: CameraAddress,
  deps: { readonly paths: FfmpegPaths; readonly ffmpegMajor: number },
  signal: AbortSignal,
): Promise<CameraFacts> {
  try {
    const { tracks, sound } = await describe(address, deps, signal);
    if (tracks.length > 0 && !tracks[address.track]) {
      const has = tracks.length === 1 ? 'one video track, 0' : `${tracks.length} video tracks, from 0`;
      throw new SidestreamError('CAMERA_REFUSED', `there is no track ${address.track}: it has ${has}`);
    }
    return { tracks, sound, ...(await look(address, deps, signal)) };
  } catch (error) {
    const { transport } = address;
    const byTransport = error instanceof SidestreamError && /transport|no picture|UDP/.test(error.message);
    if (!byTransport || kindOf(address.url) !== 'rtsp') throw error;
    const other = transport === 'tcp' ? 'udp' : 'tcp';
    const answer = await describe({ ...address, transport: other }, deps, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (!answer || answer.tracks.length === 0) throw error;
    throw new SidestreamError(error.code, `${error.message}; it does answer by --transport ${other}`);
  }
}

/** What ffprobe makes of it. Nothing where that takes too long: pictures may come all the same. */
async function describe(
  address: CameraAddress,
  { paths, ffmpegMajor }: { readonly paths: FfmpegPaths; readonly ffmpegMajor: number },
  signal: AbortSignal,
): Promise<Pick<CameraFacts, 'tracks' | 'sound'>> {
  const { source, options } = cameraInput({ ...address, audio: true }, ffmpegMajor);
  if (typeof source !== 'string') throw new TypeError('a camera has an address');
  const { stdout, stderr, failed, timedOut } = await runShort(
    paths.ffprobe,
    ['-v', 'level+error', '-of', 'json', '-show_streams', ...forProbe(options), '-i', source],
    { timeout: DESCRIBE, signal },
  );
  if (timedOut) return { tracks: [], sound: undefined };
  const name = redactCamera(address.url);
  if (failed) throw reasonOf({ lines: stderr.split('\n').filter((line) => line !== '') }, name);
  const streams: Readonly<Record<string, unknown>>[] = JSON.parse(stdout).streams ?? [];
  const tracks = streams.filter(({ codec_type: type }) => type === 'video').map(videoTrack);
  if (tracks.length === 0) throw new SidestreamError('CAMERA_SILENT', `${name} sends no pictures at all`);
  const audio = streams.find(({ codec_type: type }) => type === 'audio');
  return {
    tracks,
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
  { paths, ffmpegMajor }: { readonly paths: FfmpegPaths; readonly ffmpegMajor: number },
  signal: AbortSignal,
): Promise<Pick<CameraFacts, 'first' | 'measured'>> {
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
  let timer = setTimeout(stop, FIRST);
  try {
    for await (const { stream: from, key, pts, data } of readNut(stream, LARGEST_PACKET)) {
      const at = performance.now();
      if (arrivals.length === 0) {
        clearTimeout(timer);
        timer = setTimeout(stop, LONGEST);
        delay = from.delay;
      }
      const ticks = sourceTicks(asked, pts);
      const { num, den } = from.timeBase;
      const source = ticks === undefined ? undefined : (ticks * 1000 * num) / den;
      arrivals.push({ at, source, key, bytes: data.length });
      // Long enough for a rate; for the distance of key frames a second one is needed.
      const keys = arrivals.filter((arrival) => arrival.key).length;
      if (keys > 1 && at - arrivals[0].at > LOOK) break;
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
  if (arrivals.length > 1) return { first: arrivals[0].at - begun, measured: measure(arrivals, delay) };
  const end = await run.ended.catch((error: unknown) => {
    if (error instanceof FfmpegFailure) return error;
    throw error;
  });
  if (performance.now() - begun < FIRST) throw reasonOf({ lines: end.lines }, name);
  throw new SidestreamError('CAMERA_SILENT', `${name} sent no picture for ${FIRST / 1000} s`);
}
