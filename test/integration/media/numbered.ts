import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ReadOptions, WriteOptions } from '../../../src/media/argv.ts';
import { pictureBytes } from '../../../src/media/nut.ts';
import { probe } from '../../../src/media/probe.ts';

/** Clips whose every frame tells its number by its brightness, and what reads the numbers again. */

export const PATHS = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
export const never = new AbortController().signal;

const [WIDTH, HEIGHT] = [96, 64];
/** Neighbouring frames differ by far more than an encoder does to them. */
const brightness = (frame: number): number => 24 + 16 * ((frame * 5) % 13);

/** A clip of `frames` frames at 25 a second, made with further arguments of ffmpeg. */
export async function numberedClip(path: string, frames: number, args: readonly string[]): Promise<string> {
  const picture = [
    `color=gray:size=${WIDTH}x${HEIGHT}:rate=25:duration=${frames / 25}`,
    "geq=lum='24+16*mod(N*5,13)':cb=128:cr=128",
    'format=yuv420p',
  ].join(',');
  await execa('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, ...args, `file:${path}`]);
  return path;
}

/** A minute of 25 frames a second: more than any test waits for. */
export async function longClip(path: string): Promise<string> {
  const picture = `testsrc2=size=${WIDTH}x${HEIGHT}:rate=25:duration=60`;
  const args = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
  await execa('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, ...args, `file:${path}`]);
  return path;
}

/** The number below 13 that a brightness stands for, or NaN if it is none of them. */
export function numberOf(luma: number): number {
  for (let number = 0; number < 13; number++) if (Math.abs(luma - brightness(number)) < 7) return number;
  return Number.NaN;
}

/** Number and time of every frame of a video, in the left and the right half of the picture. */
export async function readNumbers(
  path: string,
): Promise<{ left: number[]; right: number[]; seconds: number[] }> {
  const raw = [
    '-vf',
    'scale=4:2:flags=area,format=yuv420p',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-',
  ];
  const { stdout } = await execa('ffmpeg', ['-v', 'error', '-i', `file:${path}`, ...raw], {
    encoding: 'buffer',
  });
  const [left, right]: [number[], number[]] = [[], []];
  for (let at = 0; at < stdout.length; at += 12) {
    // Eight bytes of brightness, then four of colour.
    left.push(numberOf(stdout[at]));
    right.push(numberOf(stdout[at + 3]));
  }
  return { left, right, seconds: await frameTimes(path) };
}

/** Presentation times of the frames of the first video stream, in seconds, as ffprobe decodes them. */
export async function frameTimes(path: string): Promise<number[]> {
  const entries = [
    '-select_streams',
    'v:0',
    '-show_entries',
    'frame=pts_time,best_effort_timestamp_time',
    '-of',
    'json',
  ];
  const { stdout } = await execa('ffprobe', ['-v', 'error', ...entries, `file:${path}`]);
  const { frames }: { frames: { pts_time?: string; best_effort_timestamp_time: string }[] } =
    JSON.parse(stdout);
  return frames.map((frame) => Number(frame.pts_time ?? frame.best_effort_timestamp_time));
}

/** An opaque picture in the left half, clear in the right half, as bright as frame `number`. */
export function paintNumber(number: number, width: number, height: number): Uint8Array {
  const picture = new Uint8Array(pictureBytes('yuva420p', width, height)).fill(128);
  const luma = width * height;
  picture.fill(brightness(number), 0, luma);
  for (let y = 0; y < height; y++) {
    const row = picture.length - luma + y * width;
    picture.fill(255, row, row + width / 2).fill(0, row + width / 2, row + width);
  }
  return picture;
}

export async function reading(input: string, span: ReadOptions['span'] = {}): Promise<ReadOptions> {
  return { input, probe: await probe(input, PATHS, never), span, deinterlace: false, ffmpegMajor: 5 };
}

export const writing = (
  options: ReadOptions,
  container: WriteOptions['container'] = 'mp4',
): WriteOptions => ({
  ...options,
  container,
  settings: { encoder: undefined, crf: 23, preset: 'ultrafast' },
});

/** A folder that is gone when the test is over. */
export async function scratch(): Promise<AsyncDisposable & { file(name: string): string; path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sidestream-media-'));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Ids of running ffmpegs that were told of `path`. */
export async function ffmpegsWith(path: string): Promise<number[]> {
  return (await processes())
    .filter(({ command }) => /^(\S*\/)?ffmpeg\s/.test(command) && command.includes(path))
    .map(({ id }) => id);
}

/** All processes that have not ended; one that nobody has waited for has no command left. */
async function processes(): Promise<{ id: number; command: string }[]> {
  if (process.platform === 'linux') {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    return Promise.all(
      ids.map(async (id) => {
        const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''); // It is gone meanwhile.
        return { id, command: line.replaceAll('\0', ' ') };
      }),
    );
  }
  const { stdout } = await execa('ps', ['-A', '-ww', '-o', 'pid=,args=']);
  return stdout.split('\n').map((line) => {
    const [, id, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return { id: Number(id), command: command ?? '' };
  });
}
