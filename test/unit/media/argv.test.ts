import { describe, expect, it } from 'vitest';
import { pts, seconds } from '../../../src/core/time.ts';
import {
  audioArguments,
  baseFilters,
  decodeArguments,
  outputSize,
  overlayArguments,
  transcodeArguments,
  type WriteOptions,
} from '../../../src/media/argv.ts';
import type { VideoProbe } from '../../../src/media/probe.ts';
import { media, sound, video } from './videos.ts';

const options = (changes: Partial<WriteOptions> = {}): WriteOptions => ({
  input: 'clip.mp4',
  probe: media(),
  span: {},
  deinterlace: false,
  ffmpegMajor: 5,
  container: 'mp4',
  settings: { encoder: undefined, crf: 23, preset: 'veryfast' },
  ...changes,
});

/** The value behind an option. */
const optionOf = (args: readonly string[], name: string): string | undefined =>
  args.includes(name) ? args[args.indexOf(name) + 1] : undefined;

const written = (changes: Partial<WriteOptions> = {}): string[] => overlayArguments(options(changes)).output;
const writtenOf = (changes: Partial<VideoProbe>, more: Partial<WriteOptions> = {}): string[] =>
  written({ probe: media({ video: video(changes) }), ...more });

it('lets x264 decide nothing by what it saw before a key frame', () => {
  const args = writtenOf({});
  expect(optionOf(args, '-bf')).toBe('0');
  expect(optionOf(args, '-i_qfactor')).toBe('1');
  expect(optionOf(args, '-x264-params')).toBe('force-cfr=1');
  expect(optionOf(args, '-forced-idr')).toBe('1');
  expect(optionOf(args, '-force_key_frames')).toContain('floor(t/10+1e-9)');
});

it('scales before it turns colours into RGB, where there are two such steps', () => {
  const filters = (pixelFormat: string) =>
    optionOf(
      decodeArguments(options({ probe: media({ video: video({ pixelFormat }) }) }), { width: 8, height: 8 })
        .output,
      '-vf',
    );
  expect(filters('yuv420p10le')).toContain('scale=8:8:flags=bicubic,format=yuv444p,scale,format=rgb24');
  expect(filters('gbrp')).toContain('scale=8:8:flags=bicubic,format=rgb24');
});

describe('reading', () => {
  it('is the same for decoding and encoding, so that both see the same frames', () => {
    const some = options({ span: { start: 1.5, duration: 4 }, input: '-odd: name [1].mp4' });
    expect(decodeArguments(some, { width: 8, height: 8 }).input).toEqual(overlayArguments(some).input);
    expect(transcodeArguments(some).input).toEqual(overlayArguments(some).input);
  });

  it('takes a name for a file whatever it looks like, and an address for an address', () => {
    expect(overlayArguments(options({ input: '-i:%d' })).input.source).toBe('file:-i:%d');
    expect(overlayArguments(options({ input: 'http://a/b.mp4' })).input.source).toBe('http://a/b.mp4');
  });

  it('is bounded in time for addresses', () => {
    expect(overlayArguments(options({ input: 'https://a/b.mp4' })).input.options).toContain('-rw_timeout');
    expect(overlayArguments(options({ input: 'rtsp://a/b' })).input.options).toContain('-timeout');
  });

  it('leaps to before a part; further where no index tells of key frames', () => {
    const leap = (container: string, start: number) =>
      optionOf(
        overlayArguments(options({ span: { start }, probe: media({ container }) })).input.options,
        '-ss',
      );
    expect(leap('mov,mp4,m4a,3gp,3g2,mj2', 20)).toBe('20');
    expect(leap('mpegts', 20)).toBe('5');
    expect(leap('mpegts', 10)).toBeUndefined();
    expect(leap('matroska,webm', 0)).toBeUndefined();
  });
});

describe('times', () => {
  it('keep the time base in the encoder and in MP4', () => {
    const args = writtenOf({ timeBase: { num: 1001, den: 30_000 } });
    expect(optionOf(args, '-enc_time_base:v')).toBe('1001:30000');
    expect(optionOf(args, '-video_track_timescale')).toBe('30000');
  });

  it('of a whole film stay, and those of a part begin at 0', () => {
    expect(written()).not.toContain('-ss');
    const probe = media({ start: seconds(10) });
    expect(optionOf(written({ span: { start: 3 }, probe }), '-ss')).toBe('13');
    const part = options({ span: { duration: 2.5 }, probe });
    const { output } = overlayArguments(part);
    expect([optionOf(output, '-ss'), optionOf(output, '-t')]).toEqual(['10', '2.5']);
    expect(optionOf(decodeArguments(part, { width: 8, height: 8 }).output, '-vf')).toMatch(
      /^trim=start=10:duration=2.5,/,
    );
  });

  it('of the last frame end with the film, in ticks of the container', () => {
    expect(optionOf(writtenOf({ end: pts(128_000) }), '-bsf:v')).toContain('duration=(128000-PTS)*');
    expect(optionOf(writtenOf({ end: pts(128_000) }, { container: 'matroska' }), '-bsf:v')).toContain(
      '(10000-PTS)*',
    );
    const avi = { end: pts(100), timeBase: { num: 1, den: 25 } };
    expect(optionOf(writtenOf(avi, { container: 'webm' }), '-bsf:v')).toContain('(4000-PTS)*');
  });

  it('of the last frame are left to ffmpeg where a part is asked for, or the end unknown, or ffmpeg newer', () => {
    expect(written({ span: { duration: 1 } })).not.toContain('-bsf:v');
    expect(writtenOf({ end: undefined })).not.toContain('-bsf:v');
    expect(written({ ffmpegMajor: 7 })).not.toContain('-bsf:v');
  });
});

describe('sound', () => {
  const audio = [sound(1, 'aac'), sound(3, 'pcm_s16le'), sound(4, 'opus')];

  it.each([
    ['mp4', ['copy', 'aac', 'copy'], 1],
    ['mov', ['copy', 'copy', 'aac'], 1],
    ['matroska', ['copy', 'copy', 'copy'], 0],
    ['webm', ['libopus', 'libopus', 'copy'], 2],
  ] as const)('is copied into %s where it may be', (container, codecs, changed) => {
    const { args, encoded } = audioArguments(media({ audio }), container);
    expect([0, 1, 2].map((i) => optionOf(args, `-c:a:${i}`))).toEqual(codecs);
    expect(args.filter((_, i) => args[i - 1] === '-map')).toEqual(['0:1', '0:3', '0:4']);
    expect(encoded).toHaveLength(changed);
  });
});

describe('pictures', () => {
  const filters = (changes: Partial<VideoProbe>, deinterlace = false) =>
    baseFilters(video(changes), deinterlace).join(',');

  it('in 8-bit 4:2:0 are not converted', () => {
    expect(filters({})).toBe('format=yuv420p');
  });

  it('of odd size get a line or column more, never less', () => {
    expect(outputSize(video({ width: 161, height: 121 }))).toEqual({ width: 162, height: 122 });
    expect(filters({ width: 161, height: 120 })).toContain(
      'pad=162:120,fillborders=right=1:bottom=0:mode=smear',
    );
  });

  it('in full range stay in full range', () => {
    expect(filters({ pixelFormat: 'yuvj422p', colorRange: 'pc' })).toMatch(
      /in_range=pc:out_range=pc,format=yuvj420p$/,
    );
    expect(optionOf(writtenOf({ colorRange: 'pc' }), '-color_range')).toBe('pc');
  });

  it('in RGB become BT.709 and say so', () => {
    const rgb = { pixelFormat: 'gbrp', colorSpace: 'gbr', colorRange: 'pc' } as const;
    expect(filters(rgb)).toContain('out_color_matrix=bt709:out_range=tv');
    expect(optionOf(writtenOf(rgb), '-colorspace')).toBe('bt709');
  });

  it('keep what is known of their colours', () => {
    const args = writtenOf({ colorSpace: 'bt2020nc', colorPrimaries: 'bt2020', colorTransfer: 'smpte2084' });
    expect(optionOf(args, '-colorspace')).toBe('bt2020nc');
    expect(optionOf(args, '-color_primaries')).toBe('bt2020');
    expect(optionOf(args, '-color_trc')).toBe('smpte2084');
    expect(args).not.toContain('-color_range');
  });

  it('that are interlaced stay so and are flagged, or are made progressive', () => {
    const kept = writtenOf({ fieldOrder: 'tt' });
    expect(optionOf(kept, '-flags')).toBe('+ildct+ilme');
    expect(optionOf(kept, '-field_order')).toBe('tt');
    const made = writtenOf({ fieldOrder: 'tt' }, { deinterlace: true });
    expect(made).not.toContain('-flags');
    expect(made.join(' ')).toContain('bwdif');
  });

  it('are taken from the stream that was chosen', () => {
    expect(optionOf(writtenOf({ index: 3 }), '-filter_complex')).toMatch(/^\[0:3\]/);
    const probe = media({ video: video({ index: 3 }) });
    expect(optionOf(decodeArguments(options({ probe }), { width: 8, height: 8 }).output, '-map')).toBe('0:3');
  });
});

describe('encoders', () => {
  const encoder = (name: string | undefined, container: WriteOptions['container'] = 'mp4') =>
    written({ container, settings: { encoder: name, crf: 20, preset: 'fast' } });

  it('are libx264, or libvpx-vp9 in WebM, unless another is named', () => {
    expect(optionOf(encoder(undefined), '-c:v')).toBe('libx264');
    expect(optionOf(encoder(undefined, 'webm'), '-c:v')).toBe('libvpx-vp9');
    expect(optionOf(encoder('h264_nvenc'), '-c:v')).toBe('h264_nvenc');
  });

  it.each([
    ['libx264', '-crf', '20'],
    ['libx265', '-crf', '20'],
    ['h264_nvenc', '-cq', '20'],
    ['h264_qsv', '-global_quality', '20'],
    ['h264_vaapi', '-qp', '20'],
  ])('%s is told the quality as %s', (name, option, value) => {
    expect(optionOf(encoder(name), option)).toBe(value);
  });

  it('write MP4 and MOV so that playing may begin before all is there', () => {
    expect(optionOf(written(), '-movflags')).toBe('+faststart');
    expect(written({ container: 'matroska' })).not.toContain('-movflags');
  });

  it('work plainly with the same settings as under an overlay', () => {
    const plain = transcodeArguments(options()).output;
    expect(written().slice(-10)).toEqual(plain.slice(-10));
  });
});
