import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../src/config/folders.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { openPanoptic } from '../../../src/panoptic/reader.ts';
import { segment } from '../../../src/pipeline/file.ts';
import { type ReadyModel, readyModel } from '../../../src/ready-model.ts';
import { usable } from '../../fixtures/media.ts';
import { compared } from '../../fixtures/same-pixels.ts';

/** The panoptic file and the masks JSON of one run, pixel by pixel. */

const settings = loadConfig({ flags: {}, environment: {} });
const { signal } = new AbortController();
let ready: ReadyModel;
let folder: string;
beforeAll(async () => {
  ready = await readyModel(settings, () => {});
  folder = await mkdtemp(join(tmpdir(), 'sidestream-panoptic-'));
});
afterAll(async () => {
  await ready[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A part of a toy-town clip, as ffmpeg makes it. */
const town =
  (clip: string, name: string, ...args: string[]) =>
  async () => {
    const input = join(projectFolder, 'test/fixtures/toytown', `${clip}.mp4`);
    const path = join(folder, name);
    await execa('ffmpeg', ['-v', 'error', '-ss', '1', '-i', input, '-an', ...args, path]);
    return path;
  };

const short = town('drive', 'short.mp4', '-t', '0.6', '-vf', 'scale=320:180');

const clips: Readonly<Record<string, (folder: string) => Promise<string>>> = {
  'a drive': town('drive', 'drive.mp4', '-t', '2.5', '-vf', 'scale=400:226'),
  'a fixed camera at an odd size': town(
    'watch',
    'odd.mkv',
    '-t',
    '1',
    '-vf',
    'scale=321:181',
    '-c:v',
    'ffv1',
  ),
  'frames of uneven length': town(
    ...['drive', 'uneven.mp4', '-t', '1', '-fps_mode', 'passthrough'],
    ...[
      '-vf',
      "scale=320:180,settb=1/90000,setpts='N*3000+mod(N*N,5)*500'",
      '-video_track_timescale',
      '90000',
    ],
  ),
  'a picture turned by 90 degrees': usable['turned by 90 degrees'],
  'a first frame at ten seconds': usable['a first frame at ten seconds'],
};

async function made(input: string, name: string, association: 'none' | 'online' | 'clustered', every = 1) {
  const [masks, panoptic] = [join(folder, `${name}.json`), join(folder, `${name}.panoptic`)];
  const { config } = settings;
  const report = await segment(
    {
      ...{ input, output: undefined, masks, panoptic, maskVideo: undefined, report: undefined, force: true },
      ...{ names: [['road'], ['car', 'vehicle'], ['person'], ['tree']], things: [], stuff: [] },
      ...{
        expand: 'model',
        shortSide: 128,
        association,
        every,
        span: {},
        deinterlace: false,
        paintSide: 320,
      },
      encoder: { encoder: undefined, crf: 30, preset: 'ultrafast' },
      style: {
        ...{ opacity: 0.4, outline: 2, labels: 'names', colourBy: 'name' },
        colours: new Map([['tree', 0x00ff0a]]),
      },
    },
    {
      ...{ paths: config.ffmpeg, model: ready.model, pack: ready.pack.manifest },
      ...{ tokenizer: ready.pack.tokenizer, wordCache: undefined, progress: () => {} },
    },
    signal,
  );
  const bytes = await readFile(panoptic);
  return {
    report,
    masks: JSON.parse(await readFile(masks, 'utf8')),
    panoptic: await openPanoptic(async (start, end) => new Uint8Array(bytes).slice(start, end).buffer),
  };
}

describe('a panoptic file has the pixels of the masks JSON', () => {
  it.each(Object.keys(clips))('of %s', async (name) => {
    const { masks, panoptic, report } = await made(await clips[name]!(folder), name, 'online');
    const { flaws, pixels, masked } = await compared(panoptic, masks, 10);
    expect(flaws).toEqual([]);
    expect(panoptic.index.frames).toBe(report.frames.emitted);
    expect(pixels).toBeGreaterThan(0);
    // Test pictures have no street in them.
    if (!name.startsWith('a picture') && !name.startsWith('a first'))
      expect(masked).toBeGreaterThan(pixels / 10);
  });

  it('where regions are clustered, and only every third frame is seen', async () => {
    const { masks, panoptic } = await made(await short(), 'clustered', 'clustered', 3);
    const { flaws, masked } = await compared(panoptic, masks, 4);
    expect(flaws).toEqual([]);
    expect(masked).toBeGreaterThan(0);
    expect(panoptic.index.style).toEqual({ opacity: 0.4, outline: 2, color_by: 'name' });
    const colors = new Map(panoptic.index.names.map(({ name, color }) => [name, color]));
    expect([colors.get('tree'), colors.get('car')]).toEqual(['#00ff0a', '#2f6bff']);
    const { names, seen, tracks } = panoptic.index;
    for (const [i, spans] of seen.entries())
      expect([names[i]!.name, spans.length > 0]).toEqual([
        names[i]!.name,
        tracks.some(({ name }) => name === i),
      ]);
  });
});

it('says clearly that each frame for itself has none, before any work is done', async () => {
  await expect(made(join(folder, 'absent.mp4'), 'none', 'none')).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/--panoptic.*--association online/),
  });
});
