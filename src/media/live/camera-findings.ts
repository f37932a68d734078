import { redactCamera } from '../../core/camera-address.ts';
import { asSidestreamError, type SidestreamError } from '../../core/errors.ts';
import { ffmpegVersion } from '../encode.ts';
import type { FfmpegPaths } from '../process.ts';
import type { CameraAddress } from '../rtsp/source.ts';
import { type CameraFacts, examineCamera, type Limits, type VideoTrack } from './examine.ts';

/** A camera in plain words. */

export interface CameraFinding {
  readonly name: string;
  readonly ok: boolean;
  /** What there is, and where it is odd, what to do about it. */
  readonly detail: string;
}

export interface CameraReport {
  readonly findings: readonly CameraFinding[];
  /** Undefined where no pictures come. */
  readonly facts: CameraFacts | undefined;
  /** Why no pictures come. */
  readonly error: SidestreamError | undefined;
}

/** Looks at a camera for some seconds. Nothing secret of its address is in what is said. */
export async function reportOnCamera(
  address: CameraAddress,
  { paths, limits }: { readonly paths: FfmpegPaths; readonly limits?: Limits },
  signal: AbortSignal,
): Promise<CameraReport> {
  const { major: ffmpegMajor } = await ffmpegVersion(paths, signal);
  const name = redactCamera(address.url);
  try {
    const facts = await examineCamera(address, { paths, ffmpegMajor, ...(limits && { limits }) }, signal);
    const findings = [fine('camera', `${name} sends pictures`), ...findingsOf(facts, address)];
    return { findings, facts, error: undefined };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asSidestreamError(thrown);
    return { findings: [{ name: 'camera', ok: false, detail: error.message }], facts: undefined, error };
  }
}

const fine = (name: string, detail: string): CameraFinding => ({ name, ok: true, detail });
const odd = (name: string, detail: string): CameraFinding => ({ name, ok: false, detail });

/** Seconds between key frames, milliseconds of lateness, milliseconds to the first picture and pixels that deserve a word. */
const [KEYS, LATE, SLOW, LARGE] = [4, 200, 4000, 1920 * 1088];
/** Sound that MP4 takes as it is. */
const PASSED = ['aac', 'mp3', 'ac3', 'opus'];

/** What there is to say of it, and what to do about it. */
export function findingsOf(
  { tracks, sound, first, measured }: CameraFacts,
  { track }: CameraAddress,
): CameraFinding[] {
  const { fps, keySeconds, seconds, delay, jitter, bitRate, jumps } = measured;
  const chosen: VideoTrack | undefined = tracks[track];
  const findings: CameraFinding[] = [];
  const add = (ok: boolean, name: string, good: string, advice: string) =>
    findings.push(ok ? fine(name, good) : odd(name, `${good}: ${advice}`));

  if (chosen) {
    const { width, height } = chosen;
    const advice = 'decoding it costs more than the model needs; take a smaller stream if it has one';
    add(width * height <= LARGE, 'picture', pictureText(chosen), advice);
  }
  add(
    first <= SLOW,
    'first picture',
    `after ${(first / 1000).toFixed(1)} s`,
    'each connection takes that long',
  );
  const says = chosen?.fps;
  const differs = says !== undefined && Math.abs(says - fps) > 0.15 * says;
  add(
    !differs,
    'frame rate',
    `${fps.toFixed(1)} a second`,
    `it says ${says?.toFixed(1)}; what comes is what counts`,
  );
  const keys =
    keySeconds === undefined
      ? `fewer than two in ${seconds.toFixed(0)} s`
      : `every ${keySeconds.toFixed(1)} s`;
  add(
    keySeconds !== undefined && keySeconds <= KEYS,
    'key frames',
    keys,
    'a start, and going on after a gap, may take that long; set the interval (GOP, I-frame) to 2 s in the camera',
  );
  add(
    delay === 0,
    'order',
    delay === 0 ? 'as shown' : `B-frames: up to ${delay} pictures are waited for`,
    'that adds latency; choose a profile without B-frames in the camera',
  );
  add(jitter <= LATE, 'arrivals', `up to ${Math.round(jitter)} ms late`, 'the network or the camera is busy');
  findings.push(fine('bit rate', `${(bitRate / 1e6).toFixed(2)} Mbit/s`));
  add(
    jumps === 0,
    'clock',
    jumps === 0 ? 'steady' : `jumped ${jumps} times`,
    'times are mended; set the time (NTP) of the camera',
  );
  findings.push(soundFinding(sound));
  if (tracks.length > 1) findings.push(...tracksFinding(tracks, track));
  return findings;
}

const pictureText = ({ codec, profile, width, height }: VideoTrack): string =>
  `${codec}${profile === undefined ? '' : ` (${profile})`}, ${width}×${height}`;

function soundFinding(sound: CameraFacts['sound']): CameraFinding {
  if (!sound) return fine('sound', 'none');
  const { codec, rate, channels } = sound;
  const what = `${codec}, ${rate} Hz, ${channels === 1 ? 'mono' : `${channels} channels`}`;
  return fine(
    'sound',
    `${what}, ${PASSED.includes(codec) ? 'passed on as it is' : 'made AAC for HLS and recordings'}`,
  );
}

function tracksFinding(tracks: readonly VideoTrack[], chosen: number): CameraFinding[] {
  const area = ({ width, height }: VideoTrack) => width * height || Number.POSITIVE_INFINITY;
  const least = Math.min(...tracks.map(area));
  const small = tracks.findIndex((track) => area(track) === least);
  const all = tracks.map((track, i) => `${i}: ${pictureText(track)}`).join('; ');
  if (area(tracks[chosen]) <= least) return [fine('tracks', all)];
  return [odd('tracks', `${all}: --track ${small} is the least work`)];
}
