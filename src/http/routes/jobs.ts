import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SidestreamError } from '../../core/errors.ts';
import { jobRequestSchema, labelRequestSchema } from '../../jobs/request.ts';
import type { App } from '../app-type.ts';
import { callerOf } from '../auth.ts';
import { invalid, RequestFault } from '../errors.ts';
import { readJobForm } from '../job-form.ts';
import {
  idempotencySchema,
  idSchema,
  jobFormSchema,
  jobSchema,
  jobsPageSchema,
  listQuerySchema,
  problems,
  toJob,
} from '../schemas.ts';
import type { AppDeps } from '../settings.ts';

/** The id in the address. One that cannot be any job's is never passed on. Throws JOB_NOT_FOUND. */
export function jobIdOf({ id }: { readonly id: string }): string {
  if (!/^[\w-]{1,64}$/.test(id)) throw new SidestreamError('JOB_NOT_FOUND', 'there is no such job');
  return id;
}

const addressOf = (id: string) => `/v1/jobs/${encodeURIComponent(id)}`;

/** Submitting, watching and ending jobs. */
export function jobRoutes(app: App, deps: AppDeps): void {
  const { jobs } = deps;
  const tags = ['jobs'];

  app.post(
    '/v1/jobs',
    {
      config: {
        access: 'operator',
        bodies: { 'application/json': jobRequestSchema, 'multipart/form-data': jobFormSchema },
      },
      schema: {
        operationId: 'submitJob',
        summary: 'A video to be segmented: by address, upload or path; or with the file itself',
        tags,
        headers: idempotencySchema,
        response: {
          202: jobSchema.describe('accepted; `Location` says where it is'),
          ...problems(
            'USAGE',
            'INPUT_NOT_FOUND',
            'INPUT_UNREADABLE',
            'ADDRESS_REFUSED',
            'INPUT_TOO_LARGE',
            'CONFLICT',
            'QUOTA_EXCEEDED',
            'DISK_FULL',
            'REDIS_UNREACHABLE',
          ),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const key = request.headers['idempotency-key'];
      const wanted = request.isMultipart()
        ? await readJobForm(request, caller, key, deps)
        : readBody(request.body);
      const view = await jobs.submit(wanted, { id: caller.id }, key);
      return reply.code(202).header('location', addressOf(view.id)).send(toJob(view));
    },
  );

  app.get(
    '/v1/jobs',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listJobs',
        summary: 'Jobs, the newest first',
        tags,
        querystring: listQuerySchema,
        response: {
          200: jobsPageSchema.describe('`Link` names the next page'),
          ...problems('USAGE', 'REDIS_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const page = await jobs.list(request.query);
      if (page.next !== undefined) {
        const { state, label, limit } = request.query;
        const query = new URLSearchParams({
          ...(state === undefined ? {} : { state }),
          ...(label === undefined ? {} : { label }),
          limit: String(limit),
          cursor: page.next,
        });
        reply.header('link', `</v1/jobs?${query}>; rel="next"`);
      }
      return reply.send({
        jobs: page.jobs.map(toJob),
        ...(page.next === undefined ? {} : { next: page.next }),
      });
    },
  );

  app.get(
    '/v1/jobs/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getJob',
        summary: 'How a job stands',
        tags,
        params: idSchema,
        response: { 200: jobSchema, ...problems('JOB_NOT_FOUND') },
      },
    },
    async (request) => toJob(await jobs.get(jobIdOf(request.params))),
  );

  app.post(
    '/v1/jobs/:id/cancel',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'cancelJob',
        summary: 'Ends a job; one that has ended stays as it is',
        tags,
        params: idSchema,
        response: { 200: jobSchema, ...problems('JOB_NOT_FOUND', 'REDIS_UNREACHABLE') },
      },
    },
    async (request) => toJob(await jobs.cancel(jobIdOf(request.params))),
  );

  app.post(
    '/v1/jobs/:id/retry',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'retryJob',
        summary: 'The same once more, as a new job, for one that has ended',
        tags,
        params: idSchema,
        headers: idempotencySchema,
        response: {
          202: jobSchema.describe('accepted; `Location` says where it is'),
          ...problems(
            'USAGE',
            'JOB_NOT_FOUND',
            'INPUT_NOT_FOUND',
            'INPUT_UNREADABLE',
            'ADDRESS_REFUSED',
            'RESULT_NOT_FOUND',
            'CONFLICT',
            'QUOTA_EXCEEDED',
            'DISK_FULL',
            'REDIS_UNREACHABLE',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = callerOf(request);
      const key = request.headers['idempotency-key'];
      const view = await jobs.retry(jobIdOf(request.params), { id }, key);
      return reply.code(202).header('location', addressOf(view.id)).send(toJob(view));
    },
  );

  app.delete(
    '/v1/jobs/:id',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'removeJob',
        summary: 'Ends a job and removes it with all of its results; also one that is gone already',
        tags,
        params: idSchema,
        response: { 204: z.undefined().describe('gone'), ...problems('REDIS_UNREACHABLE') },
      },
    },
    async (request, reply) => {
      await jobs.remove(jobIdOf(request.params));
      return reply.code(204).send();
    },
  );

  app.post(
    '/v1/jobs/:id/label',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'labelJob',
        summary: 'New words for the video of a job that is done; no model is run',
        tags,
        params: idSchema,
        headers: idempotencySchema,
        body: labelRequestSchema,
        response: {
          202: jobSchema.describe('accepted; `Location` says where it is'),
          ...problems(
            'USAGE',
            'JOB_NOT_FOUND',
            'RESULT_NOT_FOUND',
            'CONFLICT',
            'QUOTA_EXCEEDED',
            'DISK_FULL',
            'REDIS_UNREACHABLE',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = callerOf(request);
      const key = request.headers['idempotency-key'];
      const view = await jobs.label(jobIdOf(request.params), request.body, { id }, key);
      return reply.code(202).header('location', addressOf(view.id)).send(toJob(view));
    },
  );
}

function readBody(body: FastifyRequest['body']) {
  if (body === undefined || body === null) {
    throw new RequestFault('USAGE', 'body: send what is wanted as application/json or multipart/form-data');
  }
  const read = jobRequestSchema.safeParse(body);
  if (!read.success) throw invalid(read.error, 'body');
  return read.data;
}
