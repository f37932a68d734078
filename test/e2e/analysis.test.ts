import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repeatAnalysis } from '../../bench/repeat.ts';
import { decodeCounts, iouOf } from '../../src/core/mask.ts';
import { type Ended, sidestream as run } from '../integration/cli/command.ts';

/** Words for old video: analyse once, then label and search as often as one likes. */

const TOWN = 'test/fixtures/toytown';
const DRIVE = join(TOWN, 'drive.mp4');
const STREET = 'sky,building,pole,road,pavement,tree,traffic sign,fence,car,pedestrian,cyclist,grass';

let folder: string;
let drive: string;
const at = (name: string) => join(folder, name);
/** Small pictures: what is compared is the same, and takes half the time. */
const sidestream = (...args: string[]) =>
  run(args, { XDG_CACHE_HOME: folder, SIDESTREAM_MODEL__SHORT_SIDE: '256' });
const ok = async (...args: string[]): Promise<Ended> => {
  const ended = await sidestream(...args);
  expect(ended.stderr).not.toMatch(/^error/m);
  expect(ended.status).toBe(0);
  return ended;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-analysis-'));
  drive = at('drive.analysis');
  await ok('analyse', DRIVE, '-o', drive, '--quiet');
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

interface Masks {
  readonly videos: readonly { readonly length: number; readonly pts_s: readonly number[] }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly annotations: readonly {
    readonly category_id: number;
    readonly track_id: number;
    readonly iscrowd: number;
    readonly score: number;
    readonly margin: number;
    readonly segmentations: readonly ({ readonly counts: string } | null)[];
    readonly areas: readonly (number | null)[];
  }[];
}
const masksIn = (name: string): Masks => JSON.parse(readFileSync(at(name), 'utf8'));

/** Ids of objects of a name that are shown large, with their masks. */
function objects({ categories, annotations }: Masks, name: string) {
  const { id } = categories.find((one) => one.name === name)!;
  return annotations.filter(
    ({ category_id, iscrowd, areas }) =>
      category_id === id && iscrowd === 0 && Math.max(...areas.map(Number)) > 0.01 * 640 * 360,
  );
}

describe('label', () => {
  it('gives what segment gives, byte for byte, and no model is run', async () => {
    const words = ['--vocabulary', STREET, '--expand', 'none'];
    await ok('segment', DRIVE, '-o', at('s.mp4'), '--masks', at('s.json'), '--quiet', ...words);
    // A provider that cannot be had would be missed if any graph of the vision half were loaded.
    const made = ['--masks', at('l.json'), '--report', at('report.json')];
    const { stdout } = await ok('label', drive, ...made, '--json', ...words);
    expect(JSON.parse(readFileSync(at('report.json'), 'utf8'))).toEqual(JSON.parse(stdout));
    expect(readFileSync(at('l.json')).equals(readFileSync(at('s.json')))).toBe(true);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ model: 'street-tiny', frames: { labelled: 144 }, warnings: [] });
    expect(told.vocabulary).toHaveLength(12);
  }, 120_000);

  it('loads no graph of the vision half, and none at all for words that are known', async () => {
    const listed = () => spawnSync('find', [folder, '-name', '*.onnx']).stdout.toString().split('\n');
    const cache = at('fresh');
    const words = ['--vocabulary', 'lorry, van', '--expand', 'none', '--masks', at('v.json'), '--force'];
    await run(['label', drive, ...words, '--quiet'], { XDG_CACHE_HOME: cache });
    const graphs = listed().filter((path) => path.startsWith(cache));
    expect(graphs.length).toBeGreaterThan(0);
    for (const path of graphs) expect(path).toMatch(/\/text-/);
  }, 60_000);

  it('never changes ids with words', async () => {
    const sets = {
      plain: ['--vocabulary', STREET, '--expand', 'none'],
      renamed: ['--vocabulary', STREET.replace('car', 'automobile|car'), '--expand', 'none'],
      few: ['--vocabulary', 'car, road'],
      shuffled: ['--vocabulary', STREET.split(',').reverse().join(','), '--expand', 'none'],
    };
    const found: Record<string, ReturnType<typeof objects>> = {};
    const roads: number[] = [];
    for (const [name, words] of Object.entries(sets)) {
      await ok('label', drive, '--masks', at(`${name}.json`), '--quiet', ...words);
      const masks = masksIn(`${name}.json`);
      found[name] = objects(masks, name === 'renamed' ? 'automobile' : 'car');
      const road = masks.categories.find((one) => one.name === 'road')!.id;
      roads.push(...masks.annotations.filter((one) => one.category_id === road).map((one) => one.track_id));
    }
    expect(new Set(roads).size).toBe(1);
    const ids = (name: string) => found[name].map(({ track_id }) => track_id).sort((a, b) => a - b);
    expect(ids('plain').length).toBeGreaterThan(5);
    expect(ids('renamed')).toEqual(ids('plain'));
    expect(ids('shuffled')).toEqual(ids('plain'));
    // Far fewer words take other pixels too: most things are still the same.
    const kept = ids('few').filter((id) => ids('plain').includes(id)).length;
    expect(kept / Math.min(ids('few').length, ids('plain').length)).toBeGreaterThan(0.6);
    for (const { score, margin } of found.plain) {
      expect(score).toBeGreaterThan(margin);
      expect(margin).toBeGreaterThan(0);
    }
  }, 60_000);

  it('paints over the video that was analysed, and refuses another', async () => {
    const words = ['--vocabulary', 'car, pedestrian', '--labels', 'ids', '--color-by', 'track'];
    await ok('label', drive, '--video', DRIVE, '-o', at('named.mp4'), '--quiet', ...words);
    const probe = [
      '-v',
      'error',
      '-select_streams',
      'v:0',
      '-count_frames',
      '-show_entries',
      'stream=nb_read_frames',
    ];
    const counted = spawnSync('ffprobe', [...probe, '-of', 'csv=p=0', at('named.mp4')]).stdout.toString();
    expect(Number(counted)).toBe(144);
    const other = join(TOWN, 'watch.mp4');
    const { status, stderr } = await sidestream('label', drive, '--video', other, '-o', at('no.mp4'));
    expect(status).toBe(65);
    expect(stderr).toMatch(/^error ANALYSIS_INVALID: .*another video/m);
    const none = await sidestream('label', drive);
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('nothing to make')]);
  }, 60_000);

  it('takes a part: the same frames, times and names as in the whole', async () => {
    const words = ['--vocabulary', STREET, '--expand', 'none', '--quiet'];
    const part = ['--start', '4.5', '--duration', '1'];
    await ok('label', drive, '--masks', at('part.json'), ...part, ...words);
    await ok('label', drive, '--masks', at('all.json'), ...words);
    const [some, all] = [masksIn('part.json'), masksIn('all.json')];
    expect(some.videos[0].pts_s).toEqual(all.videos[0].pts_s.filter((time) => time >= 4.5 && time < 5.5));
    expect(some.videos[0].length).toBe(24);
    const stuff = (masks: Masks, name: string) => {
      const { id } = masks.categories.find((one) => one.name === name)!;
      return masks.annotations.find((one) => one.category_id === id)!.segmentations;
    };
    // Names settle within the run-up.
    for (const name of ['road', 'sky', 'tree']) {
      for (const [i, mask] of stuff(all, name).slice(108, 132).entries()) {
        const iou = iouOf(decodeCounts(mask!.counts), decodeCounts(stuff(some, name)[i]!.counts));
        expect(iou, `${name} ${i}`).toBeGreaterThan(0.99);
      }
    }
  }, 60_000);
});

describe('search', () => {
  const search = async (words: string, ...more: string[]) =>
    JSON.parse((await ok('search', drive, words, '--json', ...more)).stdout) as {
      start: number;
      end: number;
      score: number;
      track: number;
    }[];

  it('finds when words are seen, best first, and nothing where they are not', async () => {
    const [road] = await search('road');
    expect(road.score).toBeGreaterThan(0.9);
    expect(road.end - road.start).toBeGreaterThan(5.5);
    expect((await search('car'))[0].score).toBeGreaterThan(0.9);
    // A fence comes into the picture after the first second (frame 14 of the truth).
    const [fence] = await search('fence');
    expect(fence.start).toBeGreaterThan(0.3);
    expect(fence.end).toBeGreaterThan(3);
    expect(await search('elephant')).toEqual([]);
    const spans = await search('pedestrian', '--threshold', '0.1');
    expect(spans.map(({ score }) => score)).toEqual(spans.map(({ score }) => score).sort((a, b) => b - a));
    const ordered = [...spans].sort((a, b) => a.start - b.start);
    for (const [i, span] of ordered.entries())
      if (i > 0) expect(span.start - ordered[i - 1].end).toBeGreaterThanOrEqual(1);
  }, 60_000);

  it('tells people what it found', async () => {
    const { stdout } = await ok('search', drive, drive, 'car|automobile');
    expect(stdout.split('\n')[0]).toMatch(/^file +start +end +score +track +share$/);
    const none = await ok('search', drive, 'elephant');
    expect([none.stdout, none.stderr.trim()]).toEqual(['', 'seen nowhere']);
    expect((await sidestream('search', drive, 'car, road')).status).toBe(2);
    expect((await sidestream('search', drive)).status).toBe(2);
  }, 60_000);
});

describe('an analysis of twenty minutes', () => {
  const MINUTES = 20;
  let long: string;
  let frames: number;
  beforeAll(async () => {
    long = at('long.analysis');
    frames = await repeatAnalysis(drive, long, MINUTES * 60);
  }, 120_000);

  it('is labelled in part, and searched, without reading the rest', async () => {
    const begun = performance.now();
    const part = ['--start', '17:03', '--duration', '2', '--vocabulary', STREET, '--expand', 'none'];
    await ok('label', long, '--masks', at('late.json'), '--quiet', ...part);
    const { length, pts_s } = masksIn('late.json').videos[0];
    expect(length).toBe(48);
    expect(pts_s[0]).toBeGreaterThanOrEqual(1023);
    const found = JSON.parse((await ok('search', long, 'fence', '--json', '--limit', '1000')).stdout);
    expect(found.length).toBeGreaterThan(150);
    // Both together take a few seconds even on a busy machine; reading all of it would take a minute.
    expect(performance.now() - begun).toBeLessThan(30_000);
  }, 60_000);

  it('gives the right answer or a clear error when it is cut, damaged or of a later version', async () => {
    const part = ['--start', '10:00', '--duration', '1', '--vocabulary', 'car', '--force', '--json'];
    const whole = JSON.parse((await ok('label', long, '--masks', at('right.json'), ...part)).stdout);
    expect(whole.frames.labelled).toBe(24);
    const right = readFileSync(at('right.json'));
    const { size } = statSync(long);
    const copy = at('copy.analysis');
    const label = () => sidestream('label', copy, '--masks', at('c.json'), ...part);

    for (const share of [0.93, 0.51]) {
      copyFileSync(long, copy);
      truncateSync(copy, Math.floor(size * share));
      const { status, stdout } = await label();
      expect(status).toBe(0);
      expect(JSON.parse(stdout).warnings).toEqual([expect.objectContaining({ code: 'ANALYSIS_CUT' })]);
      expect(readFileSync(at('c.json')).equals(right)).toBe(true);
    }
    truncateSync(copy, Math.floor(size * 0.2));
    expect(await label()).toMatchObject({
      status: 65,
      stderr: expect.stringMatching(/^error ANALYSIS_INVALID.*no frame/m),
    });

    const bytes = readFileSync(long);
    const flip = (byte: number) => {
      const damaged = Buffer.from(bytes);
      damaged[byte] ^= 0x10;
      writeFileSync(copy, damaged);
    };
    // Elsewhere it is not met; in the middle of what is asked for it is.
    flip(Math.floor(size * 0.9));
    expect((await label()).status).toBe(0);
    expect(readFileSync(at('c.json')).equals(right)).toBe(true);
    flip(Math.floor(size * 0.5003));
    expect(await label()).toMatchObject({
      status: 65,
      stderr: expect.stringMatching(/^error ANALYSIS_INVALID: .*damaged near frame 14\d\d\d$/m),
    });
    expect(frames).toBeGreaterThan(28_000);
  }, 120_000);
});
