import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../../src/http/ranges.ts';
import { FOOTER, SUFFIX } from '../../../src/panoptic/format.ts';
import { rangesOf } from '../../../src/panoptic/ranges.ts';
import { openPanoptic } from '../../../src/panoptic/reader.ts';
import { createPanopticWriter } from '../../../src/panoptic/writer.ts';
import { type FilmFrame, inputOf, randomOf, reading, video, write } from './films.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-panoptic-'));
});
afterAll(() => rm(folder, { recursive: true }));

const input = inputOf(161, 121);
const { width, height } = input.points;
const TICK = 512;

/** A bar that moves on with each frame. */
const film = (count: number, { tracks = 1, idOf = (n: number) => n } = {}): FilmFrame[] =>
  Array.from({ length: count }, (_, i) => ({
    pts: TICK * i,
    segments: Array.from({ length: tracks + 1 }, (_, k) => {
      return { name: Number(k > 0), track: k === 0 ? 2 ** 33 : idOf(i * tracks + k), confidence: 0.5 };
    }),
    pieces: Uint16Array.from({ length: width * height }, (_, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return x < 2 + (i % 30) ? 0 : 1 + ((x + y * width) % tracks);
    }),
  }));

describe('a file of 300 frames', () => {
  const frames = film(300);
  let path: string;
  beforeAll(async () => {
    path = join(folder, 'long');
    await write(path, frames);
  });

  it('is opened with one request, and read chunk by chunk, the next one before it is needed', async () => {
    const { read, asked } = await reading(path);
    const panoptic = await openPanoptic(read);
    expect(asked).toEqual([[-SUFFIX, undefined]]);
    const { chunks } = panoptic.index;
    expect(chunks.map(({ frames }) => frames)).toEqual([50, 50, 50, 50, 50, 50]);
    expect(panoptic.peek(2.5)).toBeUndefined();
    const frame = await panoptic.frameAt(2.5);
    expect(frame?.index).toBe(62);
    expect(panoptic.peek(2.5)).toBe(frame);
    const part = (place: number) => [chunks[place]!.at, chunks[place]!.at + chunks[place]!.bytes];
    expect(asked.slice(1)).toEqual([part(2), part(1)]);
  });

  it('tells the frame of any time', async () => {
    const { read } = await reading(path);
    const panoptic = await openPanoptic(read);
    const at = async (seconds: number) => (await panoptic.frameAt(seconds))?.index;
    expect(await at(-5)).toBe(0);
    expect(await at(0.039)).toBe(0);
    expect(await at(0.0401)).toBe(1);
    // Players cut times off at microseconds.
    for (const i of [1, 49, 50, 51, 299]) expect(await at(Math.floor(i * 0.04 * 1e6) / 1e6)).toBe(i);
    expect(await at(3600)).toBe(299);
  });

  it('tells frames apart that are a tick apart, also where one chunk ends and the next begins', async () => {
    const dense = join(folder, 'dense');
    const times = Array.from({ length: 130 }, (_, i) => Math.floor(i / 2) * 500 + (i % 2));
    // An odd one first: pairs lie across the ends of chunks.
    await write(
      dense,
      film(131).map((frame, i) => ({ ...frame, pts: i === 0 ? -100 : times[i - 1]! })),
    );
    const panoptic = await openPanoptic((await reading(dense)).read);
    const { chunks } = panoptic.index;
    expect(chunks.some(({ from }, i) => i > 0 && from - chunks[i - 1]!.last === 1)).toBe(true);
    for (const [i, time] of times.entries())
      expect((await panoptic.frameAt(Math.floor((time / 12800) * 1e6) / 1e6))?.index).toBe(i + 1);
  });

  it('keeps few chunks, and those that were asked for last', async () => {
    const { read, asked } = await reading(path);
    const panoptic = await openPanoptic(read, { kept: 2 });
    await panoptic.frames(0);
    await panoptic.frames(1);
    await panoptic.frames(0);
    await panoptic.frames(2);
    expect(asked).toHaveLength(4);
    await panoptic.frames(0);
    expect(asked).toHaveLength(4);
    await panoptic.frames(1);
    expect(asked).toHaveLength(5);
  });

  it('is asked for again after a failure', async () => {
    const { read } = await reading(path);
    let fails = false;
    const panoptic = await openPanoptic((start, end) =>
      fails ? Promise.reject(new Error('the line is cut')) : read(start, end),
    );
    fails = true;
    await expect(panoptic.frames(3)).rejects.toThrow('the line is cut');
    // The chunk after it fails too, and nobody waits for that.
    await expect(panoptic.frameAt(0)).rejects.toThrow('the line is cut');
    fails = false;
    expect(await panoptic.frames(3)).toHaveLength(50);
    expect((await panoptic.frameAt(0))?.index).toBe(0);
    await expect(panoptic.frames(6)).rejects.toThrow(/6 chunks, and no chunk 6/);
  });

  it('is refused where it was cut off', async () => {
    const { bytes } = await reading(path);
    for (const length of [0, 10, 31, bytes.length - 1, bytes.length - FOOTER])
      await expect(openPanoptic((await reading(bytes.subarray(0, length))).read)).rejects.toThrow(
        /^the panoptic file .* cut off, or is none$/,
      );
    // As if a copy had begun in the middle.
    const late = await openPanoptic((await reading(bytes.subarray(1000))).read);
    await expect(late.frames(5)).rejects.toThrow(RangeError);
  });

  it('is refused where it is damaged, and says where', async () => {
    const { bytes, read } = await reading(path);
    const { chunks } = (await openPanoptic(read)).index;
    const damaged = async (at: number) => {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 0x10;
      return await openPanoptic((await reading(copy)).read);
    };
    const [first, second] = chunks;
    for (const at of [first!.at, first!.at + 40, second!.at - 1]) {
      const panoptic = await damaged(at);
      await expect(panoptic.frames(0)).rejects.toThrow(/^chunk 0 of the panoptic file is damaged/);
      expect(await panoptic.frames(1)).toHaveLength(50);
    }
    const index = chunks.at(-1)!.at + chunks.at(-1)!.bytes;
    for (const at of [index, index + 50, bytes.length - FOOTER - 1])
      await expect(damaged(at)).rejects.toThrow(/^the index of the panoptic file is damaged/);
    const newer = Buffer.from(bytes);
    newer.writeUInt32LE(2, bytes.length - 12);
    await expect(openPanoptic((await reading(newer)).read)).rejects.toThrow(/version 2.*up to 1/);
    const moved = Buffer.from(bytes);
    moved.writeDoubleLE(index - 1, bytes.length - FOOTER);
    await expect(openPanoptic((await reading(moved)).read)).rejects.toThrow(/shorter or longer/);
    const short = await openPanoptic(async (start, end) =>
      start < 0 ? await read(start, end) : (await read(start, end)).slice(1),
    );
    await expect(short.frames(0)).rejects.toThrow(/chunk 0 .* should have \d+ bytes and has \d+/);
  });
});

it('an index that is larger than what is read at first is read by a second request', async () => {
  const path = join(folder, 'many');
  // Numbers that hardly get smaller when they are deflated.
  await write(path, film(60, { tracks: 200, idOf: (n) => Math.imul(n, 2_654_435_761) >>> 0 }));
  const { read, asked, bytes } = await reading(path);
  const { index } = await openPanoptic(read);
  expect(index.tracks).toHaveLength(1 + 60 * 200);
  const { at, bytes: last } = index.chunks.at(-1)!;
  expect(bytes.length - at - last).toBeGreaterThan(SUFFIX);
  expect(asked).toEqual([
    [-SUFFIX, undefined],
    [at + last, bytes.length - FOOTER],
  ]);
});

it('tables of more than 256 rows are read as they were written', async () => {
  const path = join(folder, 'wide');
  const frames = film(12, { tracks: 90 });
  await write(path, frames);
  const panoptic = await openPanoptic((await reading(path)).read);
  const read = await panoptic.frames(0);
  expect(read[0]!.table).toHaveLength(1 + 12 * 90);
  expect(read[0]!.map).toBeInstanceOf(Uint16Array);
  const points = panoptic.index.lattice;
  for (const [i, { map, table }] of read.entries())
    for (let at = 0; at < map.length; at += 13) {
      const [x, y] = [at % points.width, Math.floor(at / points.width)];
      const { segments, pieces } = frames[i]!;
      expect(table[map[at]!]!.track).toBe(segments[pieces[y * width + x]!]!.track);
    }
});

it('a frame that shows what the one before it shows costs next to nothing, and is the same in memory', async () => {
  const random = randomOf(5);
  const pieces = Uint16Array.from({ length: width * height }, () => Math.floor(random() * 3));
  const segments = [0, 1, 2].map((name) => ({ name, track: name + 1, confidence: 0.7 }));
  const sizes = [];
  for (const count of [1, 50]) {
    const path = join(folder, `still${count}`);
    // A new array each time, as they come.
    await write(
      path,
      Array.from({ length: count }, (_, i) => ({ pts: TICK * i, segments, pieces: pieces.slice() })),
    );
    const panoptic = await openPanoptic((await reading(path)).read);
    sizes.push(panoptic.index.chunks[0]!.bytes);
    const frames = await panoptic.frames(0);
    expect(new Set(frames.map(({ map }) => map)).size).toBe(1);
  }
  expect(sizes[1]! - sizes[0]!).toBeLessThan(49 * 5);
});

it('a file of no frames is one', async () => {
  const path = join(folder, 'none');
  await write(path, []);
  const panoptic = await openPanoptic((await reading(path)).read);
  expect(panoptic.index).toMatchObject({ frames: 0, end: 0, chunks: [], tracks: [], seen: [[], [], [], []] });
  expect([panoptic.peek(1), await panoptic.frameAt(1)]).toEqual([undefined, undefined]);
});

it('what is not finished does not come to be', async () => {
  const path = join(folder, 'aborted');
  const names = ['road', 'car'].map((name) => ({ name, isthing: false, other: false, color: '#000000' }));
  const style = { opacity: 1, outline: 0, color_by: 'name' } as const;
  const writer = await createPanopticWriter({ path, video, style, names, ...input });
  await writer.add(film(1)[0]!);
  await writer.abort();
  await writer.abort();
  expect((await readdir(folder)).filter((name) => name.includes('aborted'))).toEqual([]);
});

describe('over HTTP', () => {
  let server: Server;
  let address: string;
  let bytes: Buffer;
  beforeAll(async () => {
    const path = join(folder, 'served');
    await write(path, film(120));
    bytes = Buffer.from((await reading(path)).bytes);
    const about = { bytes: bytes.length, etag: 'x', modified: new Date(0) };
    server = createServer(({ url, method = '', headers }, response) => {
      const answer = decide(method, url === '/whole' ? {} : headers, about);
      if (url === '/gone') response.writeHead(404).end();
      else if (answer.status === 206)
        response.writeHead(206).end(bytes.subarray(answer.start, answer.end + 1));
      else response.writeHead(answer.status).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each(['/ranges', '/whole'])('it is read from %s', async (path) => {
    const panoptic = await openPanoptic(rangesOf(address + path));
    expect((await panoptic.frameAt(3))?.index).toBe(75);
    expect(await panoptic.frames(0)).toHaveLength(50);
  });

  it('what is no file is told by its status', async () => {
    await expect(openPanoptic(rangesOf(`${address}/gone`))).rejects.toThrow(/answered with 404/);
  });
});
