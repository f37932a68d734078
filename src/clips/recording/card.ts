import { z } from 'zod';

/**
 * What lies beside each recorded segment, and says everything about it: written last, so that what has a card is whole,
 * and enough to make the index anew. Times are ticks of 1/90000 s since 1970.
 */
export const cardSchema = z.strictObject({
  version: z.literal(1),
  stream: z.string(),
  /** Of who recorded it; grows with each holder of the stream. */
  token: z.int(),
  /** Times of the first picture, and at which the last one is over. */
  begin: z.int(),
  end: z.int(),
  /** Null: nothing was recorded; the card says why. */
  video: z
    .strictObject({
      frames: z.int().positive(),
      bytes: z.int().positive(),
      codec: z.string(),
      width: z.int(),
      height: z.int(),
      audio: z.boolean(),
    })
    .nullable(),
  /** Null where the model had seen nothing yet. */
  analysis: z
    .strictObject({
      bytes: z.int().positive(),
      model: z.strictObject({ name: z.string(), sum: z.string(), dim: z.int() }),
    })
    .nullable(),
  /** What was seen, longest first. */
  names: z.array(z.strictObject({ name: z.string(), ms: z.int(), share: z.number(), count: z.int() })),
  /** What regions looked like; see `src/search/runs.ts`. */
  runs: z.unknown(),
  /** What is not recorded since the card before; from = to: until the next one. */
  missing: z.array(z.strictObject({ from: z.int(), to: z.int(), reason: z.string() })),
  /** What rules said meanwhile: kept here, too, where Redis loses nothing of it. */
  events: z.array(z.unknown()),
});
export type Card = z.infer<typeof cardSchema>;

/** Throws where it is no card. */
export const parseCard = (bytes: Uint8Array): Card =>
  cardSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));

export const TICKS_A_MS = 90;
export const TICKS = 90_000;
export const ticksOf = (milliseconds: number): number => Math.round(milliseconds * TICKS_A_MS);
export const millisecondsOf = (ticks: number): number => ticks / TICKS_A_MS;
export const isoOf = (ticks: number): string => new Date(millisecondsOf(ticks)).toISOString();

/** Where the files of a segment lie in the storage: by the hour, so that no folder has too many. */
export function segmentKeys(stream: string, begin: number, token: number) {
  const hour = isoOf(begin).slice(0, 13).replaceAll('-', '');
  const stem = `${recordingsOf(stream)}${hour}/${begin}-${token}`;
  return { video: `${stem}.mp4`, analysis: `${stem}.analysis`, card: `${stem}.json` };
}

export const recordingsOf = (stream: string): string => `recordings/${stream}/`;

/** By the key of a card; undefined for another key. */
export function cardOf(key: string): { stream: string; begin: number; token: number } | undefined {
  const [, stream, begin, token] = /^recordings\/([a-z0-9]+)\/[^/]+\/(\d+)-(\d+)\.json$/.exec(key) ?? [];
  return stream === undefined ? undefined : { stream, begin: Number(begin), token: Number(token) };
}
