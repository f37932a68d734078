import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isErrno, SidestreamError } from '../../core/errors.ts';
import { type ArchitectureFile, toArchitectureFile } from '../architecture.ts';
import { openCheckpoint } from '../checkpoint/open.ts';
import { writeSafetensors } from '../checkpoint/safetensors.ts';
import { expectedTensors, readArchitecture } from '../read-architecture.ts';
import {
  fileSha256,
  loadPack,
  MANIFEST,
  openFitting,
  type Pack,
  type PackManifest,
  packSchema,
  WEIGHTS,
} from './pack.ts';

/** CLIP's mean and standard deviation of R, G and B, in units of 0..255 (openai/CLIP). */
export const CLIP_MEAN = [0.48145466 * 255, 0.4578275 * 255, 0.40821073 * 255] as const;
export const CLIP_STD = [0.26862954 * 255, 0.26130258 * 255, 0.27577711 * 255] as const;

/** The prompts of the public R-SAN code. */
export const PROMPTS = [
  'a photo of a {}.',
  'This is a photo of a {}',
  'There is a {} in the scene',
  'There is the {} in the scene',
  'a photo of a {} in the scene',
  'a photo of a small {}.',
  'a photo of a medium {}.',
  'a photo of a large {}.',
  'This is a photo of a small {}.',
  'This is a photo of a medium {}.',
  'This is a photo of a large {}.',
  'There is a small {} in the scene.',
  'There is a medium {} in the scene.',
  'There is a large {} in the scene.',
];

const TOKENIZER = 'tokenizer.json';
const CARD = 'MODEL_CARD.md';

export interface ConvertOptions {
  readonly tokenizer: string;
  /** What the tensors do not tell. */
  readonly architecture?: ArchitectureFile;
  /** Folder of the new pack; replaced only where `force` says so. */
  readonly out: string;
  readonly force?: boolean;
  /** Fields of pack.json that the checkpoint cannot tell: name, licence, names, short side…. */
  readonly manifest?: Partial<PackManifest>;
  /** A model card to go with it; a short one is written where there is none. */
  readonly card?: string;
}

/**
 * Makes a pack of an R-SAN checkpoint: tensors under their public names and in their stored type, the tokenizer, and
 * what the architecture is. The folder appears when all of it is written.
 */
export async function convert(checkpoint: string, options: ConvertOptions): Promise<Pack> {
  const out = resolve(options.out);
  const present = await stat(out).catch((error) =>
    isErrno(error, 'ENOENT') ? undefined : Promise.reject(error),
  );
  if (present && !options.force) {
    throw new SidestreamError('OUTPUT_EXISTS', `${out} exists: choose another -o or give --force`);
  }
  // What else is in a folder is nothing that anyone wanted to lose.
  if (present && !existsSync(join(out, MANIFEST)))
    throw new SidestreamError(
      'OUTPUT_EXISTS',
      `${out} is no model pack, so it is not replaced: choose another -o`,
    );
  const weights = await openCheckpoint(checkpoint);
  const draft = join(dirname(out), `.${basename(out)}.${process.pid}.partial`);
  try {
    const architecture = readArchitecture(weights, options.architecture);
    await openFitting(options.tokenizer, architecture);
    await mkdir(draft, { recursive: true });
    const tensors = [...expectedTensors(architecture).keys()].map((name) => {
      return { name, ...weights.info(name), bytes: () => weights.bytes(name) };
    });
    await writeSafetensors(join(draft, WEIGHTS), tensors);
    // Contents alone: the copies are the pack's own, whatever the modes of the originals.
    await writeFile(join(draft, TOKENIZER), await readFile(options.tokenizer));
    if (options.card) await writeFile(join(draft, CARD), await readFile(options.card));

    const described = describe(basename(out), options.manifest);
    if (!options.card) await writeFile(join(draft, CARD), shortCard(described));
    const manifest: PackManifest = packSchema.parse({
      ...described,
      architecture: toArchitectureFile(architecture),
      tokenizer: TOKENIZER,
      files: await Promise.all([WEIGHTS, TOKENIZER, CARD].map((name) => describeFile(draft, name))),
    });
    await writeFile(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    if (present) await rm(out, { recursive: true });
    await rename(draft, out);
    return await loadPack(out);
  } finally {
    await weights.close();
    await rm(draft, { recursive: true, force: true });
  }
}

/** A manifest's fields without those that are read off the files. */
type Described = Omit<PackManifest, 'architecture' | 'tokenizer' | 'files'>;

function describe(folder: string, given: Partial<PackManifest> = {}): Described {
  return {
    name:
      folder
        .toLowerCase()
        .replace(/[^a-z0-9.-]+/g, '-')
        .replace(/^[.-]+/, '') || 'model',
    title: folder,
    preprocessing: packSchema.shape.preprocessing.parse({
      mean: CLIP_MEAN,
      std: CLIP_STD,
      resize: 'bicubic',
      pad_multiple: 32,
    }),
    short_side: 640,
    cpu_precision: 'fp32',
    prompts: PROMPTS,
    licence: { code: 'MIT (MendelXu/SAN)', weights: 'see the source', attribution: '' },
    source: { page: 'https://github.com/MendelXu/SAN', sha256: null, bytes: null },
    ...given,
  };
}

async function describeFile(folder: string, name: string) {
  const path = join(folder, name);
  return { name, bytes: (await stat(path)).size, sha256: await fileSha256(path) };
}

function shortCard({ title, licence, source }: Described): string {
  return `# ${title}

An R-SAN (region-wise Side Adapter Network) checkpoint, converted for Sidestream.

- **Source**: ${source.page}
- **Licence of the weights**: ${licence.weights}
- **Licence of the original code**: ${licence.code}
${licence.attribution ? `- **Attribution**: ${licence.attribution}\n` : ''}`;
}
