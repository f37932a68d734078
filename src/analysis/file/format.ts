import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { SidestreamError } from '../../core/errors.ts';

/** The layout of analysis files, as docs/analysis-format.md has it. All numbers are little-endian. */

/** Raised when files of the new kind cannot be read by older readers. */
export const FORMAT_VERSION = 1;

/** What a record holds. */
export const TAGS = {
  /** JSON: see `headerSchema`. The first record. */
  header: 'SSAN',
  /** The tracks of the frames that follow, up to the next record of this kind. */
  tracks: 'TRKS',
  /** The regions of the frame that follows, not yet associated. */
  regions: 'RGNS',
  frame: 'FRAM',
  /** Where the records with tracks or regions are. */
  index: 'INDX',
  /** Where the index is. The last record of a whole file. */
  end: 'DONE',
} as const;
export type Tag = (typeof TAGS)[keyof typeof TAGS];

const rational = z.object({ num: z.int().positive(), den: z.int().positive() });
const size = z.object({ width: z.int().positive(), height: z.int().positive() });

export const headerSchema = z.object({
  version: z.int().positive(),
  /** Who wrote it. */
  program: z.string(),
  model: z.object({
    name: z.string(),
    /** The checksum of the pack: words can be compared with these embeddings by this model alone. */
    sum: z.string(),
    precision: z.string(),
    /** Numbers in an embedding, D. */
    dim: z.int().positive().max(65_536),
  }),
  /** How a frame became the model's input. */
  preprocessing: z.object({
    /** Pixels of the shorter side that were asked for, and what came of it. */
    short_side: z.int().positive(),
    input: size,
    mean: z.array(z.number()).length(3),
    std: z.array(z.number()).length(3),
    /** Each n-th frame went through the model. */
    every: z.int().positive(),
    deinterlace: z.boolean(),
  }),
  /** Points across and down; one for each `step` × `step` pixels of the model's input. Levels go up to `levels`. */
  lattice: size.extend({ step: z.int().positive(), levels: z.int().positive().max(255) }),
  time_base: rational,
  source: z.object({
    /** Without credentials. */
    name: z.string(),
    /** See `sumOfFile`; null where it cannot be told, as for addresses. */
    sum: z.string().nullable(),
    /** The part that was read, in seconds; null: from its start, to its end. */
    start: z.number().nullable(),
    duration: z.number().nullable(),
    /** What the video is, as the report of `segment` has it. */
    probe: z.looseObject({}),
  }),
  /** How regions became tracks; null where that is still to be done. */
  association: z.enum(['online', 'clustered']).nullable(),
  /** Made while a camera was watched: a frame at a time, and nothing looked ahead. */
  live: z.literal(true).optional(),
});
export type AnalysisHeader = z.infer<typeof headerSchema>;

/** Bytes before each record's content: tag, length of the content, its CRC-32, CRC-32 of the twelve bytes before. */
export const RECORD_HEAD = 16;
/** No record comes near; a damaged length must not ask for more memory than there is. */
export const LARGEST_RECORD = 1 << 28;

export interface RecordHead {
  readonly tag: string;
  readonly length: number;
  readonly sum: number;
}

export function encodeRecord(tag: Tag, content: Uint8Array): Buffer {
  const record = Buffer.alloc(RECORD_HEAD + content.length);
  record.write(tag, 0, 'latin1');
  record.writeUInt32LE(content.length, 4);
  record.writeUInt32LE(crc32(content), 8);
  record.writeUInt32LE(crc32(record.subarray(0, 12)), 12);
  record.set(content, RECORD_HEAD);
  return record;
}

/** Undefined where these are not the first bytes of a record. */
export function readRecordHead(bytes: Buffer): RecordHead | undefined {
  if (bytes.length < RECORD_HEAD || crc32(bytes.subarray(0, 12)) !== bytes.readUInt32LE(12)) return undefined;
  const head = {
    tag: bytes.toString('latin1', 0, 4),
    length: bytes.readUInt32LE(4),
    sum: bytes.readUInt32LE(8),
  };
  return head.length <= LARGEST_RECORD ? head : undefined;
}

export const isWhole = ({ length, sum }: RecordHead, content: Uint8Array): boolean =>
  content.length === length && crc32(content) === sum;

/** A file that cannot be used, in one line. */
export function invalidAnalysis(path: string, why: string, cause?: unknown): SidestreamError {
  return new SidestreamError('ANALYSIS_INVALID', `${path}: ${why}`, { cause });
}

export function encodeHeader(header: AnalysisHeader): Buffer {
  return encodeRecord(TAGS.header, Buffer.from(JSON.stringify(header)));
}

/** Throws ANALYSIS_INVALID for a file of a later version, and where something is missing. */
export function parseHeader(content: Buffer, path: string): AnalysisHeader {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content.toString('utf8'));
  } catch (error) {
    throw invalidAnalysis(path, 'its header is no JSON', error);
  }
  const version = z.object({ version: z.int().positive() }).safeParse(parsed);
  if (version.success && version.data.version > FORMAT_VERSION) {
    throw invalidAnalysis(
      path,
      `it is of format version ${version.data.version}, and this program reads up to ${FORMAT_VERSION}: use a newer one`,
    );
  }
  const header = headerSchema.safeParse(parsed);
  if (header.success) return header.data;
  const [issue] = header.error.issues;
  throw invalidAnalysis(path, `its header is not as it should be: ${issue.path.join('.')}: ${issue.message}`);
}
