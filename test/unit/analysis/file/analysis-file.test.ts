import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeRecord, FORMAT_VERSION, RECORD_HEAD } from '../../../../src/analysis/file/format.ts';
import { type AnalysisFile, openAnalysis } from '../../../../src/analysis/file/reader.ts';
import { createAnalysisWriter, type RegionsFrame } from '../../../../src/analysis/file/writer.ts';
import { roundToFloat16 } from '../../../../src/core/float16.ts';
import type { AnalysedFrame } from '../../../../src/core/frame.ts';
import { pts } from '../../../../src/core/time.ts';
import { numbers } from '../../associate/random.ts';
import { DIM, film, header, mixtures } from './made.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-analysis-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(frames: readonly (AnalysedFrame | RegionsFrame)[], head = header): Promise<string> {
  const path = join(folder, 'a.analysis');
  await using writer = await createAnalysisWriter(path, head);
  for (const frame of frames) await writer.add(frame);
  await writer.finish();
  return path;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function read<T>(path: string, use: (file: AnalysisFile) => Promise<T>): Promise<T> {
  await using file = await openAnalysis(path);
  return await use(file);
}

const framesOf = (path: string) => read(path, (file) => all(file.analysed()));
const invalid = expect.objectContaining({ code: 'ANALYSIS_INVALID' });

describe('an analysis', () => {
  it('is read as it was written', async () => {
    const frames = film(25);
    const path = await write(frames);
    await read(path, async (file) => {
      expect(file).toMatchObject({ header, whole: true, frames: 25 });
      expect(file.times).toEqual({ first: frames[0].pts, last: frames[24].pts });
      const back = await all(file.analysed());
      expect(back).toEqual(frames);
      // Frames of one group have one table; one that shows what the one before shows has the very same.
      for (const [i, frame] of back.entries()) {
        if (i % 3 > 0) expect(frame.tracks).toBe(back[i - 1].tracks);
        if (i % 5 === 4 && i % 3 > 0) expect(frame.points).toBe(back[i - 1].points);
      }
    });
    expect(readdirSync(folder)).toEqual(['a.analysis']);
  });

  it('gives any part of itself', async () => {
    const frames = film(40, 3);
    const path = await write(frames);
    await read(path, async (file) => {
      for (const [from, to] of [
        [0, 40],
        [7, 8],
        [13, 29],
        [39, 40],
        [5, 5],
      ]) {
        const [start, end] = [frames[from].pts, frames[to]?.pts ?? pts(frames[39].pts + 1)];
        const part = await all(file.analysed(start, end));
        // It begins with the group that shows the first.
        expect(part).toEqual(frames.slice(from - (from % 3), to).slice(0, part.length));
        expect(part.length).toBe(from === to && from % 3 === 0 ? 0 : to - (from - (from % 3)));
      }
      expect(await all(file.analysed(pts(-99_999), pts(-9_999)))).toEqual([]);
      expect((await all(file.analysed(pts(1e9)))).at(-1)).toEqual(frames[39]);
    });
  });

  it('tells of its tracks without its frames', async () => {
    const frames = film(10, 4);
    const spans = await read(await write(frames), (file) => all(file.spans()));
    expect(spans.map(({ from, to }) => [from, to])).toEqual([
      [frames[0].pts, frames[3].pts],
      [frames[3].pts, frames[6].pts],
      [frames[6].pts, frames[9].pts],
      [frames[9].pts, frames[9].pts],
    ]);
    expect(spans.map(({ tracks }) => tracks)).toEqual([0, 3, 6, 9].map((i) => frames[i].tracks));
  });

  it('may have no frame', async () => {
    await read(await write([]), async (file) => {
      expect(file).toMatchObject({ frames: 0, whole: true, times: undefined });
      expect(await all(file.analysed())).toEqual([]);
    });
  });

  it('keeps regions that are not yet associated, and does not mix them up with others', async () => {
    const random = numbers(5);
    const rows = () => roundToFloat16(Float32Array.from({ length: 4 * DIM }, () => random() - 0.5));
    const frames = Array.from({ length: 6 }, (_, index): RegionsFrame => {
      const regions = { count: 4, embeddings: rows(), queries: rows() };
      return {
        index: 10 + index,
        pts: pts(index * 512),
        analysed: true,
        regions,
        points: mixtures(random, 4),
      };
    });
    frames.push({ ...frames[5], index: 16, pts: pts(9999), analysed: false });
    const path = await write(frames, { ...header, association: null });
    await read(path, async (file) => {
      expect(await all(file.unassociated())).toEqual(frames);
      await expect(all(file.analysed())).rejects.toThrow(/not yet associated/);
    });
    await read(await write(film(4)), (file) => expect(all(file.unassociated())).rejects.toThrow(/already/));
  });
});

describe('an analysis that was cut off', () => {
  it('has what was written whole, wherever it was cut', async () => {
    const frames = film(7);
    const path = await write(frames);
    const bytes = readFileSync(path);
    const headEnd = RECORD_HEAD + bytes.readUInt32LE(4);
    let most = 0;
    // Every place near the header and the end, and each third one in between.
    for (let end = 0; end < bytes.length; end += end < 64 || end > bytes.length - 64 ? 1 : 3) {
      writeFileSync(path, bytes.subarray(0, end));
      if (end < headEnd) {
        await expect(framesOf(path)).rejects.toThrow(invalid);
        continue;
      }
      await read(path, async (file) => {
        expect(file.whole).toBe(false);
        const back = await all(file.analysed());
        expect(back).toEqual(frames.slice(0, file.frames));
        expect((await all(file.spans())).length).toBe(Math.ceil(file.frames / 3));
        expect(file.frames).toBeGreaterThanOrEqual(most);
        most = file.frames;
      });
    }
    expect(most).toBe(7);
  });

  it('is what a writer leaves that never came to its end', async () => {
    const frames = film(6);
    const writer = await createAnalysisWriter(join(folder, 'b.analysis'), header);
    for (const frame of frames) await writer.add(frame);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.b\.analysis\.\d+\.partial$/)]);
    await writer[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a damaged analysis', () => {
  it('gives the right answer or a clear error, whatever bit is flipped', async () => {
    const frames = film(7, 9);
    const path = await write(frames);
    const bytes = readFileSync(path);
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit += 23) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      writeFileSync(path, flipped);
      try {
        expect(await framesOf(path)).toEqual(frames);
      } catch (error) {
        expect(error).toEqual(invalid);
        expect((error as Error).message).toMatch(/^.*a\.analysis: .*$/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan((bytes.length * 8) / 23 / 2);
  });

  it('is refused with its reason', async () => {
    const path = join(folder, 'x.analysis');
    const refused = async (bytes: Uint8Array, why: RegExp) => {
      writeFileSync(path, bytes);
      await expect(openAnalysis(path)).rejects.toThrow(invalid);
      await expect(openAnalysis(path)).rejects.toThrow(why);
    };
    const head = (fields: object) => encodeRecord('SSAN', Buffer.from(JSON.stringify(fields)));
    await refused(Buffer.alloc(0), /ends before its header/);
    await refused(Buffer.from('ftypisom and more of a film'), /no analysis/);
    await refused(Buffer.alloc(500), /no analysis/);
    await refused(head({ ...header, version: FORMAT_VERSION + 1 }), /version 2.*use a newer one/);
    await refused(head({ ...header, lattice: undefined }), /lattice/);
    await refused(encodeRecord('SSAN', Buffer.from('{')), /no JSON/);
    await expect(openAnalysis(join(folder, 'none'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    await expect(openAnalysis(folder)).rejects.toThrow(/no file/);
  });

  it('passes over kinds of records that are not yet known', async () => {
    const frames = film(6);
    const path = await write(frames);
    const bytes = readFileSync(path);
    const frame = bytes.indexOf('FRAM', bytes.indexOf('FRAM') + 4);
    const strange = encodeRecord('NEWS' as 'FRAM', Buffer.from('something'));
    // The index no longer fits: the file is read as one that was cut off.
    const cut = bytes.subarray(frame, bytes.indexOf('INDX'));
    writeFileSync(path, Buffer.concat([bytes.subarray(0, frame), strange, cut]));
    expect(await framesOf(path)).toEqual(frames);
  });
});
