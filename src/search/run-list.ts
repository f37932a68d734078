import { z } from 'zod';
import { SidestreamError } from '../core/errors.ts';
import type { Run } from './runs.ts';

/** Runs as a value of JSON, written beside what they are about, so that an index can be made again without analyses. */
export type RunList = z.infer<typeof schema>;

const VERSION = 1;
const time = z.int();
const schema = z
  .object({
    version: z.literal(VERSION),
    /** Numbers in an embedding, D. */
    dim: z.int().positive().max(65_536),
    tracks: z.array(z.int()),
    from: z.array(time),
    to: z.array(time),
    at: z.array(time),
    shares: z.array(z.number().min(0).max(1)),
    /** Base64 of int8, runs × D. */
    looks: z.base64(),
  })
  .refine(
    ({ tracks: { length }, from, to, at, shares }) =>
      [from, to, at, shares].every((column) => column.length === length),
    'its columns are not of one length',
  )
  .refine(
    ({ from, to, at }) => from.every((begins, i) => begins <= at[i] && at[i] < to[i]),
    'a run ends before it begins',
  );

/** Nine digits tell one float32 from another. */
const rounded = (share: number): number => Number(share.toPrecision(9));

export function encodeRuns(runs: readonly Run[], dim: number): RunList {
  const looks = new Int8Array(runs.length * dim);
  for (const [i, { look }] of runs.entries()) looks.set(look, i * dim);
  return {
    version: VERSION,
    dim,
    tracks: runs.map(({ track }) => track),
    from: runs.map(({ from }) => from),
    to: runs.map(({ to }) => to),
    at: runs.map(({ at }) => at),
    shares: runs.map(({ share }) => rounded(share)),
    looks: Buffer.from(looks.buffer).toString('base64'),
  };
}

/** `where`: what is decoded, for the message. Throws ANALYSIS_INVALID where this is no list of runs. */
export function decodeRuns(value: unknown, where: string): { readonly dim: number; readonly runs: Run[] } {
  const invalid = (why: string) =>
    new SidestreamError('ANALYSIS_INVALID', `${where} is no list of runs: ${why}`);
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw invalid(path.length > 0 ? `${path.join('.')}: ${message}` : message);
  }
  const { dim, tracks, from, to, at, shares, looks } = parsed.data;
  const steps = new Int8Array(new Uint8Array(Buffer.from(looks, 'base64')).buffer);
  if (steps.length !== tracks.length * dim)
    throw invalid(`${steps.length} steps do not make ${tracks.length} looks of ${dim}`);
  const runs = tracks.map((track, i) => ({
    track,
    from: from[i],
    to: to[i],
    share: Math.fround(shares[i]),
    at: at[i],
    look: steps.slice(i * dim, (i + 1) * dim),
  }));
  return { dim, runs };
}
