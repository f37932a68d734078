import { z } from 'zod';
import { type CameraView, cameraRequestSchema } from '../../streams/cameras.ts';
import type { App } from '../app-type.ts';
import { callerOf } from '../auth.ts';
import { signalOf } from '../client-gone.ts';
import { problemSchema, problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';

const lines = { width: z.int(), height: z.int() };

const cameraTestSchema = z
  .object({
    ok: z.boolean().describe('whether pictures come'),
    error: z
      .object({ code: problemSchema.shape.code, message: z.string() })
      .optional()
      .describe('why none come, and what to do'),
    checks: z
      .array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() }))
      .describe('in plain words; what is not ok says what to do'),
    video: z
      .object({
        codec: z.string().describe('as ffmpeg calls it'),
        profile: z.string().optional(),
        ...lines,
        fps: z.number().describe('frames a second, as they came'),
        says_fps: z.number().optional().describe('as the camera says'),
        key_seconds: z.number().optional().describe('from a key frame to the next, at most'),
        bit_rate: z.int().describe('bits a second'),
        reordered: z.int().describe('frames by which pictures come out of order'),
      })
      .optional(),
    audio: z.object({ codec: z.string(), rate: z.int(), channels: z.int() }).optional(),
    tracks: z.array(z.object({ codec: z.string(), ...lines })).describe('`track` chooses one, from 0'),
    first_picture: z.number().optional().describe('seconds from asking to the first picture'),
    picture: z.string().optional().describe('a JPEG, as `data:image/jpeg;base64,…`'),
  })
  .meta({ id: 'CameraTest' });

/** Fails to compile where the schema and what it stands for drift apart. */
const toTest = (view: CameraView): z.input<typeof cameraTestSchema> => ({
  ...view,
  checks: [...view.checks],
  tracks: [...view.tracks],
});

/** Cameras before a stream is made of one. */
export function cameraRoutes(app: App, { cameras }: Pick<AppDeps, 'cameras'>): void {
  app.post(
    '/v1/cameras/test',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'testCamera',
        summary: 'A look at a camera: what it sends, what is odd about it, and a picture; or why none comes',
        tags: ['streams'],
        body: cameraRequestSchema.meta({ id: 'CameraRequest' }),
        response: {
          200: cameraTestSchema.describe('also where no pictures come'),
          ...problems(
            'USAGE',
            'ADDRESS_REFUSED',
            'INPUT_NOT_FOUND',
            'INPUT_UNREADABLE',
            'INPUT_INVALID',
            'NO_WORKER',
            'STORAGE_UNREACHABLE',
            'REDIS_UNREACHABLE',
          ),
        },
      },
    },
    async (request, reply) =>
      toTest(await cameras.test(request.body, { id: callerOf(request).id }, signalOf(reply))),
  );
}
