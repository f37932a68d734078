import { describe, expect, it } from 'vitest';
import {
  type CodingLook,
  coderArguments,
  encodersOf,
  levelOf,
} from '../../../../src/media/cut/coder-argv.ts';
import { parseConfiguration, parseSequence } from '../../../../src/media/cut/h264.ts';
import { AVCC, h264 } from './facts.ts';

const like = parseSequence(parseConfiguration(AVCC)!.sequence[0]!);
const settings = { encoder: undefined, crf: 20, preset: 'veryfast' };
const look: CodingLook = { width: 640, height: 360, rate: 25, settings, id: 3, like };
const words = (of: CodingLook, stream = h264) => coderArguments(of, stream, 5).output.join(' ');

describe('pictures that stand between others', () => {
  it('have the profile, level, references and colours of those, and a number of their own', () => {
    const output = words({ ...look, like: { ...like, matrix: 1, primaries: 1, transfer: 1 } });
    expect(output).toContain('-profile:v high -x264-params sps-id=3:level=3:fps=25:ref=4:cabac=1:8x8dct=1');
    expect(output).toContain('setparams=range=tv:color_primaries=1:color_trc=1:colorspace=1');
    expect(output).toContain('-bf 0');
  });
  it('are made by libx264, whatever makes others', () => {
    const other = { ...settings, encoder: 'h264_nvenc' };
    expect(encodersOf({ ...look, settings: other })).toEqual(['libx264']);
    expect(encodersOf({ ...look, settings: other, like: undefined })).toEqual(['h264_nvenc']);
    expect(encodersOf({ ...look, settings: { ...settings, encoder: 'libx265' }, like: undefined })).toEqual([
      'libx264',
    ]);
  });
});

describe('pictures that stand alone', () => {
  const alone = { ...look, like: undefined };
  it('are scaled into the size of the clip, with bars, where theirs is another', () => {
    expect(words(alone)).not.toMatch(/scale|pad/);
    expect(words(alone, { ...h264, width: 1920 })).toContain(
      'scale=640:360:force_original_aspect_ratio=decrease,pad=640:360',
    );
    expect(words(alone, { ...h264, width: 639, height: 359 })).toMatch(/not\(mod\(pts,2\)\)',pad=640:360,/);
  });
  it('have key frames for seeking', () => {
    expect(words(alone)).toContain('-force_key_frames');
    expect(words(look)).not.toContain('-force_key_frames');
  });
});

it.each([
  [640, 360, 25, 30],
  [1280, 720, 30, 31],
  [1920, 1080, 25, 40],
  [1920, 1080, 60, 42],
  [3840, 2160, 30, 51],
  [20_000, 20_000, 100, 62],
])('%i × %i at %i a second fit into level %i', (width, height, rate, level) => {
  expect(levelOf({ width, height, rate })).toBe(level);
});
