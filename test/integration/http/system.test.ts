import { describe, expect, it } from 'vitest';
import { cleanUp, expectProblem, serve } from './server.ts';

cleanUp();

describe('GET /v1/system', () => {
  it('tells viewers all that is known, and who they are', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const answer = await server.fetch('/v1/system', { key: server.keys.secretOf(role) });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ ...server.system.view, you: { role, keyless: false } });
    }
    await expectProblem(await server.fetch('/v1/system'), 401, 'KEY_REQUIRED');
  });

  it('says where no key is needed', async () => {
    const server = await serve();
    expect(await (await server.fetch('/v1/system')).json()).toMatchObject({
      you: { role: 'admin', keyless: true },
    });
  });

  it('is told without what Redis would say', async () => {
    const server = await serve();
    server.system.view = { ...server.system.view, redis: undefined, queues: [], workers: [] };
    const told = (await (await server.fetch('/v1/system')).json()) as Record<string, unknown>;
    expect(told).toMatchObject({ queues: [], workers: [] });
    expect(told).not.toHaveProperty('redis');
  });
});

describe('GET /v1/config', () => {
  it('is a tree of settings with their sources', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const answer = await server.fetch('/v1/config', { key: server.keys.secretOf('admin') });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      settings: {
        http: {
          port: { value: 8080, source: 'default', about: 'Where it listens.' },
          host: { value: '::', source: '--host', about: 'Address.' },
        },
        s3: { secret_key: { value: '***', source: 'SIDESTREAM_S3_SECRET_KEY', about: 'Secret.' } },
      },
    });
  });

  it('is for administrators alone', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    for (const role of ['viewer', 'operator'] as const)
      await expectProblem(
        await server.fetch('/v1/config', { key: server.keys.secretOf(role) }),
        403,
        'KEY_FORBIDDEN',
      );
    await expectProblem(await server.fetch('/v1/config'), 401, 'KEY_REQUIRED');
  });
});
