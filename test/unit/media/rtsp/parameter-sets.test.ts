import { describe, expect, it } from 'vitest';
import { codecOf, parametersOf } from '../../../../src/media/rtsp/parameter-sets.ts';

const stream = (fourcc: string, specific: readonly number[] = []) => ({
  fourcc: Buffer.from(fourcc, 'latin1'),
  specific: Uint8Array.from(specific),
});
const h264 = stream('H264');
const hevc = stream('HEVC');
const START3 = [0, 0, 1];
const START4 = [0, 0, 0, 1];
const bytes = (...parts: readonly (readonly number[])[]) => Uint8Array.from(parts.flat());
const base64 = (unit: readonly number[]) => Buffer.from(unit).toString('base64');

describe('a codec', () => {
  it.each([
    ['H264', 'h264'],
    ['avc1', 'h264'],
    ['HEVC', 'hevc'],
    ['hvc1', 'hevc'],
    ['MJPG', 'mjpeg'],
    ['VP80', 'other'],
    ['', 'other'],
  ])('%s is %s', (fourcc, codec) => {
    expect(codecOf(stream(fourcc))).toBe(codec);
  });
});

describe('parameters in Annex B', () => {
  const sps = [0x67, 0x42, 0x00, 0x1e, 0xab];
  const hevcSps = [0x42, 0x01, 0x01, 0x60];

  it('are the sequence parameter set before the picture', () => {
    const unit = bytes(START4, [9, 0xf0], START4, sps, START4, [0x68, 1], START3, [0x65, 9, 9]);
    expect(parametersOf(h264, unit)).toBe(base64(sps));
    const units = bytes(START4, [0x40, 1, 2], START4, hevcSps, START4, [0x44, 1], START3, [0x26, 1, 9]);
    expect(parametersOf(hevc, units)).toBe(base64(hevcSps));
  });

  it('are the same, whatever separates the units', () => {
    const picture = [...START3, 0x65, 1, 2, 3];
    const plain = parametersOf(h264, bytes(START3, sps, picture));
    expect(plain).toBe(base64(sps));
    expect(parametersOf(h264, bytes(START4, sps, [0, 0], picture))).toBe(plain);
  });

  it('are not there without such a set, or behind the picture', () => {
    expect(parametersOf(h264, bytes(START4, [0x65, 1, 2], START4, sps))).toBeUndefined();
    expect(parametersOf(hevc, bytes(START4, [0x02, 1, 2], START4, hevcSps))).toBeUndefined();
    expect(parametersOf(h264, bytes(START4, [6, 5, 4]))).toBeUndefined();
  });

  it('are not looked for in other codecs', () => {
    expect(parametersOf(stream('VP80'), bytes(START4, sps))).toBeUndefined();
  });

  it.each([[[]], [[0]], [START3], [START4], [[0, 0, 0, 0, 0]], [[...START3, ...START3]], [[0x67, 1]]])(
    'are not found in %j',
    (damaged) => {
      expect(parametersOf(h264, bytes(damaged))).toBeUndefined();
      expect(parametersOf(hevc, bytes(damaged))).toBeUndefined();
    },
  );

  it('may be cut off', () => {
    expect(parametersOf(h264, bytes(START4, sps.slice(0, 2)))).toBe(base64(sps.slice(0, 2)));
  });
});

describe('parameters in units with lengths', () => {
  const avc = stream('H264', [1, 0x42, 0, 0x1e, 0xff, 0xe1, 0]);
  const hvc = stream('HEVC', [1, ...Array(20).fill(0), 0xff, 0]);

  it('are not mistaken where a length looks like the beginning of a unit', () => {
    // 0x1a7 bytes: as Annex B it would be a set that begins with a7.
    const long = [0, 0, 1, 0xa7, 0x65, ...Array(0x1a6).fill(7)];
    expect(parametersOf(avc, bytes(long))).toBeUndefined();
    expect(parametersOf(h264, bytes(long))).toBeDefined();
    const other = [0, 0, 1, 0x42, 0x26, ...Array(0x141).fill(7)];
    expect(parametersOf(hvc, bytes(other))).toBeUndefined();
  });

  it('are the set, where it is there', () => {
    expect(
      parametersOf(avc, bytes([0, 0, 0, 2, 9, 0xf0], [0, 0, 0, 3, 0x67, 1, 2], [0, 0, 0, 1, 0x65])),
    ).toBe(base64([0x67, 1, 2]));
    expect(parametersOf(hvc, bytes([0, 0, 0, 3, 0x42, 1, 2], [0, 0, 0, 1, 0x26]))).toBe(base64([0x42, 1, 2]));
    const short = stream('avc1', [1, 0x42, 0, 0x1e, 0xfd]);
    expect(parametersOf(short, bytes([0, 2, 0x67, 1], [0, 1, 0x65]))).toBe(base64([0x67, 1]));
  });

  it('bear damage', () => {
    for (const damaged of [[], [0, 0], [0xff, 0xff, 0xff, 0xff, 6], [0, 0, 0, 0, 0, 0, 0, 0]])
      expect(parametersOf(avc, bytes(damaged))).toBeUndefined();
  });
});

describe('the size of a JPEG', () => {
  const jpeg = stream('MJPG');
  const soi = [0xff, 0xd8];
  const app = [0xff, 0xe0, 0, 4, 1, 2];
  const sof = (height: number, width: number, marker = 0xc0) => [
    ...[0xff, marker, 0, 11, 8],
    ...[height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0],
  ];
  const scan = [0xff, 0xda, 0, 2];

  it('is that of its frame', () => {
    expect(parametersOf(jpeg, bytes(soi, app, sof(720, 1280), scan))).toBe('02d00500');
    expect(parametersOf(jpeg, bytes(soi, [0xff], app, [0xff, 0xff], sof(1080, 1920, 0xc2)))).toBe('04380780');
  });

  it.each([
    [[]],
    [soi],
    [[...soi, ...scan, ...sof(1, 1)]],
    [[...soi, 0xff, 0xe0, 0, 0]],
    [[...soi, 1, 2, 3]],
  ])('is not found in %j', (damaged) => {
    expect(parametersOf(jpeg, bytes(damaged))).toBeUndefined();
  });

  it('is found in no noise for ever', () => {
    for (let length = 0; length < 200; length++) {
      const noise = Uint8Array.from({ length }, (_, i) => (i * 7919 + length * 31) % 256);
      for (const one of [jpeg, h264, hevc]) parametersOf(one, noise);
      parametersOf(jpeg, new Uint8Array(length).fill(0xff));
    }
  });
});
