#!/usr/bin/env node
/** Segments the sample clip with the embedded model. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const VIDEO = join(ROOT, 'demo.mp4');
const VOCABULARY =
  'sky, building, road, pavement, tree, grass, fence, car, pedestrian, cyclist, traffic sign, pole';

try {
  build();
  const drive = join(ROOT, 'test/fixtures/toytown/drive.mp4');
  const args = [
    'segment',
    drive,
    '-o',
    VIDEO,
    '--force',
    '--vocabulary',
    VOCABULARY,
    '--labels',
    'ids',
    '--color-by',
    'track',
  ];
  const { status } = spawnSync(process.execPath, [join(ROOT, 'dist/cli.js'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0) console.log(`The segmented video is ${VIDEO}`);
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
