import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ask, cleanUp, eventually, expectProblem, json, serve } from './server.ts';

cleanUp();

interface Refused {
  readonly detail: string;
  readonly errors: readonly object[];
}

describe('rules by themselves', () => {
  const check = async (rules: unknown) => {
    const server = await serve();
    return await server.fetch('/v1/rules/check', json({ rules }));
  };

  it('are told with all that was left out, as text and as a value', async () => {
    const text =
      'zones: { yard: [[0, 0], [1, 0], [1, 1]] }\nrules: [{ name: a, when: { object: car|lorry, in: yard } }]\n';
    const answer = await check(text);
    expect(answer.status).toBe(200);
    const checked = (await answer.json()) as { rules: object };
    expect(checked).toMatchObject({
      rules: { rules: [{ name: 'a', linger: 1, clip: true, schedule: [] }], lines: {} },
      things: [['car', 'lorry']],
      stuff: [],
    });
    expect(await (await check(checked.rules)).json()).toEqual(checked);
  });

  it('are told with each fault, and where it is', async () => {
    const faultsOf = async (rules: unknown) => {
      const answer = await check(rules);
      const body = (await answer.json()) as { rules: unknown; faults: Refused['errors'] };
      expect([answer.status, body.rules]).toEqual([200, null]);
      return body.faults;
    };
    const text =
      'rules:\n  - name: a\n    when: { object: car, in: nowhere }\n  - name: b\n    when: { stuff: sky, share: 5 }\n';
    const faults = await faultsOf(text);
    expect(faults).toHaveLength(2);
    expect(faults[0]).toEqual({
      ...{ path: 'body.rules', line: 3, column: 30, message: expect.stringContaining('nowhere') },
    });
    expect(faults[1]).toMatchObject({ path: 'body.rules', line: 5 });
    const [fault] = await faultsOf({ rules: [{ name: 'a', when: { object: 'car', in: 'nowhere' } }] });
    expect(fault).toEqual({
      path: 'body.rules.rules.0.when.in',
      message: expect.stringContaining('nowhere'),
    });
    expect(await faultsOf('rules: [')).not.toEqual([]);
    await expectProblem(await check(7), 400, 'USAGE');
  });

  it('are refused with each fault where they are to be used', async () => {
    const server = await serve();
    const rules = 'rules:\n  - name: a\n    when: { object: car, in: nowhere }\n';
    const refused = await server.fetch('/v1/streams/gate1/rules/preview', json({ rules }));
    const body = (await refused.clone().json()) as Refused;
    await expectProblem(refused, 400, 'RULES_INVALID');
    expect(body.errors).toEqual([
      { path: 'body.rules', line: 3, column: 30, message: expect.stringContaining('nowhere') },
    ]);
    expect(body.detail).toMatch(/^3:30: /);
  });

  it('may be checked by viewers', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const asked = { ...json({ rules: { rules: [] } }), key: server.keys.secretOf('viewer') };
    expect((await server.fetch('/v1/rules/check', asked)).status).toBe(200);
  });
});

const RULES = 'rules: [{ name: a, when: { object: car } }]';

describe('rules over what was recorded', () => {
  const EVENT = {
    ...{ rule: 'a', began_at: '2030-01-02T03:10:00.000Z', ended_at: '2030-01-02T03:10:09.000Z' },
    ...{ names: ['car'], tracks: [7] },
    best: { time: '2030-01-02T03:10:03.000Z', track: 7, score: 0.8, share: 0.05, box: [0.1, 0.2, 0.3, 0.9] },
    why: undefined,
  };
  const path = '/v1/streams/gate1/rules/preview';

  it('are told as they are', async () => {
    const server = await serve();
    const gap = { from: '2030-01-02T03:30:00.000Z', to: '2030-01-02T04:00:00.000Z', reason: 'CAMERA_AWAY' };
    const open = { ...EVENT, ended_at: undefined, why: 'the stream was paused' };
    server.previews.view = { ...server.previews.view, events: [EVENT, open], gaps: [gap], truncated: true };
    const answer = await server.fetch(path, json({ rules: RULES, from: 'now-2h', vocabulary: 'road, sky' }));
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(server.previews.view)));
    await server.fetch(path, json({ rules: { rules: [{ name: 'a', when: { object: 'car' } }] } }));
    const [first, second] = server.previews.asked;
    expect(first).toMatchObject({
      ...{ stream: 'gate1', submitter: 'local' },
      request: { from: 'now-2h', to: 'now', vocabulary: 'road, sky', rules: { rules: [{ name: 'a' }] } },
    });
    expect(second?.request).toEqual({ from: 'now-1h', to: 'now', rules: first?.request.rules });
  });

  it('are checked first, and are for operators', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const as = (role: 'viewer' | 'operator', body: unknown) =>
      server.fetch(path, { ...json(body), key: server.keys.secretOf(role) });
    await expectProblem(await as('viewer', { rules: RULES }), 403, 'KEY_FORBIDDEN');
    const wrong = await as('operator', { rules: 'rules: [{ name: a, when: { object: car, in: nowhere } }]' });
    const { errors } = (await wrong.clone().json()) as Refused;
    await expectProblem(wrong, 400, 'RULES_INVALID');
    expect(errors).toMatchObject([{ path: 'body.rules', line: 1 }]);
    for (const body of [{}, { rules: RULES, from: 'today' }, { rules: RULES, odd: 1 }])
      await expectProblem(await as('operator', body), 400, 'USAGE');
    expect(server.previews.asked).toEqual([]);
    const none = { ...json({ rules: RULES }), key: server.keys.secretOf('operator') };
    await expectProblem(
      await server.fetch('/v1/streams/none/rules/preview', none),
      ...([404, 'STREAM_NOT_FOUND'] as const),
    );
    expect((await ask(server, '/v1/streams/A.b/rules/preview', { method: 'POST' })).status).not.toBe(200);
  });

  it('end when nobody waits for them', async () => {
    const server = await serve();
    server.previews.before = async (signal) => {
      await once(signal, 'abort');
    };
    const gone = new AbortController();
    const asked = server.fetch(path, { ...json({ rules: RULES }), signal: gone.signal });
    await eventually(() => expect(server.previews.asked).toHaveLength(1));
    gone.abort();
    await expect(asked).rejects.toThrow();
    await eventually(() => expect(server.previews.asked[0]?.signal.aborted).toBe(true));
  });
});
