import { describe, expect, it } from 'vitest';
import { cleanUp, expectProblem, serve } from './server.ts';

cleanUp();

describe('models', () => {
  it('are listed without their names, and one with them', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const key = server.keys.secretOf('viewer');
    const { models } = (await (await server.fetch('/v1/models', { key })).json()) as { models: object[] };
    const { names, fetching: _, ...here } = server.system.models.get('embedded')!;
    expect(models[0]).toEqual(here);
    expect(models[1]).toMatchObject({ name: 'available', state: 'available' });
    expect(models[1]).not.toHaveProperty('bytes');
    expect(await (await server.fetch('/v1/models/embedded', { key })).json()).toEqual({ ...here, names });
    await expectProblem(await server.fetch('/v1/models'), 401, 'KEY_REQUIRED');
  });

  it('are fetched and cancelled by administrators alone', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    for (const role of ['viewer', 'operator'] as const) {
      const key = server.keys.secretOf(role);
      for (const method of ['POST', 'DELETE'])
        await expectProblem(
          await server.fetch('/v1/models/available/fetch', { method, key }),
          403,
          'KEY_FORBIDDEN',
        );
    }
    expect(server.system.models.get('available')?.fetching).toBeUndefined();
    const key = server.keys.secretOf('admin');
    const begun = await server.fetch('/v1/models/available/fetch', { method: 'POST', key });
    expect(begun.status).toBe(202);
    expect(await begun.json()).toMatchObject({ fetching: { bytes: 0, since: expect.any(String) } });
    const here = await server.fetch('/v1/models/embedded/fetch', { method: 'POST', key });
    expect([here.status, await here.json()]).toEqual([
      200,
      expect.not.objectContaining({ fetching: expect.anything() }),
    ]);
    const cancelled = await server.fetch('/v1/models/available/fetch', { method: 'DELETE', key });
    expect([cancelled.status, await cancelled.json()]).toEqual([
      200,
      expect.not.objectContaining({ fetching: expect.anything() }),
    ]);
  });

  it.each(['nobody', '..%2f..%2fetc', 'A', '.hidden', 'a'.repeat(150)])(
    'there is none called %s',
    async (name) => {
      const server = await serve();
      await expectProblem(await server.fetch(`/v1/models/${name}`), 404, 'NOT_FOUND');
      for (const method of ['POST', 'DELETE'])
        await expectProblem(await server.fetch(`/v1/models/${name}/fetch`, { method }), 404, 'NOT_FOUND');
    },
  );
});
