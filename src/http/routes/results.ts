import { RESULTS, type ResultName } from '../../jobs/jobs.ts';
import type { App } from '../app-type.ts';
import { idSchema, problems } from '../schemas.ts';
import {
  downloadAnswers,
  downloadHeaders,
  downloadQuery,
  sendOrRedirect,
  sendResult,
} from '../send-result.ts';
import type { AppDeps } from '../settings.ts';
import { jobIdOf } from './jobs.ts';

const SOURCE_TYPES = [
  'video/mp4',
  'video/quicktime',
  'video/x-matroska',
  'video/webm',
  'application/octet-stream',
] as const;

const ABOUT: Readonly<Record<ResultName, readonly [summary: string, ...types: string[]]>> = {
  video: [
    'The video with names painted over it',
    'video/mp4',
    'video/quicktime',
    'video/x-matroska',
    'video/webm',
  ],
  masks: ['Masks in YouTube-VIS layout', 'application/json'],
  panoptic: ['Which segment every pixel belongs to, in pieces', 'application/octet-stream'],
  report: ['What was done, and how long it took', 'application/json'],
  thumbnail: ['A picture of the video', 'image/jpeg', 'image/png'],
  source: ['The video that the job was about, as it came', ...SOURCE_TYPES],
};

/** What has become of a job, to be downloaded. */
export function resultRoutes(app: App, { jobs, settings }: AppDeps): void {
  for (const name of RESULTS) {
    const [summary, ...types] = ABOUT[name];
    const url = `/v1/jobs/:id/${name}`;
    const find = (params: { id: string }) => jobs.result(jobIdOf(params), name);

    app.get(
      url,
      {
        config: { access: 'viewer' },
        exposeHeadRoute: false,
        schema: {
          operationId: `get${name[0]?.toUpperCase()}${name.slice(1)}`,
          summary,
          tags: ['results'],
          params: idSchema,
          querystring: downloadQuery,
          headers: downloadHeaders,
          response: {
            ...downloadAnswers(types),
            ...problems('JOB_NOT_FOUND', 'RESULT_NOT_FOUND', 'STORAGE_UNREACHABLE'),
          },
        },
      },
      async (request, reply) => sendOrRedirect(request, reply, await find(request.params), settings),
    );
    app.head(
      url,
      {
        config: { access: 'viewer' },
        schema: { hide: true, params: idSchema, querystring: downloadQuery, headers: downloadHeaders },
      },
      async (request, reply) => sendResult(request, reply, await find(request.params)),
    );
  }
}
