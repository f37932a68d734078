import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CutRequest, cutClip } from '../../../src/media/cut/cut-clip.ts';
import { makeNumbered } from '../../fixtures/live/numbered.ts';
import {
  EPOCH,
  HEIGHT,
  loudness,
  packetsOf,
  type Recording,
  readClip,
  record,
  TICKS,
  WIDTH,
} from './cut-recordings.ts';
import { never, PATHS } from './numbered.ts';

/** Sound of clips. The recordings have a tone for the first 200 ms of every second. */

const FPS = 25;
let folder: string;
const recordings = new Map<string, Recording>();
const run = promisify(execFile);

const CODECS = {
  'AAC, stereo': { rate: 48_000, container: 'mp4', coding: ['-c:a', 'aac', '-ac', '2'] },
  'G.711': { rate: 8000, container: 'mkv', coding: ['-c:a', 'pcm_mulaw'] },
  Opus: { rate: 48_000, container: 'mkv', coding: ['-c:a', 'libopus'] },
};
const names = Object.keys(CODECS) as (keyof typeof CODECS)[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-cut-'));
  const clip = join(folder, 'silent.mp4');
  const size = { width: WIDTH, height: HEIGHT };
  await makeNumbered(clip, { ...size, fps: FPS, codec: 'h264', gop: 20, seconds: 6 });
  for (const name of names) {
    const { rate, container, coding } = CODECS[name];
    const path = join(folder, `${rate}-${coding[1]}.${container}`);
    const tone = `aevalsrc='0.5*sin(880*2*PI*t)*lt(mod(t,1),0.2)':s=${rate}:d=6`;
    const inputs = ['-i', clip, '-f', 'lavfi', '-i', tone, '-map', '0:v', '-map', '1:a'];
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...inputs, '-c:v', 'copy', ...coding, path]);
    recordings.set(name, await record(path, join(folder, name), { seconds: 1.5 }));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function cut(name: string, request: Partial<CutRequest>) {
  const output = join(folder, 'clip.mp4');
  const { segments } = recordings.get(name)!;
  const about = { segments, from: EPOCH, to: EPOCH, output, tolerance: 0, audio: true, gapSeconds: 1 };
  return { output, made: await cutClip({ ...about, ...request }, { paths: PATHS }, never) };
}

const STEP = 0.02;
/** Seconds at which tones begin. */
async function tones(path: string): Promise<number[]> {
  const loud = (await loudness(path, STEP)).map((one) => one > 0.1);
  return loud.flatMap((one, i) => (one && !loud[i - 1] ? [i * STEP] : []));
}

function expectNear(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  for (const [i, one] of wanted.entries()) expect(Math.abs(found[i]! - one)).toBeLessThan(1 / FPS);
}

const streams = async (path: string): Promise<string[]> => {
  const entries = ['-show_entries', 'stream=codec_name', '-of', 'csv=p=0'];
  return (await run('ffprobe', ['-v', 'error', ...entries, path])).stdout.trim().split('\n');
};

it.each(names)('stays with its pictures: %s', async (name) => {
  const { output } = await cut(name, { from: EPOCH + 0.68 * TICKS, to: EPOCH + 4.8 * TICKS });
  expectNear(await tones(output), [0.32, 1.32, 2.32, 3.32]);
  expect(await streams(output)).toEqual(['h264', 'aac']);
  const length = (await loudness(output, STEP)).length * STEP;
  expect(Math.abs(length - 4.12)).toBeLessThan(0.15);
});

it.each(names)('is silent in gaps, and stays with its pictures behind them: %s', async (name) => {
  const { segments } = recordings.get(name)!;
  const request = { from: EPOCH + 0.68 * TICKS, to: EPOCH + 4.88 * TICKS };
  const { output, made } = await cut(name, { ...request, segments: segments.filter((_, i) => i !== 1) });
  // From 1.6 to 3.2 s there is nothing, for which one second is shown.
  expect(made.gaps).toMatchObject([{ at: 0.92, shown: 1 }]);
  expectNear(await tones(output), [0.32, 1.92 + 0.8]);
});

it('is left out where it is not wanted', async () => {
  const { output } = await cut('AAC, stereo', { audio: false, from: EPOCH, to: EPOCH + TICKS });
  expect(await streams(output)).toEqual(['h264']);
});

it('is taken over as it is where it has no holes', async () => {
  const { output } = await cut('AAC, stereo', { from: EPOCH + 0.68 * TICKS, to: EPOCH + 4.8 * TICKS });
  const recorded = new Set<string>();
  const { segments } = recordings.get('AAC, stereo')!;
  for (const { path } of segments)
    for (const one of await packetsOf(path, folder, '0:a:0')) recorded.add(one);
  const taken = await packetsOf(output, folder, '0:a:0');
  expect(taken.length).toBeGreaterThan(180);
  expect(taken.filter((one) => !recorded.has(one))).toEqual([]);
  expect(await readClip(output)).toHaveLength(103);
});
