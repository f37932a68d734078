import { z } from 'zod';
import type { App } from '../app-type.ts';
import { binarySchema, idSchema, problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';
import { cutOffIdle } from '../slow-clients.ts';
import { createTus } from '../tus.ts';

const PATH = '/v1/uploads';
const BYTES = 'application/offset+octet-stream';

/** Checked by the tus server, which has its own answers to what is missing. */
const resumable = { 'tus-resumable': z.string().optional().describe('1.0.0') };
const creation = z.object({
  ...resumable,
  'upload-length': z.string().optional().describe('bytes of the whole'),
  'upload-metadata': z.string().optional().describe('`filename` and its value in Base64'),
});
const progress = z.object({
  ...resumable,
  'upload-offset': z.string().optional().describe('bytes that are there already'),
});

/** tus 1.0: creation, creation-with-upload, expiration, termination. */
export function uploadRoutes(app: App, { uploads, settings }: AppDeps): void {
  const tus = createTus({ uploads }, { path: PATH, expiryMs: settings.uploadHours * 3_600_000 });
  const tags = ['uploads'];
  const empty = (text: string) => z.undefined().describe(text);

  // The bytes are read where they go.
  app.addContentTypeParser(BYTES, (request, _payload, done) => {
    cutOffIdle(request.raw, settings.requestTimeoutMs);
    done(null);
  });

  app.post(
    PATH,
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'createUpload',
        summary: 'Begins an upload; `Location` says where it goes on',
        tags,
        headers: creation,
        response: {
          201: empty('begun'),
          ...problems('USAGE', 'INPUT_TOO_LARGE', 'QUOTA_EXCEEDED', 'DISK_FULL'),
        },
      },
    },
    async (request, reply) => tus.handle(request, reply, undefined),
  );
  app.head(
    `${PATH}/:id`,
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'getUpload',
        summary: 'How much of an upload is there',
        tags,
        params: idSchema,
        headers: z.object(resumable),
        response: {
          200: empty('`Upload-Offset` and `Upload-Length` say it'),
          ...problems('NOT_FOUND', 'QUOTA_EXCEEDED', 'DISK_FULL'),
        },
      },
    },
    async (request, reply) => tus.handle(request, reply, request.params.id),
  );
  app.patch(
    `${PATH}/:id`,
    {
      config: { access: 'operator', bodies: { [BYTES]: binarySchema } },
      schema: {
        operationId: 'continueUpload',
        summary: 'Adds bytes; with the last of them the upload can be used for a job',
        tags,
        params: idSchema,
        headers: progress,
        response: {
          204: empty('added; `Upload-Offset` says how much is there'),
          ...problems('USAGE', 'NOT_FOUND', 'CONFLICT', 'INPUT_TOO_LARGE', 'QUOTA_EXCEEDED', 'DISK_FULL'),
        },
      },
    },
    async (request, reply) => tus.handle(request, reply, request.params.id),
  );
  app.delete(
    `${PATH}/:id`,
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'endUpload',
        summary: 'Gives up an upload that is not whole yet',
        tags,
        params: idSchema,
        headers: z.object(resumable),
        response: { 204: empty('gone'), ...problems('NOT_FOUND', 'CONFLICT') },
      },
    },
    async (request, reply) => tus.handle(request, reply, request.params.id),
  );
  for (const url of [PATH, `${PATH}/:id`]) {
    app.options(url, { config: { access: 'open' }, schema: { hide: true } }, (request, reply) =>
      tus.handle(request, reply, undefined),
    );
  }
}
