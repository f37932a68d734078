import type { FastifyRequest } from 'fastify';
import type { ClipResultName } from '../../clips/clips.ts';
import { SidestreamError } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import { signalOf } from '../client-gone.ts';
import { clipIdOf, flag } from '../clip-schemas.ts';
import { idSchema, problems } from '../schemas.ts';
import {
  downloadAnswers,
  downloadHeaders,
  downloadQuery,
  sendOrRedirect,
  sendResult,
} from '../send-result.ts';
import { type AppDeps, BROWSING, MINUTE } from '../settings.ts';

/** Milliseconds that a request waits for what is made on demand: less than most proxies wait for us. */
const PATIENCE = 25_000;

type Shown = Exclude<ClipResultName, 'overlay'>;
const ABOUT: Readonly<Record<Shown, readonly [summary: string, ...types: string[]]>> = {
  video: ['The video of a clip, as recorded or with names painted over it', 'video/mp4'],
  masks: ['Masks of a clip in YouTube-VIS layout', 'application/json'],
  thumbnail: ['A picture of a clip', 'image/jpeg'],
  preview: ['Moving pictures of a clip, small', 'image/webp'],
  analysis: ['The analysis of a clip, for new words', 'application/octet-stream'],
};

const videoQuery = downloadQuery.extend({
  overlay: flag.optional().describe('1: with names painted over it, made when it is first asked for'),
});

/** What a clip has, to be looked at or saved. */
export function clipResultRoutes(app: App, { clips, settings }: Pick<AppDeps, 'clips' | 'settings'>): void {
  for (const shown of Object.keys(ABOUT) as Shown[]) {
    const [summary, ...types] = ABOUT[shown];
    const url = `/v1/clips/:id/${shown}`;
    const querystring = shown === 'video' ? videoQuery : downloadQuery;
    const common = { params: idSchema, querystring, headers: downloadHeaders };
    const config = {
      access: 'viewer',
      rateLimit: { max: settings.rateLimit * BROWSING, timeWindow: MINUTE },
    } as const;

    const find = async (request: FastifyRequest<{ Params: { id: string } }>, signal: AbortSignal) => {
      const { overlay } = request.query as { overlay?: string };
      const name = shown === 'video' && overlay === '1' ? 'overlay' : shown;
      return await clips.result(clipIdOf(request.params), name, PATIENCE, signal);
    };

    app.get(
      url,
      {
        config,
        exposeHeadRoute: false,
        schema: {
          operationId: `getClip${shown[0]?.toUpperCase()}${shown.slice(1)}`,
          summary,
          tags: ['clips'],
          ...common,
          response: {
            ...downloadAnswers(types),
            ...problems('CLIP_NOT_FOUND', 'RESULT_NOT_FOUND', 'CLIP_NOT_READY', 'STORAGE_UNREACHABLE'),
          },
        },
      },
      async (request, reply) => {
        const object = await find(request, signalOf(reply));
        return await sendOrRedirect(request, reply, object, settings).catch((error) => {
          throw vanished(error) ?? error;
        });
      },
    );
    app.head(url, { config, schema: { hide: true, ...common } }, async (request, reply) =>
      sendResult(request, reply, await find(request, signalOf(reply))),
    );
  }
}

/** What was there a moment ago was removed meanwhile: the clip with it. */
function vanished(error: unknown): SidestreamError | undefined {
  if (!(error instanceof SidestreamError) || error.code !== 'OBJECT_NOT_FOUND') return undefined;
  return new SidestreamError('CLIP_NOT_FOUND', 'the clip was removed just now', { cause: error });
}
