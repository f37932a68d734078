import { describe, expect, it } from 'vitest';
import { redactCamera } from '../../../../src/core/camera-address.ts';
import {
  type CameraAddress,
  cameraInput,
  cameraOutput,
  kindOf,
  lacksTimes,
  sourceTicks,
} from '../../../../src/media/rtsp/source.ts';

const at = (url: string, more: Partial<CameraAddress> = {}): CameraAddress => ({
  ...{ url, transport: 'tcp', track: 0, audio: false },
  ...more,
});
/** An option's value. */
const of = (args: readonly string[], name: string) =>
  args.includes(name) ? args[args.indexOf(name) + 1] : undefined;

describe('the kind of a source', () => {
  it.each([
    ['rtsp://cam/1', 'rtsp'],
    ['RTSPS://cam/1', 'rtsp'],
    ['http://cam/video.mjpg', 'http'],
    ['https://cam/live.m3u8?key=1', 'hls'],
    ['https://cam/live.m3u8', 'hls'],
    ['rtmp://cam/app/1', 'other'],
    ['srt://cam:9000', 'other'],
    ['udp://239.0.0.1:5000', 'other'],
    ['/dev/video0', 'device'],
    ['/videos/clip.mp4', 'file'],
    ['C:\\clip.mp4', 'file'],
    ['odd:name.mp4', 'file'],
    ['file:///videos/clip.mp4', 'file'],
  ])('%s is %s', (url, kind) => {
    expect(kindOf(url)).toBe(kind);
  });
});

describe('arguments to read', () => {
  it('ask RTSP the way that is wanted, for what is wanted', () => {
    for (const [transport, by] of [
      ['tcp', 'tcp'],
      ['udp', 'udp'],
      ['multicast', 'udp_multicast'],
      ['http', 'http'],
    ] as const) {
      const { source, options } = cameraInput(at('rtsp://u:p@cam/1', { transport }), 5);
      expect(source).toBe('rtsp://u:p@cam/1');
      expect(of(options, '-rtsp_transport')).toBe(by);
      expect(of(options, '-allowed_media_types')).toBe('video');
      expect(options.includes('-buffer_size')).toBe(by.startsWith('udp'));
    }
    expect(of(cameraInput(at('rtsp://cam', { audio: true }), 5).options, '-allowed_media_types')).toBe(
      'video+audio',
    );
  });

  it('name the limit of silence as the version does', () => {
    for (const [major, name, other] of [
      [4, '-stimeout', '-timeout'],
      [5, '-timeout', '-stimeout'],
      [6, '-timeout', '-stimeout'],
      [7, '-timeout', '-stimeout'],
    ] as const) {
      const { options } = cameraInput(at('rtsp://cam'), major);
      expect(of(options, name)).toBe('15000000');
      expect(options).not.toContain(other);
    }
  });

  it('never let ffmpeg connect again by itself', () => {
    for (const url of [
      'rtsp://c',
      'http://c/v',
      'http://c/v.m3u8',
      'rtmp://c',
      'srt://c',
      'udp://c',
      'f.mp4',
    ])
      expect(cameraInput(at(url), 5).options.join(' ')).not.toContain('reconnect');
  });

  it('pace what does not come at its own pace', () => {
    for (const [url, paced] of [
      ['http://c/v.m3u8', true],
      ['clip.mp4', true],
      ['http://c/v', false],
      ['rtsp://c', false],
      ['srt://c', false],
    ] as const) {
      expect(cameraInput(at(url), 5).options.includes('-re')).toBe(paced);
      // Times of hours would be waited for.
      expect(cameraOutput(at(url)).includes('-copyts')).toBe(!paced);
    }
    expect(cameraInput(at('clip.mp4'), 5)).toMatchObject({ source: 'file:clip.mp4' });
    expect(of(cameraInput(at('clip.mp4'), 5).options, '-stream_loop')).toBe('-1');
  });
});

describe('arguments to give out', () => {
  it('take the track, and sound where it is wanted', () => {
    const silent = cameraOutput(at('rtsp://c', { track: 2 }));
    expect(of(silent, '-map')).toBe('0:v:2');
    expect(silent.join(' ')).not.toContain('0:a');
    expect(cameraOutput(at('rtsp://c', { audio: true })).join(' ')).toContain('-map 0:a:0? -c:a copy');
    expect(silent).toContain('copy');
  });

  it('filter no file: its second round would not come', () => {
    expect(cameraOutput(at('clip.mp4', { audio: true })).join(' ')).not.toContain('bsf');
  });

  it('mark packets without a time', () => {
    const shift = Number(/PTS\+(\d+)/.exec(cameraOutput(at('rtsp://c')).join(' '))?.[1]);
    expect(sourceTicks(at('rtsp://c'), shift + 77)).toBe(77);
    expect(sourceTicks(at('rtsp://c'), shift - 77)).toBe(-77);
    expect(sourceTicks(at('rtsp://c'), 12)).toBeUndefined();
    expect(sourceTicks(at('clip.mp4'), 12)).toBe(12);
  });
});

describe('arguments to give out promptly', () => {
  const prompt = (url: string, more?: Partial<CameraAddress>) => cameraOutput(at(url, more), 'prompt');

  it('hold nothing back, and let no time be negative', () => {
    for (const url of ['rtsp://c', 'rtmp://c', 'srt://c', 'http://c/v.mjpg', '/dev/video0']) {
      const args = prompt(url, { audio: true });
      expect(args.join(' ')).not.toContain('bsf');
      expect(args).toContain('-copyts');
      expect(Number(of(args, '-output_ts_offset'))).toBeGreaterThan((2 ** 32 / 90_000) * 2);
      expect(of(args, '-max_interleave_delta')).toBe('1');
    }
    expect(prompt('rtsp://c')).not.toContain('-max_interleave_delta');
    expect(prompt('clip.mp4')).not.toContain('-output_ts_offset');
  });

  it('say all times', () => {
    expect(sourceTicks(at('rtsp://c'), 12, 'prompt')).toBe(12);
  });

  it('fail where a packet has no time, and that is recognized', () => {
    const warning = '[nut @ 0x5] [warning] Timestamps are unset in a packet for stream 0. This is deprecated';
    const hint = '[nut @ 0x5] [error] Try to enable the genpts flag';
    const end = '[error] av_interleaved_write_frame(): Invalid argument';
    expect(lacksTimes([warning, end])).toBe(false);
    expect(lacksTimes([warning, hint, end])).toBe(true);
    expect(lacksTimes([warning.replace('warning', 'error'), end])).toBe(true);
    expect(lacksTimes([])).toBe(false);
  });
});

describe('what is shown of an address', () => {
  it.each([
    ['rtsp://me:secret@cam/1', 'rtsp://***@cam/1'],
    ['rtsp://me:se%40cret@cam:554/1', 'rtsp://***@cam:554/1'],
    ['rtsp://me:secr@et@cam/1', 'rtsp://***@cam/1'],
    ['rtsp://cam/user=admin_password=secret_channel=1', 'rtsp://cam/user=admin_password=***_channel=1'],
    ['srt://cam:9000?passphrase=secret&latency=1', 'srt://cam:9000?passphrase=***&latency=1'],
    ['srt://cam:9000?streamid=secret', 'srt://cam:9000?streamid=***'],
    ['http://cam/v.mjpg?user=me&pwd=secret', 'http://cam/v.mjpg?user=me&pwd=***'],
    ['rtsp://cam/1', 'rtsp://cam/1'],
  ])('%s', (url, shown) => {
    expect(redactCamera(url)).toBe(shown);
  });
});
