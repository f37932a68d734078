import { readdir, symlink, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { pts } from '../../../src/core/time.ts';
import { outputSize, type WriteOptions } from '../../../src/media/argv.ts';
import { decode } from '../../../src/media/decode.ts';
import { checkEncoding, openIndexVideo, openOverlay, type PictureSink } from '../../../src/media/encode.ts';
import { pictureBytes } from '../../../src/media/nut.ts';
import { checkOutput, containerOf } from '../../../src/media/output.ts';
import { probe } from '../../../src/media/probe.ts';
import { usable } from '../../fixtures/media.ts';
import {
  ffmpegsWith,
  frameTimes,
  longClip,
  never,
  numberedClip,
  PATHS,
  paintNumber,
  reading,
  scratch,
  writing,
} from './numbered.ts';

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const PAINT = { layout: 'yuva420p', width: 32, height: 24 } as const;
const CLEAR = new Uint8Array(pictureBytes('yuva420p', 32, 24));

const open = (path: string, options: WriteOptions, signal = never): PictureSink =>
  openOverlay(path, options, PAINT, { paths: PATHS }, signal);

/** Lays clear pictures over all of a clip, so that nothing of it should change. */
async function copyOf(options: WriteOptions, path: string): Promise<void> {
  await using sink = open(path, options);
  const deps = { paths: PATHS, warn: () => {} };
  for await (const { pts } of decode(options, { width: 32, height: 24 }, deps, never)) {
    await sink.write(pts, CLEAR);
  }
  await sink.finish();
}

/** How alike two videos look, in dB, at a quarter of their size, where colour at half the resolution costs nothing. */
async function likeness(source: string, result: string): Promise<number> {
  const { width, height } = (await probe(result, PATHS, never)).video;
  const small = 'scale=iw/4:ih/4:flags=area+accurate_rnd+full_chroma_int,format=gbrp,setpts=N';
  const graph = `[0:v:0]pad=${width}:${height},${small}[a];[1:v]${small}[b];[a][b]psnr`;
  const inputs = ['-i', `file:${source}`, '-i', `file:${result}`];
  const args = [...inputs, '-filter_complex', graph, '-fps_mode', 'passthrough', '-f', 'null', '-'];
  const { stderr } = await execa('ffmpeg', ['-hide_banner', ...args]);
  return Number(/average:(\S+)/.exec(stderr)?.[1].replace('inf', 'Infinity'));
}

describe('a clip under clear pictures', () => {
  it.each([
    'plain',
    'turned by 90 degrees',
    'turned by 180 degrees',
    'turned and mirrored',
    'pixels twice as wide',
    'odd width and height',
    'full range',
    'ten bits',
    'colour at full resolution',
    'RGB without loss',
    'gray alone',
  ] as const)('looks as before: %s', async (what) => {
    await using folder = await scratch();
    const input = await usable[what](folder.path);
    const options = {
      ...writing(await reading(input)),
      settings: { encoder: undefined, crf: 8, preset: 'ultrafast' },
    };
    await copyOf(options, folder.file('result.mp4'));
    const before = options.probe.video;
    const after = (await probe(folder.file('result.mp4'), PATHS, never)).video;
    expect({ width: after.width, height: after.height }).toEqual(outputSize(before));
    expect(after).toMatchObject({ rotation: 0, bitDepth: 8, sampleAspectRatio: before.sampleAspectRatio });
    expect(after.pixelFormat).toMatch(/^yuvj?420p$/);
    if (before.colorRange === 'pc' && what !== 'RGB without loss') expect(after.colorRange).toBe('pc');
    // A wrong matrix, range or turn costs far more than an encoder.
    expect(await likeness(input, folder.file('result.mp4'))).toBeGreaterThan(40);
  });

  it('keeps chapters, title and every sound as it was', async () => {
    await using folder = await scratch();
    const notes = ';FFMETADATA1\ntitle=Street\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=200\ntitle=One\n';
    await writeFile(folder.file('notes'), notes);
    const tones = ['sine=440:duration=0.8', 'sine=880:duration=0.8'].flatMap((tone) => [
      '-f',
      'lavfi',
      '-i',
      tone,
    ]);
    const maps = ['-map', '0', '-map', '1', '-map', '2', '-map_metadata', '3', '-c:a', 'aac'];
    const input = await numberedClip(folder.file('a.mp4'), 20, [
      ...tones,
      ...['-i', folder.file('notes')],
      ...maps,
      ...X264,
    ]);
    await copyOf(writing(await reading(input)), folder.file('result.mp4'));

    const after = await probe(folder.file('result.mp4'), PATHS, never);
    expect(after.chapters).toBe(1);
    expect(after.audio).toHaveLength(2);
    const hashes = async (path: string) => {
      const args = ['-i', path, '-map', '0:a', '-c', 'copy', '-f', 'streamhash', '-'];
      const { stdout } = await execa('ffmpeg', ['-v', 'error', ...args]);
      return stdout.replace(/^\d+/gm, '');
    };
    expect(await hashes(folder.file('result.mp4'))).toBe(await hashes(input));
    const { stdout } = await execa('ffprobe', ['-v', 'error', '-show_format', folder.file('result.mp4')]);
    expect(stdout).toContain('TAG:title=Street');
  });
});

describe('an index video', () => {
  it('gives back every value and every time', async () => {
    await using folder = await scratch();
    const [width, height] = [20, 13];
    const format = { width, height, timeBase: { num: 1, den: 1000 } };
    const times = [40, 80, 81, 500, 7000];
    await using sink = openIndexVideo(folder.file('index.mkv'), format, 5, { paths: PATHS }, never);
    const picture = (i: number) => Uint8Array.from({ length: width * height }, (_, k) => (k + i * 31) % 256);
    for (const [i, time] of times.entries()) await sink.write(pts(time), picture(i));
    expect(await sink.finish()).toEqual({ frames: 5 });

    expect(await frameTimes(folder.file('index.mkv'))).toEqual(times.map((time) => time / 1000));
    const args = ['-i', folder.file('index.mkv'), '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'];
    const { stdout } = await execa('ffmpeg', ['-v', 'error', ...args], { encoding: 'buffer' });
    expect(Buffer.from(stdout)).toEqual(Buffer.concat(times.map((_, i) => picture(i))));
  });
});

describe('a result', () => {
  const started = async (path: string, options: WriteOptions, signal = never) => {
    const sink = open(path, options, signal);
    await sink.write(pts(0), CLEAR);
    await expect.poll(() => ffmpegsWith(path.replace(/[^/]*$/, ''))).toHaveLength(1);
    return sink;
  };

  it('has its name only when it is whole', async () => {
    await using folder = await scratch();
    const options = writing(await reading(await numberedClip(folder.file('a.mp4'), 5, X264)));
    await using sink = open(folder.file('b.mp4'), options);
    for (let i = 0; i < 5; i++) {
      await sink.write(pts(i * 512), CLEAR);
      expect(await readdir(folder.path)).not.toContain('b.mp4');
    }
    await sink.finish();
    expect((await readdir(folder.path)).sort()).toEqual(['a.mp4', 'b.mp4']);
  });

  it('that is given up leaves neither file nor process', async () => {
    await using folder = await scratch();
    const options = writing(await reading(await longClip(folder.file('a.mp4'))));
    const sink = await started(folder.file('b.mp4'), options);
    await sink[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
    expect(await readdir(folder.path)).toEqual(['a.mp4']);
    expect(await ffmpegsWith(folder.path)).toEqual([]);
  });

  it('that is aborted is given up within two seconds', async () => {
    await using folder = await scratch();
    const options = writing(await reading(await longClip(folder.file('a.mp4'))));
    const abort = new AbortController();
    const sink = await started(folder.file('b.mp4'), options, abort.signal);
    const begin = performance.now();
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(sink.write(pts(512), CLEAR)).rejects.toBe(reason);
    await expect(sink.finish()).rejects.toBe(reason);
    await sink[Symbol.asyncDispose]();
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(await readdir(folder.path)).toEqual(['a.mp4']);
    expect(await ffmpegsWith(folder.path)).toEqual([]);
  });

  it('whose ffmpeg is killed fails at once, also while it waits for room', async () => {
    await using folder = await scratch();
    const options = writing(await reading(await longClip(folder.file('a.mp4'))));
    await using sink = await started(folder.file('b.mp4'), options);
    const writeAll = async () => {
      for (let i = 1; i < 400; i++) await sink.write(pts(i * 512), CLEAR);
      await sink.finish();
    };
    const [pid] = await ffmpegsWith(folder.path);
    process.kill(pid, 'SIGSTOP');
    const all = writeAll();
    setTimeout(() => process.kill(pid, 'SIGKILL'), 100);
    await expect(all).rejects.toMatchObject({
      code: 'FFMPEG_FAILED',
      message: expect.stringContaining('SIGKILL'),
    });
    await sink[Symbol.asyncDispose]();
    expect(await readdir(folder.path)).toEqual(['a.mp4']);
  });

  it('that ends before its source has as many frames as were painted, and all of its sound', async () => {
    await using folder = await scratch();
    const options = writing(await reading(await numberedClip(folder.file('a.mp4'), 50, X264)));
    await using sink = open(folder.file('b.mp4'), options);
    for (let i = 0; i < 20; i++) await sink.write(pts(i * 512), CLEAR);
    expect(await sink.finish()).toEqual({ frames: 20 });
    expect(await frameTimes(folder.file('b.mp4'))).toHaveLength(20);
  });

  it('takes no picture of another size', async () => {
    await using folder = await scratch();
    const options = writing(await reading(await numberedClip(folder.file('a.mp4'), 5, X264)));
    await using sink = open(folder.file('b.mp4'), options);
    await expect(sink.write(pts(0), paintNumber(0, 16, 16))).rejects.toThrow(RangeError);
  });
});

describe('before any work', () => {
  it('an encoder that is not there is found out, with those that are', async () => {
    await using folder = await scratch();
    const options = writing(await reading(await numberedClip(folder.file('a.mp4'), 5, X264)));
    const settings = { ...options.settings, encoder: 'h264_magic' };
    await expect(checkEncoding({ ...options, settings }, { paths: PATHS }, never)).rejects.toMatchObject({
      code: 'ENCODER_MISSING',
      message: expect.stringContaining('libx264'),
    });
  });

  it.each([
    ['sound as PCM', 'AUDIO_ENCODED'],
    ['a first frame at ten seconds', 'LATE_START'],
    ['interlaced, top field first', 'INTERLACED'],
    ['two pictures, the second larger, and two sounds', 'STREAMS_LEFT_OUT'],
  ] as const)('%s is told of as %s', async (what, code) => {
    await using folder = await scratch();
    const options = writing(await reading(await usable[what](folder.path)));
    const warnings = await checkEncoding(options, { paths: PATHS }, never);
    expect(warnings.map((warning) => warning.code)).toContain(code);
  });

  it('an ordinary clip needs no word', async () => {
    await using folder = await scratch();
    const options = writing(await reading(await usable.plain(folder.path)));
    expect(await checkEncoding(options, { paths: PATHS }, never)).toEqual([]);
  });

  it('an output is refused that is the input, also by another name', async () => {
    await using folder = await scratch();
    await writeFile(folder.file('in.mp4'), 'x');
    await symlink(folder.file('in.mp4'), folder.file('link.mp4'));
    for (const output of [
      'in.mp4',
      'link.mp4',
      '../'.concat(folder.path.split('/').at(-1) ?? '', '/in.mp4'),
    ]) {
      const check = checkOutput(folder.file(output), [folder.file('in.mp4')], true);
      await expect(check).rejects.toMatchObject({ code: 'OUTPUT_IS_INPUT' });
    }
  });

  it('an output is refused that exists, unless forced; that is a folder; that has no folder', async () => {
    await using folder = await scratch();
    await writeFile(folder.file('there.mp4'), 'x');
    const check = (name: string, force = false) => checkOutput(folder.file(name), [], force);
    await expect(check('there.mp4')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(check('there.mp4', true)).resolves.toBeUndefined();
    await expect(check('nowhere/out.mp4')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    await expect(check('.', true)).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    await expect(check('new.mp4')).resolves.toBeUndefined();
  });

  it('an extension without a meaning is refused', () => {
    expect(containerOf('/a/b.MKV')).toBe('matroska');
    expect(() => containerOf('/a/b.avi')).toThrow(/\.mp4/);
    expect(() => containerOf('/a/mp4')).toThrow(/extension/);
  });
});
