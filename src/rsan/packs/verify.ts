import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asSidestreamError } from '../../core/errors.ts';
import { fileSha256, openPack, type Pack } from './pack.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface VerifyDeps {
  /** Runs the model once and says what it did; throws when its results make no sense. */
  readonly selfTest: () => Promise<string>;
}

/**
 * Checks sums, sizes, shapes and the tokenizer of a pack, then runs it. Failures are results, not exceptions; only an
 * interruption is thrown.
 */
export async function verifyPack(pack: Pack, { selfTest }: VerifyDeps): Promise<{ checks: Check[] }> {
  const checks: Check[] = [];
  const check = async (name: string, work: () => Promise<string>) => {
    try {
      checks.push({ name, ok: true, detail: await work() });
    } catch (error) {
      if (asSidestreamError(error).code === 'INTERRUPTED') throw error;
      checks.push({ name, ok: false, detail: error instanceof Error ? error.message : String(error) });
    }
  };
  for (const { name, bytes, sha256 } of pack.manifest.files) {
    await check(name, async () => {
      const path = join(pack.directory, name);
      const { size } = await stat(path);
      if (size !== bytes) throw new Error(`${size} bytes in place of ${bytes}`);
      const found = await fileSha256(path);
      if (found !== sha256) throw new Error(`its sha256 is ${found} in place of ${sha256}`);
      return `${bytes} bytes, sha256 ${sha256.slice(0, 12)}…`;
    });
  }
  await check('architecture and tokenizer', async () => {
    const { architecture, weights } = await openPack(pack);
    await weights.close();
    const { clip, side } = architecture;
    return `CLIP ${clip.vision.width}×${clip.vision.layers}, side adapter ${side.width}×${side.depth}, ${side.queries} queries`;
  });
  await check('self-test', selfTest);
  return { checks };
}
