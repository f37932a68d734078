import { ffmpegSource, isAddress } from '../probe.ts';
import type { FfmpegInput } from '../process.ts';

/** Where a camera is, and how it is asked. */
export interface CameraAddress {
  /**
   * rtsp, rtsps, rtmp, srt, udp, http(s) with HLS, MJPEG or anything else that flows, a device, or a file that is looped.
   * Certificates are not looked at, which is how ffmpeg asks unless it is told: cameras sign their own. So rtsps and https
   * keep listeners out, and not somebody who takes the camera's place.
   */
  readonly url: string;
  /** How RTSP sends: interleaved in its connection, by UDP, by UDP multicast, or tunnelled in HTTP. */
  readonly transport: 'tcp' | 'udp' | 'multicast' | 'http';
  /** Which of its video tracks, from 0. */
  readonly track: number;
  /** Sound is wanted, where there is any. */
  readonly audio: boolean;
}

/** What kind of source an address is, by its form. */
export function kindOf(url: string): 'rtsp' | 'hls' | 'http' | 'device' | 'file' | 'other' {
  if (/^rtsps?:/i.test(url)) return 'rtsp';
  if (/^https?:/i.test(url)) return /\.m3u8?($|[?#])/i.test(url) ? 'hls' : 'http';
  if (/^\/dev\/video\d+$/.test(url)) return 'device';
  return isAddress(url) && !/^file:/i.test(url) ? 'other' : 'file';
}

/** Microseconds without a byte after which ffmpeg gives up by itself; our own watch is earlier. */
const SILENCE = '15000000';
/** How much is looked at to find out what a stream is, at most: bytes, and microseconds. */
const LOOK = ['-probesize', '5000000', '-analyzeduration', '5000000', '-fpsprobesize', '0'];
/**
 * Bytes that the system keeps of what comes by UDP: a key picture comes all at once. Systems that allow less give less.
 */
const DATAGRAMS = '2097152';

/** ffmpeg's arguments for reading a camera. */
export function cameraInput({ url, transport, audio }: CameraAddress, ffmpegMajor: number): FfmpegInput {
  const source = ffmpegSource(url);
  switch (kindOf(url)) {
    case 'rtsp': {
      const by = transport === 'multicast' ? 'udp_multicast' : transport;
      // Before version 5, `timeout` made it wait for somebody to publish.
      const limit = ffmpegMajor >= 5 ? '-timeout' : '-stimeout';
      const media = audio ? 'video+audio' : 'video';
      // Packets that are out of order are waited for: by its own choice for a tenth of a second.
      const datagrams = transport === 'udp' || transport === 'multicast' ? ['-buffer_size', DATAGRAMS] : [];
      return {
        source,
        options: [
          ...[...LOOK, '-rtsp_transport', by, limit, SILENCE, '-allowed_media_types', media],
          ...datagrams,
        ],
      };
    }
    case 'hls':
      // Segments come in heaps: their pictures are taken at their own pace.
      return { source, options: [...LOOK, '-rw_timeout', SILENCE, '-re'] };
    case 'http':
      // No -reconnect: ffmpeg would go on in the middle of whatever it is, and nobody would know.
      return { source, options: [...LOOK, '-rw_timeout', SILENCE] };
    case 'device':
      return { source: url, options: ['-f', 'v4l2'] };
    case 'file':
      return { source, options: ['-re', '-stream_loop', '-1'] };
    default:
      // Without it, pictures that are taken too late would end the connection.
      return { source, options: /^udp:/i.test(url) ? [...LOOK, '-overrun_nonfatal', '1'] : LOOK };
  }
}

/**
 * Times travel this much later, so that none is negative, which NUT cannot say: in ticks where they are kept, in seconds where
 * they are not. What has no time and keeps it comes as a number far below: ffmpeg's packets may lack one.
 */
const SOURCE_SHIFT = 2 ** 40;
const SECONDS_LATER = 1_000_000;

/**
 * What becomes of times. `kept`: they come as they are, also those that are missing or go back, but each packet only with the
 * next one: ffmpeg's filter knows what follows. `prompt`: packets come as soon as ffmpeg has them; a clock that is set back
 * then stands still, one tick at a time, and where pictures are out of order and one has no time, ffmpeg ends.
 */
export type Times = 'kept' | 'prompt';

/** What a time that has come is by the source's clock, in ticks; undefined where the source does not say. */
export function sourceTicks(
  { url }: Pick<CameraAddress, 'url'>,
  ticks: number,
  times: Times = 'kept',
): number | undefined {
  // Of a clock whose beginning nobody knows.
  if (kindOf(url) === 'file' || times === 'prompt') return ticks;
  return ticks < SOURCE_SHIFT / 2 ? undefined : ticks - SOURCE_SHIFT;
}

/** The tracks as they are, packet by packet, in NUT on standard output: nothing is decoded. */
export function cameraOutput({ url, track, audio }: CameraAddress, times: Times = 'kept'): string[] {
  const kind = kindOf(url);
  const video = ['-map', `0:v:${track}`, '-c:v', 'copy'];
  const sound = audio ? ['-map', '0:a:0?', '-c:a', 'copy'] : [];
  const out = ['-copyinkf', '-f', 'nut', '-flush_packets', '1'];
  // Of a file that is looped, ffmpeg would filter the first round alone. Its times are as they should be.
  if (kind === 'file') return [...video, ...sound, ...out];
  // With two tracks ffmpeg waits for the slower one, but not longer than to the next packet.
  const soon = audio ? ['-max_interleave_delta', '1'] : [];
  // What is read at its own pace is counted from its beginning: ffmpeg 4 would first wait for as long as its times say.
  // Otherwise jumps are left alone: ffmpeg would take those of more than 30 hours for missing times.
  const whole = kind === 'hls' ? [] : ['-copyts'];
  if (times === 'prompt')
    return [...video, ...sound, ...soon, ...whole, '-output_ts_offset', `${SECONDS_LATER}`, ...out];
  // Less than any time: what says that there is none. Not every version has a name for it.
  const shifted = `pts=if(lt(PTS\\,-9e18)\\,N+1\\,PTS+${SOURCE_SHIFT})`;
  // ffmpeg would bend times until decoding times grow: those are made up, and what it sees always grows.
  const growing = 'max(PREV_OUTDTS+1\\,DTS)';
  return [
    ...[...video, '-bsf:v', `setts=dts=${audio ? growing : 'N'}:${shifted}`],
    ...(audio ? [...sound, '-bsf:a', `setts=dts=${growing}:${shifted}`] : []),
    ...[...soon, ...whole, ...out],
  ];
}

/** What ffmpeg says where it ends for want of a time. */
const UNTIMED = /enable the genpts flag|imestamps are unset/i;

/** Whether ffmpeg has ended because a packet had no time; `lines`: what it said last. As a warning it means nothing. */
export const lacksTimes = (lines: readonly string[]): boolean =>
  lines.some((line) => UNTIMED.test(line) && !/\[warning\]/.test(line));
