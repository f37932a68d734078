import { join } from 'node:path';
import { transcodeArguments, type WriteOptions } from '../src/media/argv.ts';
import { decode } from '../src/media/decode.ts';
import { ffmpegVersion, openOverlay } from '../src/media/encode.ts';
import { modelSize, paintSize } from '../src/media/geometry.ts';
import { pictureBytes } from '../src/media/nut.ts';
import { probe } from '../src/media/probe.ts';
import { runFfmpeg, runShort } from '../src/media/process.ts';
import { type BenchDeps, fastest, type Row } from './measure.ts';

/** The way of the pictures alone, with a model that costs nothing, against ffmpeg's plain transcode of the same file. */
export async function pictureBench(
  { settings, folder, say, signal }: BenchDeps,
  seconds: number,
): Promise<Row[]> {
  const { ffmpeg: paths, segment } = settings.config;
  const clip = join(folder, 'clip.mp4');
  say(`making ${seconds} s of 1080p30`);
  const source = `testsrc2=size=1920x1080:rate=30:duration=${seconds},noise=alls=6:allf=t,format=yuv420p`;
  const made = [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '20',
    clip,
  ];
  await runShort(paths.ffmpeg, made, { timeout: 600_000, signal });

  const input = await probe(clip, paths, signal);
  const { major: ffmpegMajor } = await ffmpegVersion(paths, signal);
  const reading = { input: clip, probe: input, span: {}, deinterlace: false, ffmpegMajor };
  const encoder = { encoder: undefined, crf: segment.crf, preset: segment.preset };
  const writing: WriteOptions = { ...reading, container: 'mp4', settings: encoder };
  const size = modelSize(input.video, 384);
  const painted = paintSize(input.video, segment.paint_side);
  const paints = Array.from({ length: 8 }, (_, i) => stripes(painted, i));
  let frames = 0;

  const plain = async () => {
    const { input: source, output } = transcodeArguments(writing);
    await runFfmpeg(
      { inputs: [source], outputOptions: ['-y', ...output], output: join(folder, 'plain.mp4') },
      paths,
      signal,
    ).ended;
  };
  const path = async () => {
    frames = 0;
    await using sink = openOverlay(
      join(folder, 'path.mp4'),
      writing,
      { ...painted, layout: 'yuva420p' },
      { paths },
      signal,
    );
    for await (const frame of decode(reading, size, { paths, warn: ({ message }) => say(message) }, signal)) {
      await sink.write(frame.pts, paints[Math.floor(frames++ / 8) % paints.length]);
    }
    await sink.finish();
  };
  say('transcoding, plainly and with pictures laid over, three times each');
  let [base, ours] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // In turns, so that a disturbance meets both.
  for (let i = 0; i < 3; i++) {
    base = Math.min(base, await fastest(1, plain));
    ours = Math.min(ours, await fastest(1, path));
  }
  const fps = (ms: number) => ((frames / ms) * 1000).toFixed(1);
  return [
    {
      what: 'picture path ÷ plain transcode, 1080p',
      value: (base / ours).toFixed(2),
      aim: '≥ 0.9',
      how: `${fps(ours)} ÷ ${fps(base)} frames/s; ${size.width}×${size.height} to the model, ${painted.width}×${painted.height} painted`,
    },
  ];
}

/** Regions like those of a street: half covered, half clear. */
function stripes({ width, height }: { width: number; height: number }, shift: number): Uint8Array {
  const picture = new Uint8Array(pictureBytes('yuva420p', width, height));
  const luma = width * height;
  const alpha = luma + luma / 2;
  for (let i = 0; i < luma; i++) {
    const region = (Math.floor(((i % width) + shift * 4) / 80) + Math.floor(i / width / 60)) % 5;
    picture[i] = 40 + region * 40;
    picture[alpha + i] = region < 3 ? 128 : 0;
  }
  picture.fill(110, luma, luma + luma / 4);
  picture.fill(150, luma + luma / 4, alpha);
  return picture;
}
