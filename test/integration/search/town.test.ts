import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAnalysis } from '../../../src/analysis/file/reader.ts';
import { type Stretch, search } from '../../../src/analysis/search.ts';
import { settingsOf } from '../../../src/cli/options.ts';
import { projectFolder } from '../../../src/config/folders.ts';
import { ptsToSeconds } from '../../../src/core/time.ts';
import { analyseFile } from '../../../src/pipeline/analysis-file.ts';
import { type ReadyModel, readyModel } from '../../../src/ready-model.ts';
import { createSearchIndex, type SearchIndex } from '../../../src/search/index.ts';
import { decodeRuns, encodeRuns } from '../../../src/search/run-list.ts';
import { createRuns, runsOf } from '../../../src/search/runs.ts';
import { queryOf } from './words.ts';

/** A drive of six seconds through the toy town, from its pictures to what is found in it. */

const LIMITS = { threshold: 0.5, share: 0.0005 };
const { signal } = new AbortController();

let folder: string;
let ready: ReadyModel;
let stretches: Stretch[];
let index: SearchIndex;
let identity: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-town-'));
  ready = await readyModel(await settingsOf({}), () => {});
  const { model, pack } = ready;
  identity = pack.identity;
  const output = join(folder, 'drive.analysis');
  await analyseFile(
    {
      input: join(projectFolder, 'test/fixtures/toytown/drive.mp4'),
      shortSide: undefined,
      every: 1,
      span: {},
      deinterlace: false,
      association: 'online',
      output,
      force: false,
    },
    {
      paths: { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' },
      model,
      pack: pack.manifest,
      identity,
      program: 'test',
      progress: () => {},
    },
    signal,
  );
  await using analysis = await openAnalysis(output);
  const { dim } = analysis.header.model;
  const seconds = (at: Parameters<typeof ptsToSeconds>[0]) => ptsToSeconds(at, analysis.header.time_base);
  stretches = [];
  for await (const { tracks, from, to } of analysis.spans())
    stretches.push({ tracks, from: seconds(from), to: seconds(to) });
  index = createSearchIndex(join(folder, 'index.db'));
  const of = { model: { sum: identity, dim }, from: 0, to: 6000 };
  // As it is written beside a video, and read again.
  const runs = await runsOf(analysis, (at) => 1000 * seconds(at));
  const list = decodeRuns(JSON.parse(JSON.stringify(encodeRuns(runs, dim))), 'drive');
  await index.add({ source: 'whole', key: 'drive', ...of, runs: list.runs });
  // As segments of a recording.
  for (let segment = 0; segment < 3; segment++) {
    const [from, to] = [segment * 2000, (segment + 1) * 2000];
    const some = createRuns(dim);
    for (const stretch of stretches)
      if (1000 * stretch.from >= from && 1000 * stretch.from < to)
        some.add(stretch.tracks, 1000 * stretch.from, 1000 * stretch.to);
    await index.add({ source: 'segments', key: `${from}`, ...of, from, to, runs: some.finish() });
  }
}, 120_000);
afterAll(async () => {
  await index.close();
  await ready[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Which groups of frames lie in spans; in seconds. */
const groupsIn = (spans: readonly { readonly start: number; readonly end: number }[]) =>
  stretches.map(({ from, to }) =>
    spans.some(({ start, end }) => (from + to) / 2 >= start && (from + to) / 2 < end),
  );

async function found(word: string, source: string) {
  const query = await queryOf(word, ready);
  const { hits } = await index.search({ ...LIMITS, query, model: identity, sources: [source], limit: 100 });
  return hits;
}

const groupsFound = async (word: string, source: string) =>
  groupsIn((await found(word, source)).map(({ from, to }) => ({ start: from / 1000, end: to / 1000 })));

describe('the index of a drive', () => {
  it.each(['car', 'tree', 'traffic sign', 'pedestrian', 'road'])(
    'finds "%s" when its analysis shows it, and segments give what the whole does',
    async (word) => {
      const film = async function* () {
        yield* stretches;
      };
      const every = groupsIn(await search(film(), await queryOf(word, ready), LIMITS));
      expect(every).toContain(true);
      for (const source of ['whole', 'segments']) {
        const groups = await groupsFound(word, source);
        // What a run looks like is the mean of its groups.
        expect(groups.filter((yes, i) => yes !== every[i]).length).toBeLessThanOrEqual(1);
      }
      const [best] = await found(word, 'segments');
      expect(best.score).toBeGreaterThan(0.8);
      expect(Number(best.key)).toBe(Math.floor(best.at / 2000) * 2000);
    },
  );

  it.each(['elephant', 'boat', 'horse', 'snow'])('has no "%s"', async (word) => {
    expect(await found(word, 'whole')).toEqual([]);
    expect(await found(word, 'segments')).toEqual([]);
  });
});
