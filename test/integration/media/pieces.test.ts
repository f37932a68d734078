import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pts } from '../../../src/core/time.ts';
import { runOut } from '../../../src/media/chunk-argv.ts';
import { openOverlay, openPiece } from '../../../src/media/encode.ts';
import { joinPieces } from '../../../src/media/join.ts';
import { frameTimes, parsePackets } from '../../../src/media/packets.ts';
import { cutVideo } from '../../../src/pipeline/chunks/plan.ts';
import { ffprobe, pictures } from '../../fixtures/look.ts';
import { never, PATHS, reading, scratch } from './numbered.ts';

/** Pictures that x264 has something to do with, in 26 s: three stretches of key frames. */
const SOURCE = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25,noise=alls=8:allf=t', '-t', '26'];
const TONE = ['-f', 'lavfi', '-i', 'sine=440', '-t', '26'];
const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '60'];

const SOURCES: Readonly<Record<string, { name: string; args: readonly string[] }>> = {
  'B-frames': { name: 'b.mp4', args: [...X264, '-bf', '3', '-c:a', 'aac'] },
  'open groups of pictures': {
    name: 'open.mp4',
    args: [...X264, '-bf', '3', '-x264-params', 'open-gop=1', '-c:a', 'aac'],
  },
  'refreshed bit by bit': {
    name: 'refresh.mkv',
    args: [...X264, '-x264-params', 'intra-refresh=1', '-c:a', 'aac'],
  },
  'a transport stream': { name: 'stream.ts', args: [...X264, '-bf', '2', '-c:a', 'aac', '-f', 'mpegts'] },
  'uneven times': {
    name: 'uneven.mkv',
    args: [...X264, '-vf', "select='not(eq(mod(n,7),3))'", '-fps_mode', 'vfr', '-c:a', 'aac'],
  },
  'an edit list, and sound that begins early': {
    name: 'edit.mp4',
    args: [...X264, '-bf', '2', '-c:a', 'aac', '-ss', '1.3', '-movflags', '+faststart'],
  },
  'a late start': { name: 'late.mp4', args: [...X264, '-c:a', 'aac', '-output_ts_offset', '7.04'] },
};

const settings = { encoder: undefined, crf: 23, preset: 'veryfast' } as const;
const PAINT = { width: 32, height: 18, layout: 'yuva420p' } as const;

let folder: Awaited<ReturnType<typeof scratch>>;
beforeAll(async () => {
  folder = await scratch();
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** A band that wanders with the frame's number. */
function paint(number: number): Uint8Array {
  const [pixels, chroma] = [32 * 18, 16 * 9];
  const data = new Uint8Array(2 * (pixels + chroma)).fill(128);
  data.fill(90 + (number % 100), 0, pixels);
  data.fill(0, pixels + 2 * chroma);
  data.fill(255, pixels + 2 * chroma + (number % 18) * 32, pixels + 2 * chroma + ((number % 18) + 1) * 32);
  return data;
}

describe('a video that is painted in pieces is the one that is painted at once', () => {
  it.each(Object.entries(SOURCES))('%s', async (_, { name, args }) => {
    const input = folder.file(name);
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...SOURCE, ...TONE, ...args, '-shortest', input]);
    const options = { ...(await reading(input)), container: 'mp4', settings } as const;
    const times = await frameTimes(input, options.probe, PATHS, never);
    expect(times).toBeDefined();
    if (!times) return;
    const whole = folder.file(`${name}.whole.mp4`);
    const all = openOverlay(whole, options, PAINT, { paths: PATHS }, never);
    for (const [i, time] of times.frames.entries()) await all.write(time, paint(i));
    expect((await all.finish()).frames).toBe(times.frames.length);

    const request = {
      every: 1,
      association: 'online',
      deinterlace: false,
      chunkSeconds: 10,
      runOut: runOut({ settings }),
    } as const;
    const plan = cutVideo(options.probe, times, request, { frames: 16, overlap: 4 });
    expect(plan.render).toHaveLength(3);
    const pieces = [];
    // In another order than that of time.
    for (const i of [2, 0, 1]) {
      const { from, to, end, start, stop, excerpt, keys } = plan.render[i];
      const path = folder.file(`${name}.${i}.nut`);
      const mine = excerpt ? { ...options, excerpt } : options;
      const piece = openPiece(
        path,
        mine,
        keys.map((key) => key - from),
        PAINT,
        { paths: PATHS },
        never,
      );
      for (let at = from; at < (end ?? 0); at++) await piece.write(times.frames[at], paint(at));
      expect((await piece.finish()).frames).toBe((end ?? 0) - from);
      pieces[i] = { path, from: start ?? pts(0), to: stop, frames: (to ?? 0) - from };
    }
    const joined = folder.file(`${name}.joined.mp4`);
    expect(await joinPieces(joined, pieces, options, { paths: PATHS }, never)).toEqual({
      frames: times.frames.length,
    });
    for (const entries of [
      'packet=pts,dts,flags',
      'stream=start_time,duration,nb_frames,avg_frame_rate,color_space',
    ])
      expect(ffprobe(joined, 'v:0', entries)).toBe(ffprobe(whole, 'v:0', entries));
    expect(ffprobe(joined, 'a:0', 'packet=data_hash')).toBe(ffprobe(whole, 'a:0', 'packet=data_hash'));
    const sound = [joined, whole].map((path) =>
      [...ffprobe(path, 'a:0', 'packet=pts_time').matchAll(/-?[\d.]+/g)].map(([time]) => Number(time)),
    );
    // As exact as the source's times are: those of Matroska are milliseconds.
    const off = sound[0].map((time, i) => Math.abs(time - sound[1][i]));
    expect(Math.max(...off)).toBeLessThan(name.endsWith('.mkv') ? 0.001 : 1e-6);
    // Not nearly the same: the same, seams included.
    const [made, wanted] = [pictures(joined), pictures(whole)];
    expect(made).toHaveLength(times.frames.length);
    expect(wanted.flatMap((sum, i) => (sum === made[i] ? [] : [i]))).toEqual([]);
  });

  it('says so where a piece has not the frames that it should have', async () => {
    const options = { ...(await reading(folder.file('b.mp4'))), container: 'mp4', settings } as const;
    const path = folder.file('b.mp4.0.nut');
    const short = { path, from: pts(0), to: undefined, frames: 10 };
    const joined = folder.file('never.mp4');
    await expect(joinPieces(joined, [short], options, { paths: PATHS }, never)).rejects.toMatchObject({
      code: 'FFMPEG_FAILED',
      message: expect.stringContaining('frames in place of 10'),
    });
  });
});

describe('packets', () => {
  const lines = (...list: string[]) => `${list.join('\n')}\n`;
  it('tell frames in the order of showing, without those that an edit list hides', () => {
    expect(parsePackets(lines('0,-2,KD', '4,-1,__', '2,0,__', '6,1,K_'))).toEqual({
      frames: [2, 4, 6],
      keys: [0, 6],
    });
  });
  it.each([
    ['no time', lines('0,0,K_', 'N/A,1,__')],
    ['a repeated time', lines('0,0,K_', '0,1,__')],
    ['a clock that jumps back', lines('0,0,K_', '5,5,__', '1,1,__')],
    ['damage', lines('0,0,K_', '1,1,_C')],
    ['a beginning that is no key frame', lines('0,0,__', '1,1,K_')],
    ['nothing at all', ''],
  ])('do not tell enough: %s', (_, text) => {
    expect(parsePackets(text)).toBeUndefined();
  });
});
