import { decodeObjects, encodeObjects } from '../../associate/object-state.ts';
import { decodeState, encodeState } from '../../associate/region-state.ts';
import type { LiveMemory } from './namer.ts';

/** What a stream's following and naming remembers, as bytes: another worker goes on from them with the same ids. */

const VERSION = 1;

const packed = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const unpacked = (text: unknown): Uint8Array => Buffer.from(String(text), 'base64');

/** `model`: regions of another one cannot be gone on from. */
export function encodeMemory(memory: LiveMemory, model: string): Uint8Array {
  const { index, at, pace, regions, seeds, segments, vocabulary } = memory;
  return Buffer.from(
    JSON.stringify({
      version: VERSION,
      model,
      index,
      at,
      pace,
      regions: packed(encodeState(regions)),
      seeds: { nextId: seeds.nextId, objects: packed(encodeObjects(seeds.objects)) },
      segments: { ...segments, objects: packed(encodeObjects(segments.objects)) },
      vocabulary,
    }),
  );
}

/** Undefined where the bytes are of another version or model. Throws RangeError or SyntaxError where they are damaged. */
export function decodeMemory(bytes: Uint8Array, model: string): LiveMemory | undefined {
  const stored = JSON.parse(Buffer.from(bytes).toString());
  if (stored.version !== VERSION || stored.model !== model) return undefined;
  if (!Number.isSafeInteger(stored.index)) throw new RangeError("a stream's memory has no frame");
  return {
    index: stored.index,
    at: stored.at,
    pace: stored.pace,
    regions: decodeState(unpacked(stored.regions)),
    seeds: { nextId: stored.seeds.nextId, objects: decodeObjects(unpacked(stored.seeds.objects)) },
    segments: { ...stored.segments, objects: decodeObjects(unpacked(stored.segments.objects)) },
    vocabulary: stored.vocabulary,
  };
}
