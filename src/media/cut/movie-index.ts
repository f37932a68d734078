/**
 * Where an MP4 has its packets, and when they are shown (ISO/IEC 14496-12, 8): of files such as the recorder writes, with
 * whole tables and no edits but a pause at the beginning. To start ffmpeg takes longer than to read them; whatever is
 * otherwise is for ffmpeg to read.
 */
export interface IndexedTrack {
  readonly kind: 'video' | 'audio';
  /** Ticks a second. */
  readonly timescale: number;
  /** Equal for tracks whose packets are decoded alike: all that the file says of that. */
  readonly description: string;
  /** In the order of decoding. */
  readonly samples: readonly IndexedSample[];
}

export interface IndexedSample {
  /** Bytes of the file. */
  readonly offset: number;
  readonly size: number;
  /** In ticks of the track. */
  readonly decoded: number;
  readonly shown: number;
  readonly key: boolean;
}

/** The tracks of pictures and of sound, in order. Undefined where the file is not as the recorder writes it. */
export function indexOf(file: Buffer): IndexedTrack[] | undefined {
  try {
    const boxes = boxesIn(file, 0, file.length);
    if (boxes.some(({ name }) => name === 'moof')) return undefined;
    const { body } = one(boxes, 'moov');
    const inside = boxesIn(body, 0, body.length);
    const movie = one(inside, 'mvhd').body;
    expect(movie[0] === 0);
    return inside
      .filter(({ name }) => name === 'trak')
      .flatMap((track) => trackOf(track.body, movie.readUInt32BE(12), file.length) ?? []);
  } catch (error) {
    // What is read beyond the end of a box, or is not expected.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Box {
  readonly name: string;
  readonly body: Buffer;
}

function boxesIn(bytes: Buffer, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at < to; ) {
    const short = bytes.readUInt32BE(at);
    const head = short === 1 ? 16 : 8;
    const size = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    expect(size >= head && at + size <= to);
    boxes.push({
      name: bytes.toString('latin1', at + 4, at + 8),
      body: bytes.subarray(at + head, at + size),
    });
    at += size;
  }
  return boxes;
}

function expect(holds: boolean): asserts holds {
  if (!holds) throw new RangeError('not as the recorder writes it');
}

function one(boxes: readonly Box[], name: string): Box {
  const found = boxes.filter((box) => box.name === name);
  expect(found.length === 1);
  return found[0];
}

/** The boxes within one that is named by its way from here. */
function within(body: Buffer, ...way: readonly string[]): Box[] {
  const boxes = boxesIn(body, 0, body.length);
  const [name, ...rest] = way;
  return name === undefined ? boxes : within(one(boxes, name).body, ...rest);
}

/** Undefined for tracks of anything but pictures and sound. `movieScale`: ticks a second of the movie. */
function trackOf(track: Buffer, movieScale: number, fileSize: number): IndexedTrack | undefined {
  const about = within(track);
  const media = within(track, 'mdia');
  const kind = { vide: 'video', soun: 'audio' }[one(media, 'hdlr').body.toString('latin1', 8, 12)];
  if (kind !== 'video' && kind !== 'audio') return undefined;
  const [head, mediaHead] = [one(about, 'tkhd').body, one(media, 'mdhd').body];
  expect(head[0] === 0 && mediaHead[0] === 0);
  const timescale = mediaHead.readUInt32BE(12);
  expect(timescale > 0 && movieScale > 0);
  const tables = within(track, 'mdia', 'minf', 'stbl');
  const samples = samplesOf(tables, fileSize);
  expect(samples.length > 0 && samples[0].key);
  const pause = pauseOf(about, { movieScale, timescale, length: samples[samples.length - 1].decoded });
  return {
    ...{ kind, timescale },
    // Behind the times of the track's head stand its matrix and the size that it is shown in.
    description: [timescale, head.toString('latin1', 36), ...descriptionOf(kind, tables)].join(' '),
    samples: samples.map((sample) => ({
      ...sample,
      decoded: sample.decoded + pause,
      shown: sample.shown + pause,
    })),
  };
}

/** Bytes of a sample description before its boxes. */
const DESCRIBED = { video: 78, audio: 28 };

/** The sample description without what it says of bit rates, which differ from file to file. */
function descriptionOf(kind: IndexedTrack['kind'], tables: readonly Box[]): string[] {
  const { body } = one(tables, 'stsd');
  expect(body.readUInt32BE(4) === 1);
  const { name, body: entry } = one(boxesIn(body, 8, body.length), body.toString('latin1', 12, 16));
  const parts = boxesIn(entry, DESCRIBED[kind], entry.length)
    .filter((part) => part.name !== 'btrt')
    .map(
      (part) =>
        `${part.name} ${(part.name === 'esds' ? withoutRates(part.body) : part.body).toString('latin1')}`,
    );
  return [name, entry.toString('latin1', 0, DESCRIBED[kind]), ...parts];
}

/** An elementary stream descriptor (ISO/IEC 14496-1, 7.2.6): 3 has in it 4, which has rates before 5, what decoders need. */
function withoutRates(body: Buffer): Buffer {
  /** Where the content of a descriptor begins: its length is of seven bits a byte. */
  const inside = (at: number, tag: number) => {
    expect(body.readUInt8(at) === tag);
    let content = at + 1;
    while (body.readUInt8(content++) >= 128);
    return content;
  };
  const stream = inside(4, 3);
  // Its number, and then no flags: what they announce would come here.
  expect(body.readUInt8(stream + 2) === 0);
  const decoder = inside(stream + 3, 4);
  return Buffer.concat([body.subarray(decoder, decoder + 1), body.subarray(decoder + 13)]);
}

/** Ticks of the track before its first sample. `length`: when its last sample is decoded. */
function pauseOf(
  track: readonly Box[],
  { movieScale, timescale, length }: Readonly<Record<'movieScale' | 'timescale' | 'length', number>>,
): number {
  const lists = track.filter(({ name }) => name === 'edts').flatMap(({ body }) => within(body));
  if (lists.length === 0) return 0;
  const { body } = one(lists, 'elst');
  expect(body[0] === 0);
  const edits = Array.from({ length: body.readUInt32BE(4) }, (_, i) => {
    const at = 8 + 12 * i;
    expect(body.readUInt32BE(at + 8) === 0x10000);
    return { duration: body.readUInt32BE(at), from: body.readInt32BE(at + 4) };
  });
  const shown = edits.pop();
  expect(shown?.from === 0 && shown.duration >= Math.floor((length * movieScale) / timescale));
  expect(edits.length <= 1 && edits.every(({ from }) => from === -1));
  return edits.reduce((sum, { duration }) => sum + Math.round((duration * timescale) / movieScale), 0);
}

function samplesOf(tables: readonly Box[], fileSize: number): IndexedSample[] {
  const sizes = sizesIn(one(tables, 'stsz').body);
  const count = sizes.length;
  const offsets = offsetsOf(tables, sizes);
  const steps = runsIn(one(tables, 'stts').body, count);
  const later = optional(tables, 'ctts');
  const delays = later ? runsIn(later, count) : [];
  const keys = optional(tables, 'stss');
  const begins =
    keys && new Set(Array.from({ length: keys.readUInt32BE(4) }, (_, i) => keys.readUInt32BE(8 + 4 * i)));
  let decoded = 0;
  return sizes.map((size, i) => {
    const sample = {
      ...{ offset: offsets[i], size, decoded },
      shown: decoded + (delays[i] ?? 0),
      key: !begins || begins.has(i + 1),
    };
    expect(sample.offset + size <= fileSize && sample.shown >= decoded);
    decoded += steps[i];
    return sample;
  });
}

const optional = (tables: readonly Box[], name: string): Buffer | undefined =>
  tables.some((box) => box.name === name) ? one(tables, name).body : undefined;

/** stsz: of each sample its bytes. */
function sizesIn(body: Buffer): number[] {
  const [same, count] = [body.readUInt32BE(4), body.readUInt32BE(8)];
  expect(same === 0 ? body.length >= 12 + 4 * count : count <= 1e6);
  return Array.from({ length: count }, (_, i) => same || body.readUInt32BE(12 + 4 * i));
}

/** stts, ctts: how many samples in a row have a number. */
function runsIn(body: Buffer, count: number): number[] {
  const values: number[] = [];
  const entries = body.readUInt32BE(4);
  for (let i = 0; i < entries; i++) {
    const [times, value] = [body.readUInt32BE(8 + 8 * i), body.readInt32BE(12 + 8 * i)];
    expect(values.length + times <= count);
    for (let k = 0; k < times; k++) values.push(value);
  }
  expect(values.length === count);
  return values;
}

/** stsc, stco: samples stand in chunks, one behind the other. */
function offsetsOf(tables: readonly Box[], sizes: readonly number[]): number[] {
  const [chunks, runs] = [one(tables, 'stco').body, one(tables, 'stsc').body];
  const chunkCount = chunks.readUInt32BE(4);
  const runCount = runs.readUInt32BE(4);
  const offsets: number[] = [];
  for (let run = 0; run < runCount; run++) {
    const first = runs.readUInt32BE(8 + 12 * run);
    const next = run + 1 < runCount ? runs.readUInt32BE(20 + 12 * run) : chunkCount + 1;
    const [samples, description] = [runs.readUInt32BE(12 + 12 * run), runs.readUInt32BE(16 + 12 * run)];
    expect(description === 1 && first === (run === 0 ? 1 : first) && next > first && next <= chunkCount + 1);
    for (let chunk = first; chunk < next; chunk++) {
      let offset = chunks.readUInt32BE(4 + 4 * chunk);
      for (let i = 0; i < samples; i++) {
        expect(offsets.length < sizes.length);
        const size = sizes[offsets.length];
        offsets.push(offset);
        offset += size;
      }
    }
  }
  expect(offsets.length === sizes.length);
  return offsets;
}
