/**
 * Fragmented MP4 (ISO/IEC 14496-12, 8.8), as packets are handed to ffmpeg: unlike NUT it says when each packet is decoded,
 * which ffmpeg could only guess.
 */

export type MovieTrack =
  | {
      readonly kind: 'video';
      /** Ticks a second. */
      readonly timescale: number;
      readonly width: number;
      readonly height: number;
      /** The avcC box, without its head. */
      readonly configuration: Uint8Array;
    }
  | {
      readonly kind: 'audio';
      /** Ticks a second: samples a second. */
      readonly timescale: number;
      readonly channels: number;
      /** AAC's AudioSpecificConfig (ISO/IEC 14496-3). */
      readonly configuration: Uint8Array;
    };

export interface Sample {
  /** In ticks; not negative. */
  readonly decoded: number;
  /** In ticks. */
  readonly shown: number;
  readonly key: boolean;
  readonly data: Uint8Array;
}

type Part = Uint8Array | readonly number[] | string;

function join(parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
}

const u16 = (...values: readonly number[]): Buffer =>
  Buffer.from(values.flatMap((value) => [(value >> 8) & 255, value & 255]));

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * i);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function box(name: string, ...parts: readonly Part[]): Buffer {
  const body = join(parts);
  return Buffer.concat([u32(body.length + 8), Buffer.from(name, 'latin1'), body]);
}

const full = (name: string, version: number, flags: number, ...parts: readonly Part[]): Buffer =>
  box(name, u32((version << 24) | flags), ...parts);

const zeros = (count: number): Buffer => Buffer.alloc(count);
/** No turn. */
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** What comes before the first fragment. Tracks are numbered from 1. */
export function movieHeader(tracks: readonly MovieTrack[]): Buffer {
  const [timescale] = tracks.map((track) => track.timescale);
  const movie = [
    full(
      'mvhd',
      0,
      0,
      zeros(8),
      u32(timescale, 0, 0x10000),
      u16(0x100, 0),
      zeros(8),
      MATRIX,
      zeros(24),
      u32(tracks.length + 1),
    ),
    ...tracks.map((track, i) => trackBox(track, i + 1)),
    box('mvex', ...tracks.map((_, i) => full('trex', 0, 0, u32(i + 1, 1, 0, 0, 0)))),
  ];
  return Buffer.concat([box('ftyp', 'iso6', u32(0), 'iso6mp41'), box('moov', ...movie)]);
}

function trackBox(track: MovieTrack, id: number): Buffer {
  const video = track.kind === 'video';
  const [width, height] = video ? [track.width, track.height] : [0, 0];
  const tables = [
    full('stts', 0, 0, u32(0)),
    full('stsc', 0, 0, u32(0)),
    full('stsz', 0, 0, u32(0, 0)),
    full('stco', 0, 0, u32(0)),
  ];
  const data = box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1)));
  const media = [
    full('mdhd', 0, 0, zeros(8), u32(track.timescale, 0), u16(0x55c4, 0)), // language: undetermined
    full('hdlr', 0, 0, u32(0), video ? 'vide' : 'soun', zeros(12), '\0'),
    box(
      'minf',
      video ? full('vmhd', 0, 1, zeros(8)) : full('smhd', 0, 0, zeros(4)),
      data,
      box('stbl', full('stsd', 0, 0, u32(1), video ? avc1(track) : mp4a(track)), ...tables),
    ),
  ];
  const head = full(
    'tkhd',
    0,
    3,
    ...[zeros(8), u32(id), zeros(8), zeros(12), u16(video ? 0 : 0x100, 0), MATRIX],
    ...[u32(width * 65536, height * 65536)],
  );
  return box('trak', head, box('mdia', ...media));
}

function avc1({ width, height, configuration }: Extract<MovieTrack, { kind: 'video' }>): Buffer {
  const resolution = u32(0x480000, 0x480000);
  return box(
    'avc1',
    ...[
      zeros(6),
      u16(1),
      zeros(16),
      u16(width, height),
      resolution,
      zeros(4),
      u16(1),
      zeros(32),
      u16(24, 0xffff),
    ],
    box('avcC', configuration),
  );
}

function mp4a({ timescale, channels, configuration }: Extract<MovieTrack, { kind: 'audio' }>): Buffer {
  const descriptor = (tag: number, ...parts: readonly Part[]): Buffer => {
    const body = join(parts);
    return Buffer.concat([Buffer.from([tag, 0x80, 0x80, 0x80, body.length]), body]);
  };
  const decoder = descriptor(4, [0x40, 0x15], zeros(11), descriptor(5, configuration)); // AAC, a stream of sound
  const stream = descriptor(3, u16(1), [0], decoder, descriptor(6, [2]));
  return box(
    'mp4a',
    ...[zeros(6), u16(1), zeros(8), u16(channels, 16), zeros(4), u16(timescale > 65535 ? 0 : timescale, 0)],
    full('esds', 0, 0, stream),
  );
}

const [KEY, LATER] = [0x02000000, 0x01010000];

/** Samples of one track that follow each other. `end`: ticks at which the last one is over for the decoder. */
export function fragment(number: number, track: number, samples: readonly Sample[], end: number): Buffer {
  const rows = samples.map(({ decoded, shown, key, data }, i) =>
    u32((samples[i + 1]?.decoded ?? end) - decoded, data.length, key ? KEY : LATER, shown - decoded),
  );
  const moof = (offset: number) =>
    box(
      'moof',
      full('mfhd', 0, 0, u32(number)),
      box(
        'traf',
        full('tfhd', 0, 0x20000, u32(track)), // offsets count from this fragment
        full('tfdt', 1, 0, u64(samples[0].decoded)),
        full('trun', 1, 0xf01, u32(samples.length, offset), ...rows),
      ),
    );
  const offset = moof(0).length + 8;
  const size = samples.reduce((sum, { data }) => sum + data.length, 8);
  return Buffer.concat([moof(offset), u32(size), Buffer.from('mdat'), ...samples.map(({ data }) => data)]);
}
