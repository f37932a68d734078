import { z } from 'zod';
import type { App } from '../app-type.ts';
import { RequestFault } from '../errors.ts';
import { idSchema, keyRequestSchema, keySchema, newKeySchema, problems, toKey } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';

/** Keys of the API; for administrators. */
export function keyRoutes(app: App, { keys }: AppDeps): void {
  app.get(
    '/v1/keys',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listKeys',
        summary: 'All keys, also those that were revoked; without their secrets',
        tags: ['keys'],
        response: { 200: z.object({ keys: z.array(keySchema) }), ...problems() },
      },
    },
    async () => ({ keys: keys.list().map(toKey) }),
  );

  app.post(
    '/v1/keys',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createKey',
        summary: 'A new key; its secret is shown this once',
        tags: ['keys'],
        body: keyRequestSchema,
        response: { 201: newKeySchema, ...problems('USAGE', 'CONFLICT') },
      },
    },
    async (request, reply) => {
      const { name, role } = request.body;
      // Were the first key no administrator's, nobody could make another one here.
      if (keys.count() === 0 && role !== 'admin') {
        throw new RequestFault('CONFLICT', 'the first key must have the role admin');
      }
      const { key, secret } = keys.create(name, role);
      request.log.info({ key: key.id, role }, 'key created');
      return reply.code(201).send({ ...toKey(key), secret });
    },
  );

  app.delete(
    '/v1/keys/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'revokeKey',
        summary: 'Revokes a key at once',
        tags: ['keys'],
        params: idSchema,
        response: { 204: z.undefined().describe('revoked'), ...problems('NOT_FOUND') },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!keys.revoke(id)) throw new RequestFault('NOT_FOUND', 'there is no such key in force');
      request.log.info({ key: id }, 'key revoked');
      return reply.code(204).send();
    },
  );
}
