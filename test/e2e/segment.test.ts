import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** The program as users run it: built, as a process of its own, on real files. */

const ROOT = new URL('../..', import.meta.url).pathname;
const CLI = join(ROOT, 'dist', 'cli.js');
const TOWN = join(ROOT, 'test', 'fixtures', 'toytown');
const STREET = 'sky,building,pole,road,pavement,tree,traffic sign,fence,car,pedestrian,cyclist,grass';

/** Small pictures, where it does not matter what is seen. */
const SMALL = { SIDESTREAM_MODEL__SHORT_SIDE: '128' };

let folder: string;
/** A clip long enough to be interrupted, in a folder of its own. */
let long: string;
beforeAll(async () => {
  long = join(await mkdtemp(join(tmpdir(), 'sidestream-long-')), 'long.mp4');
  const source = 'testsrc2=size=320x180:rate=30:duration=60';
  ffmpeg('-f', 'lavfi', '-i', source, '-c:v', 'libx264', '-preset', 'ultrafast', long);
});
afterAll(() => rm(dirname(long), { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-e2e-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = SMALL,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, ended };
}

const sidestream = (...args: string[]) => start(args).ended;
/** With pictures as large as the model has them by itself. */
const inFull = (...args: string[]) => start(args, {}).ended;

const ffmpeg = (...args: string[]) => {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args]);
  if (status !== 0) throw new Error(stderr.toString());
};

function frameTimes(file: string): number[] {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0'];
  const { stdout } = spawnSync('ffprobe', [...args, `file:${file}`]);
  return stdout.toString().split('\n').map(Number.parseFloat).filter(Number.isFinite);
}

/** ffmpeg processes that work on files of this test. */
function ffmpegs(): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const command = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
      return command.startsWith('ffmpeg') && [folder, long].some((path) => command.includes(path))
        ? [Number(pid)]
        : [];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

async function until<T>(find: () => T | undefined | false, what: string): Promise<T> {
  for (let i = 0; i < 300; i++) {
    const found = find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}`);
}

describe('segment', () => {
  it('gives video, masks, index video and report, as good as PyTorch does, and steadier by association', {
    timeout: 180_000,
  }, async () => {
    const [out, masks, index, report] = ['out.mp4', 'masks.json', 'index.mkv', 'report.json'].map((name) =>
      join(folder, name),
    );
    const drive = join(TOWN, 'drive.mp4');
    const names = ['--vocabulary', STREET, '--expand', 'none'];
    const score = async () => {
      const scored = await sidestream('eval', masks, '--truth', join(TOWN, 'drive.truth.json.gz'), '--json');
      const { annotations, categories } = JSON.parse(readFileSync(masks, 'utf8'));
      const ids = (name: string): number[] => {
        const category = categories.find((one: { name: string }) => one.name === name).id;
        return annotations
          .filter((one: { category_id: number }) => one.category_id === category)
          .map((one: { track_id: number }) => one.track_id);
      };
      return { ...JSON.parse(scored.stdout), cars: ids('car'), roads: ids('road') };
    };
    const results = ['-o', out, '--masks', masks, '--mask-video', index, '--report', report];
    const exact = ['--precision', 'fp32', '--association', 'none'];
    const { status, stdout, stderr } = await inFull('segment', drive, ...results, ...names, ...exact);
    expect(stderr).toMatch(/144 frames in/);
    expect(stdout.trim()).toBe(out);
    expect(status).toBe(0);
    expect(frameTimes(out)).toEqual(frameTimes(drive));
    expect(frameTimes(index)).toHaveLength(144);

    const told = JSON.parse(readFileSync(report, 'utf8'));
    expect(told.frames).toEqual({ decoded: 144, analysed: 144, emitted: 144, dropped: [] });
    expect(told.output.video.pixelFormat).toBe('yuv420p');
    expect(told.output.audio).toHaveLength(told.input.audio.length);
    const alone = await score();
    // PyTorch's figures for this clip.
    expect(Math.abs(alone.miou - 0.627)).toBeLessThan(0.005);
    expect(Math.abs(alone.accuracy - 0.934)).toBeLessThan(0.005);

    // As it is without options: in 8-bit integers, and regions followed.
    await inFull('segment', drive, '-o', out, '--masks', masks, '--force', ...names);
    const together = await score();
    expect(together.miou).toBeGreaterThan(alone.miou + 0.015);
    expect(together.flicker).toBeLessThan(alone.flicker / 2);
    expect(1 - together.vc16).toBeLessThan(0.7 * (1 - alone.vc16));
    // Cars are told apart, roads are not.
    expect([alone.cars, alone.roads, together.roads].map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(together.cars.length).toBeGreaterThan(5);
    expect(new Set(together.cars).size).toBe(together.cars.length);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops within 2 s of %s and leaves nothing',
    { timeout: 60_000 },
    async (signal) => {
      const results = ['-o', join(folder, 'out.mp4'), '--masks', join(folder, 'm.json')];
      const { child, ended } = start(['segment', long, ...results]);
      await until(() => ffmpegs().length === 2, 'both ffmpegs');
      const asked = Date.now();
      child.kill(signal);
      const { status, stderr } = await ended;
      expect(Date.now() - asked).toBeLessThan(2000);
      expect(status).toBe(130);
      expect(stderr).toMatch(/error INTERRUPTED/);
      expect(ffmpegs()).toEqual([]);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it.each(['decoding', 'encoding'])(
    'says so when the %s ffmpeg is killed half-way',
    { timeout: 60_000 },
    async (which) => {
      const { ended } = start(['segment', long, '-o', join(folder, 'out.mp4')]);
      const victims = await until(() => (ffmpegs().length === 2 ? ffmpegs() : undefined), 'both ffmpegs');
      const encodes = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('overlay');
      await new Promise((resolve) => setTimeout(resolve, 500));
      process.kill(victims.find((pid) => encodes(pid) === (which === 'encoding'))!, 'SIGKILL');
      const { status, stderr } = await ended;
      expect(stderr).toMatch(/error FFMPEG_FAILED: ffmpeg was ended by SIGKILL/);
      expect(status).toBe(70);
      expect(ffmpegs()).toEqual([]);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  const root = process.getuid?.() === 0 && process.platform === 'linux';
  it.skipIf(!root)(
    'says so when the disk is full, and leaves nothing (mounting needs root)',
    { timeout: 60_000 },
    async () => {
      const small = join(folder, 'small');
      spawnSync('mkdir', [small]);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', small]).status !== 0)
        throw new Error('mount failed');
      try {
        const { status, stderr } = await sidestream(
          'segment',
          join(TOWN, 'drive.mp4'),
          '-o',
          join(small, 'out.mp4'),
          '--every',
          '12',
        );
        expect(stderr).toMatch(/error DISK_FULL/);
        expect(status).toBe(69);
        expect(readdirSync(small)).toEqual([]);
      } finally {
        spawnSync('umount', [small]);
      }
    },
  );

  it('takes an input that grows while it is read', { timeout: 60_000 }, async () => {
    const [whole, growing] = [join(folder, 'whole.ts'), join(folder, 'growing.ts')];
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x180:rate=10:duration=12',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      whole,
    );
    const bytes = readFileSync(whole);
    const half = Math.floor(bytes.length / 2 / 188) * 188;
    writeFileSync(growing, bytes.subarray(0, half));
    let at = half;
    const grow = setInterval(() => {
      if (at < bytes.length) appendFileSync(growing, bytes.subarray(at, at + 188 * 20));
      at += 188 * 20;
    }, 50);
    try {
      const { status, stderr } = await sidestream('segment', growing, '-o', join(folder, 'out.mp4'));
      expect(stderr).not.toMatch(/error/);
      expect(status).toBe(0);
      expect(frameTimes(join(folder, 'out.mp4')).length).toBeGreaterThan(60);
    } finally {
      clearInterval(grow);
    }
  });

  it('takes one frame, sound of no length, and 4k', { timeout: 120_000 }, async () => {
    const [one, silent, large] = ['one.mp4', 'silent.mp4', 'large.mp4'].map((name) => join(folder, name));
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=320x180', '-frames:v', '1', one);
    const tone = ['-f', 'lavfi', '-t', '0.02', '-i', 'sine'];
    ffmpeg('-f', 'lavfi', '-t', '1', '-i', 'testsrc2=size=320x180', ...tone, '-c:a', 'aac', silent);
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=3840x2160:rate=5:duration=1', '-preset', 'ultrafast', large);
    for (const [clip, frames] of [
      [one, 1],
      [silent, 25],
      [large, 5],
    ] as const) {
      const out = join(folder, 'out.mp4');
      const { status, stderr } = await sidestream('segment', clip, '-o', out, '--force');
      expect(stderr).not.toMatch(/error/);
      expect(status).toBe(0);
      expect(frameTimes(out)).toHaveLength(frames);
    }
  });

  it('refuses before it works: output that is the input, exists, cannot be written or is of no known kind', async () => {
    const clip = join(folder, 'clip.mp4');
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-frames:v', '2', clip);
    writeFileSync(join(folder, 'there.mp4'), 'precious');
    const refused = async (output: string, ...more: string[]) => {
      const { status, stderr } = await sidestream('segment', clip, '-o', output, ...more);
      expect(
        stderr
          .trim()
          .split('\n')
          .filter((line) => line.startsWith('error')),
      ).toHaveLength(1);
      return `${status} ${/error ([A-Z_]+)/.exec(stderr)?.[1]}`;
    };
    expect(await refused(clip, '--force')).toBe('2 OUTPUT_IS_INPUT');
    expect(await refused(join(folder, 'there.mp4'))).toBe('2 OUTPUT_EXISTS');
    expect(readFileSync(join(folder, 'there.mp4'), 'utf8')).toBe('precious');
    expect(await refused(join(folder, 'absent', 'out.mp4'))).toBe('69 OUTPUT_UNWRITABLE');
    expect(await refused(join(folder, 'out.gif'))).toBe('2 OUTPUT_FORMAT');
    expect(await refused(join(folder, 'out.mp4'), '--vocabulary', 'car, bus|car')).toBe('2 USAGE');
    expect(await refused(join(folder, 'out.mp4'), '--encoder', 'libnope')).toBe('69 ENCODER_MISSING');
    expect(await refused(join(folder, 'out.mp4'), '--model', 'nope')).toBe('69 MODEL_MISSING');
    expect(existsSync(join(folder, 'out.mp4'))).toBe(false);
  });
});
