import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadRanges } from '../../../src/storage/ranged-download.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-ranges-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = randomBytes(1000);
const never = new AbortController().signal;
const download = (
  open: (start: number, end: number) => Promise<Readable>,
  size = bytes.length,
  signal = never,
) =>
  downloadRanges(join(folder, 'a'), { name: 'a.mp4', bytes: size, partBytes: 64, parallel: 4, open }, signal);
const chunks = (start: number, end: number) => {
  const parts: Buffer[] = [];
  for (let at = start; at <= end; at += 10) parts.push(bytes.subarray(at, Math.min(at + 10, end + 1)));
  return parts;
};

describe('a download by ranges', () => {
  it('puts together what comes in any order', async () => {
    const asked: number[] = [];
    let running = 0;
    let most = 0;
    await download(async (start, end) => {
      asked.push(end - start + 1);
      most = Math.max(most, ++running);
      await sleep(Math.random() * 5);
      running--;
      return Readable.from(chunks(start, end));
    });
    expect((await readFile(join(folder, 'a'))).equals(bytes)).toBe(true);
    expect(asked.reduce((sum, part) => sum + part)).toBe(1000);
    expect(asked.length).toBe(16);
    expect(most).toBe(4);
  });

  it('asks nothing for no bytes', async () => {
    await download(async () => expect.unreachable(), 0);
    expect((await readFile(join(folder, 'a'))).length).toBe(0);
  });

  it('asks again for what is missing of a part that ends early', async () => {
    const asked: string[] = [];
    await download(async (start, end) => {
      asked.push(`${start}-${end}`);
      return Readable.from(chunks(start, start % 64 === 0 ? start + 19 : end));
    }, 128);
    expect(asked.sort()).toEqual(['0-63', '20-63', '64-127', '84-127']);
    expect((await readFile(join(folder, 'a'))).equals(bytes.subarray(0, 128))).toBe(true);
  });

  it.each([
    ['that never gets on', async () => Readable.from([]), 'DOWNLOAD_FAILED'],
    ['that sends too much', async () => Readable.from([bytes]), 'DOWNLOAD_FAILED'],
  ])('fails over a server %s, leaving nothing', async (_, open, code) => {
    await expect(download(open)).rejects.toMatchObject({ code, message: expect.stringContaining('a.mp4') });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends all parts at the first that fails', async () => {
    const error = new Error('refused');
    let open = 0;
    const failing = download(async (start) => {
      open++;
      if (start === 128) throw error;
      return new Readable({ read() {} }); // Never ends by itself.
    });
    await expect(failing).rejects.toBe(error);
    expect(open).toBeLessThanOrEqual(4);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends when it is aborted', async () => {
    const stop = new AbortController();
    const waiting = download(async () => new Readable({ read() {} }), 1000, stop.signal);
    setTimeout(() => stop.abort(), 10);
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
