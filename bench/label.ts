import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../src/config/folders.ts';
import { analyseFile } from '../src/pipeline/analysis-file.ts';
import { label } from '../src/pipeline/label.ts';
import { readyModel } from '../src/ready-model.ts';
import { type BenchDeps, fastest, type Row } from './measure.ts';
import { repeatAnalysis } from './repeat.ts';

const MINUTE = 60;

/** A minute of video named anew from its analysis, and how large that is. */
export async function labelBench({ settings, folder, say, signal }: BenchDeps): Promise<Row[]> {
  const { config } = settings;
  await using ready = await readyModel(settings, say);
  const { model, pack } = ready;
  const common = {
    paths: config.ffmpeg,
    model,
    pack: pack.manifest,
    identity: pack.identity,
    program: 'sidestream bench',
    progress: () => {},
  };
  const analysis = join(folder, 'drive.analysis');
  const input = join(projectFolder, 'test', 'fixtures', 'toytown', 'drive.mp4');
  const source = { input, shortSide: undefined, every: 1, span: {}, deinterlace: false };
  say('analysing six seconds');
  const { input: video, frames } = await analyseFile(
    { ...source, association: 'online', output: analysis, force: true },
    common,
    signal,
  );
  const { size } = await stat(analysis);
  const minute = join(folder, 'minute.analysis');
  const length = await repeatAnalysis(analysis, minute, MINUTE);
  const request = {
    analysis: minute,
    video: undefined,
    span: {},
    names: [],
    expand: 'model' as const,
    things: [],
    stuff: [],
    output: undefined,
    masks: join(folder, 'minute.json'),
    maskVideo: undefined,
    report: undefined,
    force: true,
    encoder: { encoder: undefined, crf: config.segment.crf, preset: config.segment.preset },
    style: { opacity: 0.5, outline: 1, labels: 'names' as const, colourBy: 'name' as const },
    paintSide: config.segment.paint_side,
  };
  say('naming a minute');
  const deps = { ...common, tokenizer: pack.tokenizer, wordCache: ready.wordCache };
  const took = (await fastest(3, () => label(request, deps, signal))) / 1000;
  const perFrame = size / frames.written;
  return [
    {
      what: 'analysis, a frame of 640×360',
      value: `${(perFrame / 1000).toFixed(1)} kB`,
      aim: '≤ 20 kB',
      how: `${((perFrame * 8 * frames.written) / (video.duration ?? 1) / 1e6).toFixed(2)} Mbit/s`,
    },
    {
      what: `label, masks JSON of ${MINUTE} s at 640×360`,
      value: `${took.toFixed(2)} s`,
      aim: '< 2 s',
      how: `${length} frames, ${(length / took).toFixed(0)} frames/s, without the start of the program`,
    },
  ];
}
