import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { decode, type Warning } from '../../../src/media/decode.ts';
import { usable } from '../../fixtures/media.ts';
import { ffmpegsWith, longClip, never, numberedClip, PATHS, reading, scratch } from './numbered.ts';

const SIZE = { width: 32, height: 24 };
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const quiet = { paths: PATHS, warn: () => {} };

describe('decoding', () => {
  it('counts frames from 0 and gives each memory of its own', async () => {
    await using folder = await scratch();
    const options = await reading(await numberedClip(folder.file('a.mp4'), 10, X264));
    const frames = [];
    for await (const frame of decode(options, SIZE, quiet, never)) frames.push(frame);
    expect(frames.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(frames.map(({ data }) => data.buffer)).size).toBe(10);
    for (const { data } of frames) expect(data.buffer.byteLength).toBe(32 * 24 * 3);
  });

  it('tells of damage once, with a count, and goes on', async () => {
    await using folder = await scratch();
    const options = await reading(await usable['damage in the middle'](folder.path));
    const warnings: Warning[] = [];
    let frames = 0;
    const deps = { paths: PATHS, warn: (warning: Warning) => warnings.push(warning) };
    for await (const _ of decode(options, SIZE, deps, never)) frames++;
    expect(frames).toBeGreaterThan(10);
    expect(warnings).toEqual([expect.objectContaining({ code: 'INPUT_DAMAGED' })]);
    expect(warnings[0].count).toBeGreaterThan(0);
  });

  it('says that a part behind the end has no frames', async () => {
    await using folder = await scratch();
    const options = await reading(await numberedClip(folder.file('a.mp4'), 10, X264), { start: 60 });
    const first = decode(options, SIZE, quiet, never).next();
    await expect(first).rejects.toMatchObject({ code: 'INPUT_NO_FRAMES' });
  });
});

describe('ending early', () => {
  it('by leaving the loop ends ffmpeg before going on', async () => {
    await using folder = await scratch();
    const input = await longClip(folder.file('long.mp4'));
    for await (const _ of decode(await reading(input), { width: 640, height: 480 }, quiet, never)) break;
    expect(await ffmpegsWith(folder.path)).toEqual([]);
  });

  it('by aborting ends ffmpeg within two seconds, with the reason', async () => {
    await using folder = await scratch();
    const input = await longClip(folder.file('long.mp4'));
    const abort = new AbortController();
    const reason = new Error('enough');
    const frames = decode(await reading(input), { width: 640, height: 480 }, quiet, abort.signal);
    await frames.next();
    const begin = performance.now();
    abort.abort(reason);
    const rest = async () => {
      for await (const _ of frames);
    };
    await expect(rest()).rejects.toBe(reason);
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(await ffmpegsWith(folder.path)).toEqual([]);
  });

  it('by a signal from elsewhere is a failure of ffmpeg, not of the input', async () => {
    await using folder = await scratch();
    const input = await longClip(folder.file('long.mp4'));
    const frames = decode(await reading(input), { width: 640, height: 480 }, quiet, never);
    await frames.next();
    const [pid, ...others] = await ffmpegsWith(folder.path);
    expect(others).toEqual([]);
    process.kill(pid, 'SIGKILL');
    const rest = async () => {
      for await (const _ of frames);
    };
    await expect(rest()).rejects.toMatchObject({
      code: 'FFMPEG_FAILED',
      message: expect.stringContaining('SIGKILL'),
    });
  });

  it('before it began starts nothing', async () => {
    await using folder = await scratch();
    const options = await reading(await numberedClip(folder.file('a.mp4'), 5, X264));
    const reason = new Error('never mind');
    const first = decode(options, SIZE, quiet, AbortSignal.abort(reason)).next();
    await expect(first).rejects.toBe(reason);
    expect(await ffmpegsWith(folder.path)).toEqual([]);
  });
});

describe('what is waiting', () => {
  it('is bounded: ffmpeg stands still while nobody takes frames', async () => {
    await using folder = await scratch();
    const input = await longClip(folder.file('long.mp4'));
    const size = { width: 640, height: 480 };
    const bytes = size.width * size.height * 3;
    const frames = decode(await reading(input), size, quiet, never);
    await frames.next();
    const before = process.memoryUsage().arrayBuffers;
    await sleep(700);
    // Without bounds the 1,500 frames, 1.4 GB, would be here by now.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * bytes);
    expect(await ffmpegsWith(folder.path)).toHaveLength(1);
    await frames.return(undefined);
    expect(await ffmpegsWith(folder.path)).toEqual([]);
  });
});

describe('without ffmpeg', () => {
  it('says what to install', async () => {
    await using folder = await scratch();
    const options = await reading(await numberedClip(folder.file('a.mp4'), 5, X264));
    const missing = { ffmpeg: folder.file('no-ffmpeg'), ffprobe: 'ffprobe' };
    const first = decode(options, SIZE, { ...quiet, paths: missing }, never).next();
    await expect(first).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
      message: expect.stringContaining('install ffmpeg'),
    });
  });

  it('that can be run, the system’s reason is told', async () => {
    await using folder = await scratch();
    const options = await reading(await numberedClip(folder.file('a.mp4'), 5, X264));
    await writeFile(folder.file('ffmpeg'), 'no program', { mode: 0o644 });
    const broken = { ffmpeg: folder.file('ffmpeg'), ffprobe: 'ffprobe' };
    const first = decode(options, SIZE, { ...quiet, paths: broken }, never).next();
    await expect(first).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
  });
});
