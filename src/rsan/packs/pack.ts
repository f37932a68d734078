import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { isErrno, SidestreamError } from '../../core/errors.ts';
import { type Architecture, parseArchitectureFile } from '../architecture.ts';
import { openCheckpoint } from '../checkpoint/open.ts';
import type { Weights } from '../checkpoint/weights.ts';
import type { ModelSource } from '../model.ts';
import { readArchitecture } from '../read-architecture.ts';
import { openTokenizer, type Tokenizer } from '../tokenizer.ts';

/** A model pack: one folder with everything that it takes to run an R-SAN checkpoint. */

const channel = z.tuple([z.number(), z.number(), z.number()]);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const packSchema = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string(),
  /** What the tensors do not tell, in the layout of an architecture file. */
  architecture: z.unknown(),
  preprocessing: z.object({
    /** Subtracted from and divided into each channel, R G B, in units of 0..255. */
    mean: channel,
    std: channel,
    resize: z.literal('bicubic'),
    pad_multiple: z.literal(32),
  }),
  /** Pixels of the shorter side that pictures are scaled to. */
  short_side: z.number().int().min(32).max(4096),
  /** What `--precision auto` means on a CPU: int8 only where its masks were measured to be as good. */
  cpu_precision: z.enum(['fp32', 'int8']).default('fp32'),
  prompts: z.array(z.string().includes('{}')).min(1),
  /** File of the tokenizer, within the folder or one above it. */
  tokenizer: z.string().regex(/^(\.\.\/)?[\w.-]+$/),
  /** What the model was taught to name, where that is a closed list. */
  names: z
    .array(z.object({ name: z.string(), synonyms: z.array(z.string()), isthing: z.boolean() }))
    .optional(),
  licence: z.object({ code: z.string(), weights: z.string(), attribution: z.string() }),
  source: z.object({
    /** Where the checkpoint is described. */
    page: z.string(),
    /** Where it can be downloaded. */
    url: z.url().optional(),
    sha256: sha256.nullable(),
    bytes: z.number().int().positive().nullable(),
  }),
  /** What belongs to the pack besides this file; empty for one whose weights have yet to be fetched. */
  files: z.array(
    z.object({ name: z.string().regex(/^[\w.-]+$/), bytes: z.number().int().positive(), sha256 }),
  ),
});
export type PackManifest = z.infer<typeof packSchema>;

export interface Pack {
  readonly directory: string;
  readonly manifest: PackManifest;
  /** False for an entry whose weights have yet to be fetched. */
  readonly installed: boolean;
}

export const MANIFEST = 'pack.json';
export const WEIGHTS = 'weights.safetensors';

/** Reads the pack in `directory`. Throws MODEL_MISSING or MODEL_INVALID. */
export async function loadPack(directory: string): Promise<Pack> {
  const path = join(directory, MANIFEST);
  let json: string;
  try {
    json = await readFile(path, 'utf8');
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new SidestreamError('MODEL_MISSING', `no model pack at ${directory}: ${path} cannot be read`, {
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new SidestreamError('MODEL_INVALID', `${path} is not JSON`, { cause: error });
  }
  const parsed = packSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SidestreamError('MODEL_INVALID', `${path}: ${issue.path.join('.')}: ${issue.message}`);
  }
  const installed = parsed.data.files.some(({ name }) => name === WEIGHTS);
  return { directory: resolve(directory), manifest: parsed.data, installed };
}

/** All packs in these folders of packs, where a folder without a pack.json is none; of two with the same name, the installed one, else the first. */
export async function listPacks(folders: readonly string[]): Promise<Pack[]> {
  const packs = new Map<string, Pack>();
  for (const folder of folders) {
    for (const entry of await subfolders(folder)) {
      if (!existsSync(join(folder, entry, MANIFEST))) continue;
      const pack = await loadPack(join(folder, entry));
      const known = packs.get(pack.manifest.name);
      if (!known || (pack.installed && !known.installed)) packs.set(pack.manifest.name, pack);
    }
  }
  return [...packs.values()];
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return [];
    throw error;
  }
}

/** The pack called `name` in these folders, or the one in the folder that `name` is. It must have its weights. */
export async function findPack(name: string, folders: readonly string[]): Promise<Pack> {
  const isPath = name.includes('/') || name.startsWith('.');
  const packs = isPath ? [await loadPack(name)] : await listPacks(folders);
  const pack = isPath ? packs[0] : packs.find(({ manifest }) => manifest.name === name);
  if (!pack) {
    const known = packs.map(({ manifest }) => manifest.name).join(', ');
    throw new SidestreamError('MODEL_MISSING', `there is no model ${name}; known are ${known || 'none'}`);
  }
  if (!pack.installed) {
    throw new SidestreamError(
      'MODEL_MISSING',
      `the weights of ${name} are not here: run sidestream models fetch ${pack.manifest.name}`,
    );
  }
  return pack;
}

export interface OpenPack extends ModelSource {
  readonly manifest: PackManifest;
  readonly tokenizer: Tokenizer;
}

/** Opens a pack's weights and tokenizer. The caller closes the weights, or hands them to a model that does. */
export async function openPack({ directory, manifest }: Pack): Promise<OpenPack> {
  const weights = await openCheckpoint(join(directory, WEIGHTS));
  try {
    const { mean, std } = manifest.preprocessing;
    const architecture = packArchitecture(weights, manifest, directory);
    const tokenizer = await openFitting(join(directory, manifest.tokenizer), architecture);
    const entry = manifest.files.find(({ name }) => name === WEIGHTS);
    return {
      name: manifest.name,
      manifest,
      architecture,
      weights,
      normalisation: { mean, std },
      identity: entry?.sha256 ?? directory,
      cpuPrecision: manifest.cpu_precision,
      tokenizer,
    };
  } catch (error) {
    await weights.close();
    throw error;
  }
}

/** Opens a tokenizer.json whose tokens the model can take; else throws TOKENIZER_INVALID. */
export async function openFitting(path: string, { clip: { text } }: Architecture): Promise<Tokenizer> {
  const tokenizer = await openTokenizer(path);
  const { context, vocab } = tokenizer;
  if (context === text.context && vocab <= text.vocab) return tokenizer;
  const given = `${context} tokens of ${vocab} kinds`;
  throw new SidestreamError(
    'TOKENIZER_INVALID',
    `${path} gives ${given}; the model takes ${text.context} of ${text.vocab}: use the tokenizer it was trained with`,
  );
}

function packArchitecture(weights: Weights, manifest: PackManifest, directory: string): Architecture {
  return readArchitecture(
    weights,
    parseArchitectureFile(JSON.stringify(manifest.architecture), join(directory, MANIFEST)),
  );
}

/** The SHA-256 of a file, in hexadecimal. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
