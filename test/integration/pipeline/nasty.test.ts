import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compare, contentOf } from '../../../bench/fidelity.ts';
import { flaws, tryFile } from '../../../bench/trial.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { segment } from '../../../src/pipeline/file.ts';
import { type ReadyModel, readyModel } from '../../../src/ready-model.ts';
import { unusable, usable } from '../../fixtures/media.ts';

/** The whole way of a frame, with the model in place, over clips of which each has one defect or oddity. */

const settings = loadConfig({ flags: {}, environment: {} });
const { signal } = new AbortController();
let ready: ReadyModel;
let folder: string;
beforeAll(async () => {
  ready = await readyModel(settings, () => {});
});
afterAll(() => ready[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-nasty-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Paint that cannot be seen: the picture stays what it was. */
const UNSEEN = { opacity: 0, outline: 0, labels: 'none', colourBy: 'name' } as const;
const SEEN = { opacity: 0.5, outline: 1, labels: 'names', colourBy: 'name' } as const;

/** Segments `input` and gives the report. */
async function segmented(input: string, output: string, style: typeof SEEN | typeof UNSEEN = SEEN) {
  const { config } = settings;
  return await segment(
    {
      input,
      output,
      names: [['road'], ['sky']],
      expand: 'none',
      things: [],
      stuff: [],
      shortSide: 64,
      association: 'online',
      every: 1,
      span: {},
      deinterlace: false,
      encoder: { encoder: undefined, crf: style === UNSEEN ? 10 : 30, preset: 'ultrafast' },
      style,
      paintSide: 320,
      masks: undefined,
      maskVideo: undefined,
      report: undefined,
      force: false,
    },
    {
      paths: config.ffmpeg,
      model: ready.model,
      pack: ready.pack.manifest,
      tokenizer: ready.pack.tokenizer,
      wordCache: undefined,
      progress: () => {},
    },
    signal,
  );
}

async function faithful(input: string, output: string) {
  const { frames } = await segmented(input, output);
  const [source, result] = [await contentOf(input, signal), await contentOf(output, signal)];
  if (!source || !result) throw new Error('no picture');
  return { frames, source, result, ...compare(source, result) };
}

describe('a clip with', () => {
  for (const [defect, make] of Object.entries(usable)) {
    it(`${defect}: every frame comes out at its time, as long, with its sound, for browsers`, async () => {
      const input = await make(folder);
      const before = await readdir(folder);
      const seen = await faithful(input, join(folder, 'result.mp4'));
      expect(seen.result.times, 'times').toHaveLength(seen.source.times.length);
      expect(seen).toMatchObject({ pts: true, duration: true, unplayable: '' });
      expect(seen.audio).not.toBe('differs');
      expect(seen.frames).toMatchObject({
        decoded: seen.source.times.length,
        emitted: seen.source.times.length,
        dropped: [],
      });
      expect((await readdir(folder)).sort()).toEqual([...before, 'result.mp4'].sort());
    });
  }
});

/** Decibels between two videos as players show them: turned, in RGB; a wrong range or matrix costs dozens. */
async function likeness(a: string, b: string): Promise<number> {
  const shown =
    'scale=iw/4:ih/4:flags=area+accurate_rnd+full_chroma_int,format=rgb24,setsar=1,settb=1/1000,setpts=N';
  const graph = `[0:V]${shown}[a];[1:V]${shown}[b];[a][b]psnr=shortest=1`;
  const args = [
    '-nostdin',
    '-i',
    `file:${a}`,
    '-i',
    `file:${b}`,
    '-filter_complex',
    graph,
    '-f',
    'null',
    '-',
  ];
  const { stderr } = await execa('ffmpeg', args);
  return Number(/average:(inf|[\d.]+)/.exec(stderr)?.[1].replace('inf', '100'));
}

describe('the picture itself stays as players show it:', () => {
  const output = { width: 128, height: 96, sample_aspect_ratio: '1:1', field_order: 'progressive' };
  const cases: [keyof typeof usable, Record<string, unknown>][] = [
    ['plain', output],
    ['turned by 90 degrees', { ...output, width: 96, height: 128 }],
    ['turned by 180 degrees', output],
    ['turned and mirrored', { ...output, width: 96, height: 128 }],
    ['pixels twice as wide', { ...output, sample_aspect_ratio: '2:1' }],
    ['full range', { ...output, color_range: 'pc', pix_fmt: 'yuvj420p' }],
    ['ten bits', { ...output, pix_fmt: 'yuv420p' }],
    ['colour at full resolution', { ...output, pix_fmt: 'yuv420p' }],
    ['RGB without loss', { ...output, color_range: 'tv', color_space: 'bt709' }],
    ['gray alone', { ...output, pix_fmt: 'yuvj420p' }],
    ['interlaced, top field first', { ...output, height: 96, field_order: 'tt' }],
    ['cover art larger than the picture', output],
  ];
  for (const [oddity, properties] of cases) {
    it(oddity, async () => {
      const input = await usable[oddity](folder);
      const path = join(folder, 'result.mp4');
      await segmented(input, path, UNSEEN);
      const args = ['-v', 'error', '-of', 'json', '-select_streams', 'v:0', '-show_streams', path];
      const { streams } = JSON.parse((await execa('ffprobe', args)).stdout);
      expect(streams[0]).toMatchObject(properties);
      expect(await likeness(input, path)).toBeGreaterThan(40);
    });
  }
});

describe('other containers', () => {
  for (const extension of ['.mkv', '.mov', '.webm']) {
    it(`${extension} keeps uneven times and sound that begins late`, async () => {
      const uneven = await usable['frames of uneven length'](folder);
      const late = await usable['sound that begins late'](folder);
      for (const input of [uneven, late]) {
        const output = join(folder, `${input === uneven ? 'uneven' : 'late'}-result${extension}`);
        const seen = await faithful(input, output);
        expect(seen).toMatchObject({ pts: true, duration: true, unplayable: '' });
        const sound = input === uneven ? 'none' : extension === '.webm' ? 'encoded' : 'same';
        expect(seen.audio).toBe(sound);
      }
    });
  }
});

describe('the command line refuses', () => {
  for (const [defect, make] of Object.entries(unusable)) {
    it(`${defect}: one clear line, status 65, nothing left behind`, async () => {
      const input = await make(folder);
      const trial = await tryFile(
        input,
        { folder: join(folder, 'work'), extension: '.mp4', limit: 60, options: ['--expand', 'model'] },
        signal,
      );
      expect(flaws(trial)).toEqual([]);
      expect(trial).toMatchObject({
        exit: 65,
        orphans: 0,
        strays: [],
        said: [expect.stringMatching(/^error INPUT_/)],
      });
      expect(trial.said[0], 'the line names the file').toContain(`${extname(input)}`);
    });
  }
});
