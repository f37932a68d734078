import { z } from 'zod';
import { SidestreamError } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import { problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';
import { modelDetailsSchema, modelSchema, modelsSchema, toModel, toModelDetails } from '../system-schemas.ts';

const nameSchema = z.object({ name: z.string() });

/** A name that cannot be any model's is never passed on. Throws NOT_FOUND. */
function modelNameOf({ name }: { readonly name: string }): string {
  if (!/^[a-z0-9][a-z0-9.-]{0,99}$/.test(name))
    throw new SidestreamError('NOT_FOUND', 'there is no such model');
  return name;
}

/** The models that the server knows, and fetching those that are not here. */
export function modelRoutes(app: App, { models }: Pick<AppDeps, 'models'>): void {
  const tags = ['system'];

  app.get(
    '/v1/models',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listModels',
        summary: 'Models that are here, or can be fetched',
        tags,
        response: { 200: modelsSchema, ...problems('MODEL_INVALID') },
      },
    },
    async () => ({ models: (await models.list()).map(toModel) }),
  );

  app.get(
    '/v1/models/:name',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getModel',
        summary: 'One model, with the names that it was taught, and how far its download is',
        tags,
        params: nameSchema,
        response: { 200: modelDetailsSchema, ...problems('NOT_FOUND', 'MODEL_INVALID') },
      },
    },
    async (request) => toModelDetails(await models.get(modelNameOf(request.params))),
  );

  app.post(
    '/v1/models/:name/fetch',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'fetchModel',
        summary: 'Fetches a model to the machine of the server, from where a try before has stopped',
        tags,
        params: nameSchema,
        response: {
          200: modelSchema.describe('it is here already'),
          202: modelSchema.describe('it is being fetched; ask for the model to see how far it is'),
          ...problems('NOT_FOUND', 'MODEL_INVALID', 'DOWNLOAD_FAILED'),
        },
      },
    },
    async (request, reply) => {
      const name = modelNameOf(request.params);
      const view = await models.fetch(name);
      if (view.fetching) request.log.info({ model: name }, 'fetching a model');
      return reply.code(view.fetching ? 202 : 200).send(toModel(view));
    },
  );

  app.delete(
    '/v1/models/:name/fetch',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'cancelModelFetch',
        summary: 'Stops fetching a model; what has come stays for the next time',
        tags,
        params: nameSchema,
        response: { 200: modelSchema, ...problems('NOT_FOUND', 'MODEL_INVALID') },
      },
    },
    async (request) => toModel(await models.cancel(modelNameOf(request.params))),
  );
}
