import { expect, it } from 'vitest';
import { cleanUp, expectProblem, serve } from './server.ts';

cleanUp();

it('suggests words to viewers', async () => {
  const server = await serve({ settings: { keys: 'always' } });
  const key = server.keys.secretOf('viewer');
  const answer = await server.fetch('/v1/words?q=ro&limit=5&model=embedded', { key });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { words: [{ name: 'road', source: 'model', isthing: false, taught: true, synonyms: ['street'] }] },
  ]);
  expect((await server.fetch('/v1/words', { key })).status).toBe(200);
  expect(server.system.asked).toEqual([
    { q: 'ro', limit: 5, model: 'embedded' },
    { q: '', limit: 20, model: undefined },
  ]);
  await expectProblem(await server.fetch('/v1/words'), 401, 'KEY_REQUIRED');
  await expectProblem(await server.fetch('/v1/words?model=nobody', { key }), 404, 'NOT_FOUND');
});

it.each(['limit=0', 'limit=101', 'limit=x', 'model=../x', 'other=1', `q=${'a'.repeat(201)}`])(
  'does not take %s',
  async (query) => {
    const server = await serve();
    await expectProblem(await server.fetch(`/v1/words?${query}`), 400, 'USAGE');
    expect(server.system.asked).toEqual([]);
  },
);
