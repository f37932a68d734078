import { z } from 'zod';
import type { Storage } from '../storage/storage.ts';
import { policySchema } from './request.ts';

/** What a stream is about, as it is kept in the storage for the worker that holds it. One object a revision. */
const descriptionSchema = z.strictObject({
  id: z.string(),
  revision: z.int(),
  name: z.string(),
  /** With its credentials. */
  url: z.string(),
  transport: z.enum(['tcp', 'udp', 'multicast', 'http']),
  track: z.int(),
  words: z.strictObject({
    names: z.array(z.array(z.string())),
    expand: z.enum(['coco-stuff', 'model', 'none']),
    things: z.array(z.string()),
    stuff: z.array(z.string()),
  }),
  model: z.string(),
  short_side: z.int().nullable(),
  policy: policySchema,
  between: z.enum(['hold', 'move']),
  output: z.strictObject({
    hls: z.boolean(),
    rtsp: z.string().nullable(),
    audio: z.boolean(),
    encoder: z.strictObject({ encoder: z.string().nullable(), crf: z.int(), preset: z.string() }),
    style: z.strictObject({
      opacity: z.number(),
      outline: z.number(),
      labels: z.enum(['none', 'names', 'ids']),
      color_by: z.enum(['name', 'track']),
      colors: z.record(z.string(), z.string()),
    }),
    paint_side: z.int(),
  }),
});
export type StreamDescription = z.infer<typeof descriptionSchema>;

/** Throws OBJECT_NOT_FOUND. */
export async function readStream(
  id: string,
  revision: number,
  storage: Pick<Storage, 'read'>,
  signal?: AbortSignal,
): Promise<StreamDescription> {
  const key = streamKeys(id).description(revision);
  return descriptionSchema.parse(JSON.parse(String(await storage.read(key, signal))));
}

/** Where the files of a stream lie in the storage. */
export const streamKeys = (id: string) => {
  const folder = `streams/${id}`;
  return {
    folder: `${folder}/`,
    description: (revision: number) => `${folder}/stream-${revision}.json`,
    /** What the association remembers, left by the holder with this token; two take turns, so that one is always whole. */
    state: (token: number, turn: number) => `${folder}/state-${token}-${turn % 2}`,
  };
};
