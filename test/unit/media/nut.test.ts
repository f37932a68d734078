import { describe, expect, it } from 'vitest';
import { crc32, nutFrameHeader, nutHeader, pictureBytes, rawVideo } from '../../../src/media/nut.ts';
import { type NutFrame, readNut } from '../../../src/media/nut-read.ts';

const FORMAT = { layout: 'gray8', width: 6, height: 4, timeBase: { num: 1001, den: 30_000 } } as const;
const HEADER = nutHeader(FORMAT.timeBase, [rawVideo(FORMAT)]);
const BYTES = 24;
const LARGEST = 1 << 16;

/** A stream of gray pictures, each filled with its number, from 1: a checksum does not see further zeros. */
function stream(times: readonly number[]): Buffer {
  const pictures = times.flatMap((pts, i) => [nutFrameHeader(pts, BYTES), Buffer.alloc(BYTES, i + 1)]);
  return Buffer.concat([HEADER, ...pictures]);
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, chunk = bytes.length, largest = LARGEST): Promise<NutFrame[]> {
  const pictures: NutFrame[] = [];
  for await (const picture of readNut(inChunks(bytes, chunk), largest)) pictures.push(picture);
  return pictures;
}

describe('the checksum', () => {
  it('is the CRC-32 of the NUT specification', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0x89a1897f);
  });
  it('of bytes followed by their checksum is zero', () => {
    const bytes = Buffer.from('any bytes\0\0\0\0');
    bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
    expect(crc32(bytes)).toBe(0);
  });
});

describe('the size of a picture', () => {
  it.each([
    ['rgba', 8, 6, 192],
    ['gray8', 7, 5, 35],
    ['yuva420p', 8, 6, 120],
    ['yuva420p', 7, 5, 2 * (35 + 12)],
  ] as const)('as %s of %i×%i', (layout, width, height, bytes) => {
    expect(pictureBytes(layout, width, height)).toBe(bytes);
  });
});

describe('writing and reading', () => {
  const times = [0, 1, 2, 1000, 2 ** 40, 2 ** 40 + 1, 2 ** 45];

  it.each([1, 7, 4096])('gives back pictures, times and time base in chunks of %i bytes', async (chunk) => {
    const pictures = await read(stream(times), chunk);
    expect(pictures.map(({ pts }) => pts)).toEqual(times);
    for (const [i, picture] of pictures.entries()) {
      expect(picture.stream).toMatchObject({ kind: 'video', width: 6, height: 4, timeBase: FORMAT.timeBase });
      expect(picture.data).toEqual(new Uint8Array(BYTES).fill(i + 1));
    }
  });

  it('gives each picture memory of its own', async () => {
    const [first, second] = await read(stream([0, 1]));
    expect(first.data.buffer.byteLength).toBe(BYTES);
    expect(first.data.buffer).not.toBe(second.data.buffer);
  });

  it('takes an empty stream for one without pictures', async () => {
    expect(await read(Buffer.alloc(0), 1)).toEqual([]);
    expect(await read(HEADER)).toEqual([]);
  });
});

describe('bytes that are wrong', () => {
  const whole = stream([5, 6, 7]);

  it('end in an error or between two pictures, wherever they are cut', async () => {
    const expected = await read(whole);
    for (let length = 1; length < whole.length; length++) {
      const got = await read(whole.subarray(0, length)).catch((error) => error);
      if (got instanceof RangeError) continue;
      expect(got).toEqual(expected.slice(0, got.length));
    }
    await expect(read(whole.subarray(0, whole.length - 1))).rejects.toThrow(RangeError);
  });

  it('are found out, or are none of ours to read, whichever bit is turned outside of the pictures', async () => {
    const expected = JSON.stringify(await read(whole));
    const pixels = new Set<number>();
    for (const i of [1, 2, 3]) {
      const start = whole.indexOf(Buffer.alloc(BYTES, i));
      for (let k = 0; k < BYTES; k++) pixels.add(start + k);
    }
    for (let at = 0; at < whole.length; at++) {
      if (pixels.has(at)) continue;
      for (let bit = 0; bit < 8; bit++) {
        const bytes = Buffer.from(whole);
        bytes[at] ^= 1 << bit;
        const got = await read(bytes).catch((error) => error);
        if (!(got instanceof RangeError))
          expect(JSON.stringify(got), `bit ${bit} of byte ${at}`).toBe(expected);
      }
    }
  });

  it('cannot make it keep a picture larger than the largest', async () => {
    await expect(read(whole, whole.length, BYTES - 1)).rejects.toThrow(/frame of 24 bytes/);
  });

  it('that are no NUT at all are refused', async () => {
    await expect(read(Buffer.alloc(100, 7))).rejects.toThrow('not a NUT stream');
  });
});
