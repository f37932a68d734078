import { expect, it } from 'vitest';
import { fragment, movieHeader } from '../../../../src/media/cut/fragments.ts';

/** Boxes of a file: name and content, in order. */
function boxes(bytes: Buffer): (readonly [name: string, content: Buffer])[] {
  const found: (readonly [string, Buffer])[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const size = bytes.readUInt32BE(at);
    found.push([bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + size)]);
  }
  return found;
}
const inside = (bytes: Buffer, ...path: readonly string[]): Buffer =>
  path.reduce((content, name) => boxes(content).find(([found]) => found === name)![1], bytes);

it('says of each sample when it is decoded and shown, and whether it is a key frame', () => {
  const data = (text: string) => Buffer.from(text);
  const samples = [
    { decoded: 5_000_000_000, shown: 5_000_003_600, key: true, data: data('first') },
    { decoded: 5_000_003_600, shown: 5_000_003_500, key: false, data: data('b') },
  ];
  const bytes = fragment(7, 1, samples, 5_000_005_000);
  expect(boxes(bytes).map(([name]) => name)).toEqual(['moof', 'mdat']);
  expect(inside(bytes, 'mdat').toString()).toBe('firstb');
  expect(inside(bytes, 'moof', 'traf', 'tfdt').readBigUInt64BE(4)).toBe(5_000_000_000n);
  const run = inside(bytes, 'moof', 'traf', 'trun');
  expect(run.readUInt32BE(4)).toBe(2);
  // Where the first sample's bytes are, from the fragment's beginning.
  expect(bytes.toString('latin1', run.readInt32BE(8), run.readInt32BE(8) + 5)).toBe('first');
  const rows = [12, 28].map((at) => [0, 4, 8].map((field) => run.readUInt32BE(at + field)));
  expect(rows).toEqual([
    [3600, 5, 0x02000000],
    [1400, 1, 0x01010000],
  ]);
  expect([run.readInt32BE(24), run.readInt32BE(40)]).toEqual([3600, -100]);
});

it('describes its tracks', () => {
  const bytes = movieHeader([
    { kind: 'video', timescale: 90_000, width: 640, height: 360, configuration: Buffer.from('avc') },
    { kind: 'audio', timescale: 16_000, channels: 1, configuration: Buffer.of(0x14, 0x08) },
  ]);
  const tracks = boxes(inside(bytes, 'moov')).filter(([name]) => name === 'trak');
  expect(tracks).toHaveLength(2);
  const [video, audio] = tracks.map(([, content]) => inside(content, 'mdia', 'minf', 'stbl', 'stsd'));
  const [[, avc1]] = boxes(video!.subarray(8)) as [[string, Buffer]];
  expect([avc1.readUInt16BE(24), avc1.readUInt16BE(26)]).toEqual([640, 360]);
  expect(inside(avc1.subarray(78), 'avcC').toString()).toBe('avc');
  const [[, mp4a]] = boxes(audio!.subarray(8)) as [[string, Buffer]];
  expect([mp4a.readUInt16BE(16), mp4a.readUInt16BE(24)]).toEqual([1, 16_000]);
  expect(inside(mp4a.subarray(28), 'esds').includes(Buffer.of(0x14, 0x08))).toBe(true);
});
