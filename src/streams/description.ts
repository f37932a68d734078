import { z } from 'zod';
import type { Rules } from '../clips/rules/rules.ts';
import { pictureShape, wordsSchema } from '../jobs/description.ts';
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
  words: wordsSchema,
  model: z.string(),
  short_side: z.int().nullable(),
  policy: policySchema,
  between: z.enum(['hold', 'move']),
  /** What is waited for; null: nothing. */
  rules: z
    .custom<Rules>((value) => typeof value === 'object' && value !== null && 'rules' in value)
    .nullable()
    .default(null),
  /** Null: nothing is recorded. */
  record: z
    .strictObject({ audio: z.boolean(), seconds: z.number(), days: z.number(), max_bytes: z.int() })
    .nullable()
    .default(null),
  output: z.strictObject({
    hls: z.boolean(),
    rtsp: z.string().nullable(),
    audio: z.boolean(),
    ...pictureShape,
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
    /** What its rules remember, left by the holder with this token. */
    rules: (token: number | undefined) => `${folder}/rules-${token === undefined ? '' : `${token}.json`}`,
    /** What the association remembers, left by the holder with this token; two take turns, so that one is always whole. */
    state: (token: number, turn: number) => `${folder}/state-${token}-${turn % 2}`,
  };
};
