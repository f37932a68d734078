import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAnalysis } from '../../../src/analysis/file/reader.ts';
import { createAnalysisWriter } from '../../../src/analysis/file/writer.ts';
import { createVocabulary } from '../../../src/analysis/vocabulary.ts';
import { settingsOf } from '../../../src/cli/options.ts';
import { projectFolder } from '../../../src/config/folders.ts';
import type { Frame } from '../../../src/core/frame.ts';
import { pts } from '../../../src/core/time.ts';
import { decode } from '../../../src/media/decode.ts';
import { headerOf } from '../../../src/pipeline/analysis-file.ts';
import { windowSize } from '../../../src/pipeline/cluster.ts';
import { nameSteadily } from '../../../src/pipeline/name.ts';
import { analysePart, joinParts, type Part, planParts } from '../../../src/pipeline/parts.ts';
import { associated, openSource, regionsOf, seenSize } from '../../../src/pipeline/see.ts';
import { createStopwatch } from '../../../src/pipeline/stopwatch.ts';
import { type ReadyModel, readyModel } from '../../../src/ready-model.ts';
import { buildClassifier } from '../../../src/rsan/classifier.ts';

const { signal } = new AbortController();
const PATHS = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const INPUT = join(projectFolder, 'test/fixtures/toytown/drive.mp4');
const request = { input: INPUT, shortSide: 128, every: 1, span: {}, deinterlace: false };

let folder: string;
let ready: ReadyModel;
let frames: Frame[];
let header: Awaited<ReturnType<typeof headerOf>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-parts-'));
  ready = await readyModel(await settingsOf({}), () => {});
  const { model, pack } = ready;
  const source = await openSource(request, PATHS, signal);
  const size = seenSize(source.probe, request, pack.manifest);
  header = await headerOf(
    request,
    source,
    { model, pack: pack.manifest, identity: 'x', program: 'test' },
    'online',
  );
  frames = [];
  for await (const frame of decode(source.reading, size, { paths: PATHS, warn: () => {} }, signal))
    frames.push(frame);
  // A picture that stands still, as in a recording of a screen: across where parts may meet, too.
  const still = (frame: Frame, i: number) => (i > 60 && i < 84 ? frames[60].data : frame.data);
  frames = frames.map((frame, i) => ({ ...frame, data: still(frame, i) }));
});
afterAll(async () => {
  await ready[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Copies, for the model takes what it is given. */
async function* slice(first: number, end: number): AsyncGenerator<Frame> {
  for (const frame of frames.slice(first, end)) yield { ...frame, data: frame.data.slice() };
}

type Kind = 'online' | 'clustered';

/** As `analyse` does it. */
async function whole(association: Kind, every: number): Promise<string> {
  const path = join(folder, `whole-${association}-${every}`);
  const watch = createStopwatch(['decode', 'analyse', 'associate']);
  const regions = regionsOf(slice(0, frames.length), { every, association }, ready.model, watch, signal);
  const counts = { decoded: 0, tracks: 0 };
  await using writer = await createAnalysisWriter(path, { ...header, association });
  for await (const frame of associated(regions, association, header.time_base, counts, watch))
    await writer.add(frame);
  await writer.finish();
  return path;
}

function plan(association: Kind, every: number, count: number): Part[] {
  const { width, height } = header.preprocessing.input;
  const window = windowSize(ready.model.architecture, width, height);
  return planParts(frames.length, count, { every, association }, window);
}

async function parted(association: Kind, every: number, count: number): Promise<string> {
  const paths: string[] = [];
  // The last first, the others shuffled.
  const order = plan(association, every, count).map((part, i) => ({ part, key: (i * 7 + 3) % 13 }));
  for (const { part } of order.sort((a, b) => b.key - a.key)) {
    const path = join(folder, `part-${association}-${every}-${count}-${part.from}`);
    const given = slice(part.first, part.end);
    await analysePart(path, part, given, header, { every, association }, ready.model, signal);
    paths.push(path);
  }
  const path = join(folder, `joined-${association}-${every}-${count}`);
  await joinParts(path, paths, association, signal);
  return path;
}

/** Names and ids of all points of all frames. */
async function labelled(path: string): Promise<Buffer> {
  const { model, pack } = ready;
  const vocabulary = createVocabulary([['car'], ['road'], ['tree']], { expand: 'none' });
  const words = { model, tokenizer: pack.tokenizer, prompts: pack.manifest.prompts, cache: undefined };
  const classifier = await buildClassifier(vocabulary, words);
  await using file = await openAnalysis(path);
  const bytes: Buffer[] = [];
  for await (const { naming } of nameSteadily(file.analysed(), classifier, vocabulary, header.time_base)) {
    if (naming.kind !== 'points') continue;
    bytes.push(Buffer.from(naming.labels.buffer), Buffer.from(naming.pieces.buffer));
    bytes.push(Buffer.from(JSON.stringify(naming.segments)));
  }
  return Buffer.concat(bytes);
}

describe.each([
  ['online', 1, [2, 13]],
  ['online', 3, [5]],
  ['clustered', 1, [2, 5]],
] as const)('%s, every frame of %i', (association, every, counts) => {
  it('gives the same tracks, seeds, names and ids in one piece and in parts, analysed in any order', async () => {
    const one = await whole(association, every);
    const names = await labelled(one);
    expect(names.length).toBeGreaterThan(frames.length * 1000);
    for (const count of counts) {
      const joined = await parted(association, every, count);
      expect(readFileSync(joined).equals(readFileSync(one)), `${count} parts`).toBe(true);
      expect((await labelled(joined)).equals(names), `${count} parts`).toBe(true);
    }
  });
});

it('plans parts that cover every frame once', () => {
  for (const association of ['online', 'clustered'] as const) {
    for (const every of [1, 2, 5]) {
      for (const length of [1, 11, 12, 13, 36, 48, 49, 144, 1000]) {
        for (const count of [1, 2, 3, 7, 50]) {
          const window = { frames: 48, overlap: 12 };
          const parts = planParts(length, count, { every, association }, window);
          expect(parts[0]).toMatchObject({ from: 0, first: 0 });
          expect(parts.at(-1)).toMatchObject({ to: length, end: length });
          for (const [i, { from, to, first, end }] of parts.entries()) {
            expect(from < to && first <= from && to <= end).toBe(true);
            expect(first % every).toBe(0);
            if (association === 'clustered') expect(first % 36).toBe(0);
            if (i > 0) expect(from).toBe(parts[i - 1].to);
          }
        }
      }
    }
  }
});

it('refuses parts that are not those of one video, of which one is missing, or that were cut off', async () => {
  const paths: string[] = [];
  for (const part of plan('online', 1, 3).map((one) => ({ ...one, to: one.from + 4, end: one.first + 4 }))) {
    const path = join(folder, `short-${part.from}`);
    const given = slice(part.first, part.end);
    await analysePart(path, part, given, header, { every: 1, association: 'online' }, ready.model, signal);
    paths.push(path);
  }
  const out = join(folder, 'never');
  await expect(joinParts(out, paths, 'online', signal)).rejects.toThrow(
    /frame 4 is missing: before frame 48/,
  );
  const other = join(folder, 'other');
  const strange = { ...header, model: { ...header.model, sum: 'y' } };
  const part = { from: 4, to: 6, first: 4, end: 6 };
  await analysePart(
    other,
    part,
    slice(4, 6),
    strange,
    { every: 1, association: 'online' },
    ready.model,
    signal,
  );
  await expect(joinParts(out, [paths[0], other], 'online', signal)).rejects.toThrow(/its model is not that/);
  await expect(joinParts(out, [paths[0], join(folder, 'absent')], 'online', signal)).rejects.toMatchObject({
    code: 'INPUT_NOT_FOUND',
  });
});

it('counts windows as long as memory allows, whatever the machine', () => {
  const { architecture } = ready.model;
  expect(windowSize(architecture, 672, 384)).toEqual({ frames: 48, overlap: 12 });
  const large = windowSize(architecture, 8000, 6000);
  expect(large.frames).toBeLessThan(48);
  expect(large.frames % 4).toBe(0);
  expect(large.overlap % 2 === 0 || Number.isInteger(large.overlap)).toBe(true);
  expect(pts(0)).toBe(0);
});
