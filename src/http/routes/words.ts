import { z } from 'zod';
import type { App } from '../app-type.ts';
import { problems } from '../schemas.ts';
import { type AppDeps, BROWSING, MINUTE } from '../settings.ts';
import { toWords, wordsSchema } from '../system-schemas.ts';

const querySchema = z.strictObject({
  q: z.string().max(200).default('').describe('what has been written of a name so far'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  model: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'must be the name of a model')
    .optional()
    .describe('whose names are suggested; else the default’s'),
});

/** Suggestions for whoever writes a vocabulary. */
export function wordRoutes(app: App, { words, settings }: Pick<AppDeps, 'words' | 'settings'>): void {
  app.get(
    '/v1/words',
    {
      config: {
        access: 'viewer',
        // With every letter that somebody writes.
        rateLimit: { max: settings.rateLimit * BROWSING, timeWindow: MINUTE },
      },
      schema: {
        operationId: 'suggestWords',
        summary:
          'Names that begin so, have a word that does, or have it anywhere; without `q` those used last',
        tags: ['system'],
        querystring: querySchema,
        response: { 200: wordsSchema, ...problems('USAGE', 'NOT_FOUND', 'MODEL_INVALID') },
      },
    },
    async ({ query: { q, limit, model } }) => toWords(await words.suggest({ q, limit, model })),
  );
}
