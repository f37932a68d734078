import { z } from 'zod';
import { CLIP_STATES } from '../../clips/clips.ts';
import { clipPatchSchema, clipRequestSchema } from '../../clips/request.ts';
import type { App } from '../app-type.ts';
import { callerOf } from '../auth.ts';
import {
  clipIdOf,
  clipSchema,
  clipsPageSchema,
  filters,
  flag,
  nextLink,
  page,
  span,
  spanOf,
  toClip,
} from '../clip-schemas.ts';
import { idSchema, problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';
import { streamIdOf } from './streams.ts';

const querySchema = z.strictObject({
  ...filters,
  event: z.string().min(1).max(64).optional().describe('the event that it was cut for'),
  keep: flag.optional().describe('1: only what is kept; 0: only what is not'),
  state: z.enum(CLIP_STATES).optional(),
  ...span,
  ...page,
});

/** Cutting, listing, keeping and removing clips. */
export function clipRoutes(app: App, { clips }: Pick<AppDeps, 'clips'>): void {
  const tags = ['clips'];

  app.post(
    '/v1/streams/:id/clips',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'createClip',
        summary: 'A clip of what was recorded; it may end in the future',
        tags,
        params: idSchema,
        body: clipRequestSchema,
        response: {
          202: clipSchema.describe('accepted; `Location` says where it is'),
          ...problems(
            'USAGE',
            'STREAM_NOT_FOUND',
            'NOT_RECORDED',
            'QUOTA_EXCEEDED',
            'DISK_FULL',
            'STORAGE_UNREACHABLE',
            'REDIS_UNREACHABLE',
          ),
        },
      },
    },
    async (request, reply) => {
      const submitter = { id: callerOf(request).id };
      const view = await clips.create(streamIdOf(request.params), request.body, submitter);
      return reply
        .code(202)
        .header('location', `/v1/clips/${encodeURIComponent(view.id)}`)
        .send(toClip(view));
    },
  );

  app.get(
    '/v1/clips',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listClips',
        summary: 'Clips, the newest first',
        tags,
        querystring: querySchema,
        response: {
          200: clipsPageSchema.describe('`Link` names the next page'),
          ...problems('USAGE', 'REDIS_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const { keep, ...query } = request.query;
      const found = await clips.list({
        ...query,
        ...spanOf(query),
        keep: keep === undefined ? undefined : keep === '1',
      });
      if (found.next !== undefined) reply.header('link', nextLink('/v1/clips', request.query, found.next));
      return reply.send({ clips: found.clips.map(toClip), next: found.next });
    },
  );

  app.get(
    '/v1/clips/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getClip',
        summary: 'How a clip stands, and what is in it',
        tags,
        params: idSchema,
        response: { 200: clipSchema, ...problems('CLIP_NOT_FOUND') },
      },
    },
    async (request) => toClip(await clips.get(clipIdOf(request.params))),
  );

  app.patch(
    '/v1/clips/:id',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'changeClip',
        summary: 'Keeps a clip from retention, or lets it go; gives it a title',
        tags,
        params: idSchema,
        body: clipPatchSchema,
        response: { 200: clipSchema, ...problems('USAGE', 'CLIP_NOT_FOUND', 'QUOTA_EXCEEDED') },
      },
    },
    async (request) => toClip(await clips.change(clipIdOf(request.params), request.body)),
  );

  app.delete(
    '/v1/clips/:id',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'removeClip',
        summary: 'Removes a clip with all that it has; also one that is kept, and one that is gone already',
        tags,
        params: idSchema,
        response: {
          204: z.undefined().describe('gone'),
          ...problems('STORAGE_UNREACHABLE', 'REDIS_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      await clips.remove(clipIdOf(request.params));
      return reply.code(204).send();
    },
  );
}
