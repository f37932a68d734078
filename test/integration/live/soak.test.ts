import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { annexB } from '../../fixtures/live/numbered.ts';
import { type Camera, startCamera } from '../../fixtures/live/rtsp-server.ts';
import { openReady, startStation } from './station.ts';

/** Seconds; `npx tsx bench/live.ts soak` is for longer ones, with memory and latency over time. */
const SECONDS = Number(process.env.SOAK_SECONDS ?? 7);

it('goes through faults with as many processes, descriptors and waiting frames as before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sidestream-soak-'));
  const clip = join(folder, 'clip.mp4');
  const coding = ['-an', '-r', '5', '-c:v', 'libx264', '-bf', '0', '-g', '5'];
  await promisify(execFile)('ffmpeg', [
    '-v',
    'error',
    '-i',
    'test/fixtures/toytown/watch.mp4',
    ...coding,
    clip,
  ]);
  const file = await annexB(clip, join(folder, 'clip.h264'));
  await using ready = await openReady();
  await using one = await startCamera({ file, fps: 5 });
  await using two = await startCamera({ file, fps: 5 });
  await using three = await startStation({ url: one.url, ready });
  await using four = await startStation({ url: two.url, ready });
  const stations = [three, four];
  const live = () => stations.every(({ stream, shown }) => shown.length > 5 && stream.stats().fps > 2);
  const settled = async () => {
    for (let tries = 0; !live() && tries < 150; tries++) await sleep(100);
    return {
      processes: (await three.children('ffmpeg')).length,
      descriptors: (await readdir('/proc/self/fd')).length,
    };
  };
  const before = await settled();
  const faults: ((camera: Camera) => unknown)[] = [
    (camera) => camera.cut(),
    (camera) => camera.jump(3600),
    (camera) => camera.stray(86_400),
    (camera) => camera.duplicate(),
    (camera) => camera.jump(-7200),
  ];
  const end = Date.now() + SECONDS * 1000;
  for (let i = 0; Date.now() < end; i++) {
    await faults[i % faults.length]([one, two][i % 2]);
    await sleep(1500);
  }
  await sleep(2500);
  const after = await settled();
  expect(after.processes).toBe(before.processes);
  expect(Math.abs(after.descriptors - before.descriptors)).toBeLessThanOrEqual(6);
  for (const { stream, shown } of stations) {
    const { decoded, emitted, dropped, under_way } = stream.stats().frames;
    expect(decoded).toBe(emitted + under_way + dropped.reduce((sum, { count }) => sum + count, 0));
    expect(under_way).toBeLessThan(15);
    const walls = shown.map(({ wall }) => wall);
    expect(walls).toEqual([...walls].sort((a, b) => a - b));
    expect(Math.abs(walls.at(-1)! - Date.now())).toBeLessThan(3000);
  }
  await rm(folder, { recursive: true });
});
