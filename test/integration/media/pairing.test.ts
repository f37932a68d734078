import { describe, expect, it } from 'vitest';
import { ptsToSeconds } from '../../../src/core/time.ts';
import type { Span } from '../../../src/media/argv.ts';
import { decode } from '../../../src/media/decode.ts';
import { openOverlay } from '../../../src/media/encode.ts';
import type { Container } from '../../../src/media/encoder-argv.ts';
import {
  frameTimes,
  never,
  numberedClip,
  numberOf,
  PATHS,
  paintNumber,
  reading,
  readNumbers,
  scratch,
  writing,
} from './numbered.ts';

/**
 * Every painted picture must lie over the very frame it was made for. The frames of these clips tell their numbers; so
 * do the pictures painted over their left halves. In the result both halves of a frame must say the same.
 */

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-qp', '12'];
const B_FRAMES = [...X264, '-bf', '3', '-g', '10', '-x264-params', 'b-adapt=0:scenecut=0'];
const VFR = ['-vf', "setpts='(N+mod(N*N,7)/9)/(25*TB)'", '-fps_mode', 'passthrough'];

const CLIPS: readonly [what: string, file: string, args: readonly string[], output?: 'mkv'][] = [
  ['frames in order', 'plain.mp4', [...X264, '-bf', '0']],
  ['frames out of order', 'b.mp4', B_FRAMES],
  ['frames out of order', 'b.mp4', B_FRAMES, 'mkv'],
  ['frames of uneven length', 'vfr.mp4', [...VFR, ...B_FRAMES, '-video_track_timescale', '90000']],
  ['uneven milliseconds', 'vfr.mkv', [...VFR, ...B_FRAMES]],
  ['uneven milliseconds', 'vfr.mkv', [...VFR, ...B_FRAMES], 'mkv'],
  ['a late beginning', 'late.mp4', [...B_FRAMES, '-output_ts_offset', '10']],
  ['a transport stream', 'stream.ts', B_FRAMES],
  ['a fragmented file', 'fragmented.mp4', [...B_FRAMES, '-movflags', 'frag_keyframe+empty_moov']],
  ['an odd time base', 'ntsc.mp4', ['-r', '30000/1001', ...B_FRAMES, '-video_track_timescale', '30000']],
  ['a time base as coarse as its frames', 'coarse.avi', ['-c:v', 'mpeg4', '-q:v', '2']],
  [
    'a gap of an hour',
    'gap.mkv',
    ['-vf', "setpts='PTS+gte(N,7)*3600/TB'", '-fps_mode', 'passthrough', ...X264],
  ],
];

/** Paints the left half of every frame with the number that the decoded frame shows. */
async function paint(input: string, output: string, container: Container, span: Span = {}) {
  const options = await reading(input, span);
  const size = { width: 48, height: 32 };
  const times: number[] = [];
  await using sink = openOverlay(
    output,
    writing(options, container),
    { layout: 'yuva420p', ...size },
    { paths: PATHS },
    never,
  );
  for await (const frame of decode(options, size, { paths: PATHS, warn: () => {} }, never)) {
    const luma = frame.data.reduce((sum, value) => sum + value, 0) / frame.data.length;
    // RGB from 0 to 255 stands for luma from 16 to 235.
    const number = numberOf(16 + (luma * 219) / 255);
    expect(number, `frame ${frame.index}`).not.toBeNaN();
    times.push(ptsToSeconds(frame.pts, options.probe.video.timeBase));
    await sink.write(frame.pts, paintNumber(number, size.width, size.height));
  }
  const { frames } = await sink.finish();
  return { frames, times };
}

describe('each picture lies over its frame, at its time', () => {
  it.each(CLIPS)('with %s (%s)', async (_, file, args, extension) => {
    const container: Container = extension === 'mkv' ? 'matroska' : 'mp4';
    await using folder = await scratch();
    const input = await numberedClip(folder.file(file), 20, args);
    const output = folder.file(`out.${extension ?? 'mp4'}`);
    const { frames, times } = await paint(input, output, container);
    const expected = await frameTimes(input);
    const result = await readNumbers(output);

    expect(frames).toBe(expected.length);
    expect(times).toHaveLength(expected.length);
    expect(new Set(result.right).size).toBeGreaterThan(10);
    expect(result.left).toEqual(result.right);
    // Matroska counts milliseconds; MP4 has the source's own ticks. ffprobe prints microseconds.
    const slack = container === 'matroska' ? 0.00051 : 0.0000015;
    expect(result.seconds).toHaveLength(expected.length);
    for (const [i, second] of expected.entries()) {
      expect(Math.abs(times[i] - second), `decoded frame ${i}`).toBeLessThan(0.0000015);
      expect(Math.abs(result.seconds[i] - second), `frame ${i}: ${result.seconds[i]}`).toBeLessThan(slack);
    }
  });
});

describe('a part of a clip', () => {
  it.each([
    ['plain.mp4', B_FRAMES, { start: 0.5, duration: 0.6 }, 13, 15],
    ['late.mp4', [...B_FRAMES, '-output_ts_offset', '10'], { start: 0.5, duration: 0.6 }, 13, 15],
    ['stream.ts', B_FRAMES, { start: 0.5, duration: 0.6 }, 13, 15],
    ['stream.ts', B_FRAMES, { start: 0 }, 0, 50],
    ['plain.mp4', B_FRAMES, { duration: 0.6 }, 0, 15],
    ['plain.mp4', B_FRAMES, { start: 1.6 }, 40, 10],
  ] as const)('of %s is exact and begins at 0', async (file, args, span, first, count) => {
    await using folder = await scratch();
    const input = await numberedClip(folder.file(file), 50, args);
    const { frames } = await paint(input, folder.file('out.mp4'), 'mp4', span);
    const { left, right, seconds } = await readNumbers(folder.file('out.mp4'));

    expect(frames).toBe(count);
    expect(right).toEqual(Array.from({ length: count }, (_, i) => (first + i) % 13));
    expect(left).toEqual(right);
    const begin = 'start' in span ? first / 25 - span.start : 0;
    for (const [i, second] of seconds.entries()) expect(second).toBeCloseTo(begin + i / 25, 3);
  });
});
