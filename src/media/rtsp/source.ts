import { ffmpegSource } from '../probe.ts';
import type { FfmpegInput } from '../process.ts';

/** Where a camera is, and how it is asked. */
export interface CameraAddress {
  /** rtsp, rtsps, rtmp, srt, udp, http(s) with HLS or MJPEG, a device, or a file that is looped. */
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
  return /^[a-z][a-z0-9+.-]+:/i.test(url) ? 'other' : 'file';
}

/** Microseconds without a byte after which ffmpeg gives up by itself; our own watch is earlier. */
const SILENCE = '15000000';
/** How much is looked at to find out what a stream is, at most: bytes, and microseconds. */
const LOOK = ['-probesize', '5000000', '-analyzeduration', '5000000', '-fpsprobesize', '0'];

/** ffmpeg's arguments for reading a camera. `silence`: whether this ffmpeg calls RTSP's limit `timeout` (from 5) or `stimeout`. */
export function cameraInput({ url, transport, audio }: CameraAddress, ffmpegMajor: number): FfmpegInput {
  const source = ffmpegSource(url);
  switch (kindOf(url)) {
    case 'rtsp': {
      const by = transport === 'multicast' ? 'udp_multicast' : transport;
      const limit = ffmpegMajor >= 5 ? '-timeout' : '-stimeout';
      const media = audio ? 'video+audio' : 'video';
      return {
        source,
        options: [...LOOK, '-rtsp_transport', by, limit, SILENCE, '-allowed_media_types', media],
      };
    }
    case 'hls':
      // Segments come in heaps: their pictures are taken at their own pace.
      return { source, options: [...LOOK, '-rw_timeout', SILENCE, '-re'] };
    case 'http':
      // A series of pictures has no times of its own.
      return { source, options: [...LOOK, '-rw_timeout', SILENCE, '-use_wallclock_as_timestamps', '1'] };
    case 'device':
      return { source: url, options: ['-f', 'v4l2'] };
    case 'file':
      return { source, options: ['-re', '-stream_loop', '-1'] };
    default:
      return { source, options: LOOK };
  }
}

/**
 * Times travel this much later, in ticks, so that none is negative, which NUT cannot say. What has no time comes as a number
 * far below: ffmpeg's packets may lack one.
 */
export const SOURCE_SHIFT = 2 ** 40;

/** The tracks as they are, packet by packet, in NUT on standard output: nothing is decoded, and no time is corrected. */
export function cameraOutput({ track, audio }: CameraAddress): string[] {
  const shifted = `pts=if(eq(PTS\\,NOPTS)\\,N+1\\,PTS+${SOURCE_SHIFT})`;
  // ffmpeg would bend times until decoding times grow: those are made up, and what it sees always grows.
  const sound = ['-map', '0:a:0?', '-c:a', 'copy', '-bsf:a', `setts=dts=max(PREV_OUTDTS+1\\,DTS):${shifted}`];
  return [
    ...['-map', `0:v:${track}`, '-c:v', 'copy'],
    ...['-bsf:v', `setts=dts=${audio ? 'max(PREV_OUTDTS+1\\,DTS)' : 'N'}:${shifted}`],
    // With two tracks ffmpeg waits for the slower one, but not longer than to the next packet.
    ...(audio ? [...sound, '-max_interleave_delta', '1'] : []),
    ...['-copyts', '-copyinkf', '-f', 'nut', '-flush_packets', '1'],
  ];
}
