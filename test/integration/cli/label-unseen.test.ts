import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAnalysis } from '../../../src/analysis/file/reader.ts';
import { createAnalysisWriter } from '../../../src/analysis/file/writer.ts';
import { unseenFrame } from '../../../src/core/frame.ts';
import { pictures } from '../../fixtures/look.ts';
import { sidestream as run } from './command.ts';

/** A clip of a camera, of which the model did not see all: the analysis has an entry for each picture all the same. */

const DRIVE = 'test/fixtures/toytown/drive.mp4';
const FRAMES = 24;
const isSeen = (index: number) => index >= 6 && (index < 12 || index > 15);

let folder: string;
const at = (name: string) => join(folder, name);
const done = async (...args: string[]) => {
  const environment = { XDG_CACHE_HOME: folder, SIDESTREAM_MODEL__SHORT_SIDE: '128' };
  const { status, stderr } = await run([...args, '--quiet'], environment);
  expect([status, stderr]).toEqual([0, expect.not.stringMatching(/^error/m)]);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-unseen-'));
  await done('analyse', DRIVE, '-o', at('whole.analysis'), '--duration', '1');
  await using whole = await openAnalysis(at('whole.analysis'));
  const { header } = whole;
  const writer = await createAnalysisWriter(at('clip.analysis'), { ...header, live: true });
  const unseen = unseenFrame(header.lattice);
  for await (const frame of whole.analysed())
    await writer.add(isSeen(frame.index) ? frame : { ...frame, ...unseen, analysed: false });
  await writer.finish();
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

it('shows nothing where nothing was seen, and every picture', async () => {
  const words = ['--vocabulary', 'road, car', '--expand', 'none'];
  const video = ['--video', DRIVE, '-o', at('named.mp4'), '--duration', '1'];
  const results = ['--masks', at('masks.json'), '--mask-video', at('masks.mkv'), '--panoptic', at('p.pan')];
  await done('label', at('clip.analysis'), ...video, ...results, ...words);
  expect(pictures(at('named.mp4'))).toHaveLength(FRAMES);
  const { videos, categories, annotations } = JSON.parse(await readFile(at('masks.json'), 'utf8'));
  expect(videos[0].length).toBe(FRAMES);
  expect(categories.map(({ name }: { name: string }) => name)).toEqual(['road', 'car']);
  const shown = Array.from({ length: FRAMES }, (_, frame) =>
    annotations.some(({ segmentations }: { segmentations: unknown[] }) => segmentations[frame] !== null),
  );
  expect(shown).toEqual(shown.map((_, frame) => isSeen(frame)));
});
