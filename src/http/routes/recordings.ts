import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { recordedFilesRequestSchema } from '../../clips/request.ts';
import type { App } from '../app-type.ts';
import { momentSchema } from '../clip-schemas.ts';
import { idSchema, problems } from '../schemas.ts';
import {
  downloadAnswers,
  downloadHeaders,
  downloadQuery,
  sendOrRedirect,
  sendResult,
} from '../send-result.ts';
import { type AppDeps, BROWSING, MINUTE } from '../settings.ts';
import { streamIdOf } from './streams.ts';

const time = z.iso.datetime();
const filesSchema = z
  .object({
    files: z.array(
      z.object({
        from: time.describe('what of it counts'),
        to: time,
        begin: time.describe('time of its first picture'),
        url: z.string().describe('address below the server'),
        bytes: z.int(),
      }),
    ),
    next: time.optional().describe('`from` of the next page; absent on the last one'),
  })
  .meta({ id: 'RecordedFiles' });

const querySchema = recordedFilesRequestSchema.extend({
  from: momentSchema.default('now-1h'),
  to: momentSchema.default('now'),
});
const fileSchema = z.object({ id: z.string(), file: z.string().describe('as the list has it') });

/** What was recorded of a stream, to be played as it is. */
export function recordingRoutes(
  app: App,
  { recordings, settings }: Pick<AppDeps, 'recordings' | 'settings'>,
): void {
  const tags = ['recordings'];
  const config = {
    access: 'viewer',
    rateLimit: { max: settings.rateLimit * BROWSING, timeWindow: MINUTE },
  } as const;

  app.get(
    '/v1/streams/:id/recordings',
    {
      config,
      schema: {
        operationId: 'listRecordings',
        summary: 'The segments of a recording, in order, each an MP4',
        tags,
        params: idSchema,
        querystring: querySchema,
        response: {
          200: filesSchema,
          ...problems('USAGE', 'STREAM_NOT_FOUND', 'STORAGE_UNREACHABLE'),
        },
      },
    },
    async (request) => {
      const { files, next } = await recordings.files(streamIdOf(request.params), request.query);
      return { files: [...files], next };
    },
  );

  const find = (request: FastifyRequest<{ Params: z.infer<typeof fileSchema> }>) =>
    recordings.file(streamIdOf(request.params), request.params.file);
  const common = { params: fileSchema, querystring: downloadQuery, headers: downloadHeaders };
  const url = '/v1/streams/:id/recordings/:file';

  app.get(
    url,
    {
      config,
      exposeHeadRoute: false,
      schema: {
        operationId: 'getRecording',
        summary: 'A segment of a recording: pictures and sound as the camera sent them',
        tags,
        ...common,
        response: {
          ...downloadAnswers(['video/mp4']),
          ...problems('STREAM_NOT_FOUND', 'NOT_RECORDED', 'STORAGE_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => sendOrRedirect(request, reply, await find(request), settings),
  );
  app.head(url, { config, schema: { hide: true, ...common } }, async (request, reply) =>
    sendResult(request, reply, await find(request)),
  );
}
