#!/usr/bin/env node
/** Segments the sample clip with the embedded model. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const video = join(ROOT, 'demo.mp4');
build();
const result = spawnSync(
  process.execPath,
  [
    join(ROOT, 'dist', 'cli.js'),
    'segment',
    join(ROOT, 'test/fixtures/toytown/drive.mp4'),
    '-o',
    video,
    '--force',
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
if (result.status === 0) console.log(`The segmented video is ${video}`);
process.exitCode = result.status ?? 1;
