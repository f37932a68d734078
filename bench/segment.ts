import { join } from 'node:path';
import { projectFolder } from '../src/config/folders.ts';
import { segment } from '../src/pipeline/file.ts';
import { readyModel } from '../src/ready-model.ts';
import type { BenchDeps, Row } from './measure.ts';

/** A whole `segment` of a 640×360 file with the model of the settings: frames a second and memory. */
export async function segmentBench({ settings, folder, say, signal }: BenchDeps): Promise<Row[]> {
  const { config } = settings;
  await using ready = await readyModel(settings, say);
  const request = {
    input: join(projectFolder, 'test', 'fixtures', 'toytown', 'drive.mp4'),
    output: join(folder, 'segment.mp4'),
    names: [],
    expand: 'model' as const,
    things: [],
    stuff: [],
    shortSide: undefined,
    association: 'online' as const,
    every: 1,
    span: {},
    deinterlace: false,
    encoder: { encoder: undefined, crf: config.segment.crf, preset: config.segment.preset },
    style: {
      opacity: config.segment.opacity,
      outline: config.segment.outline,
      labels: config.segment.labels,
      colourBy: config.segment.color_by,
    },
    paintSide: config.segment.paint_side,
    masks: undefined,
    maskVideo: undefined,
    report: undefined,
    force: true,
  };
  const deps = {
    paths: config.ffmpeg,
    model: ready.model,
    pack: ready.pack.manifest,
    tokenizer: ready.pack.tokenizer,
    wordCache: undefined,
    progress: () => {},
  };
  let best = 0;
  let how = '';
  for (let i = 0; i < 3; i++) {
    const { frames, timing } = await segment(request, deps, signal);
    const fps = frames.emitted / timing.wall_s;
    if (fps > best) {
      how = `${frames.emitted} frames in ${timing.wall_s.toFixed(1)} s: waited ${timing.decode_s.toFixed(1)} for frames, ${timing.analyse_s.toFixed(1)} for the model, ${timing.render_s.toFixed(1)} to name, paint and hand over`;
      best = fps;
    }
  }
  const megabytes = process.resourceUsage().maxRSS / 1024;
  return [
    {
      what: `segment 640×360, ${ready.model.name} ${ready.model.precision}`,
      value: `${best.toFixed(1)} frames/s`,
      aim: '≥ 30',
      how,
    },
    {
      what: 'peak memory, ffmpeg apart',
      value: `${megabytes.toFixed(0)} MB`,
      aim: '',
      how: 'resident, at its highest',
    },
  ];
}
