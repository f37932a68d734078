import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ArchitectureFile } from './architecture.ts';
import { openCheckpoint } from './checkpoint/open.ts';
import type { ModelSource } from './model.ts';
import { CLIP_MEAN, CLIP_STD } from './packs/convert.ts';
import { findPack, openPack } from './packs/pack.ts';
import { readArchitecture } from './read-architecture.ts';

/** A pack by name or folder, or a bare checkpoint file, which is taken to have CLIP's preprocessing. */
export async function openSource(
  source: string,
  folders: readonly string[],
  architecture: ArchitectureFile | undefined,
): Promise<ModelSource> {
  const info = await stat(source).catch(() => undefined); // Not a file: then it is a pack's name.
  if (!info?.isFile()) return await openPack(await findPack(source, folders));
  const weights = await openCheckpoint(source);
  try {
    const version = `${resolve(source)} ${info.size} ${info.mtimeMs}`;
    return {
      name: source,
      architecture: readArchitecture(weights, architecture),
      weights,
      normalisation: { mean: CLIP_MEAN, std: CLIP_STD },
      identity: createHash('sha256').update(version).digest('hex'),
      cpuPrecision: 'fp32',
    };
  } catch (error) {
    await weights.close();
    throw error;
  }
}
