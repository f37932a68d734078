import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { cleanUp, eventually, expectProblem, left, raw, serve } from './server.ts';

cleanUp();

const VIDEO = randomBytes(300_000);

function form(
  fields: Readonly<Record<string, string | Blob>> = {},
  content: Buffer = VIDEO,
  name = 'street.mp4',
) {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.set(field, value);
  data.set('file', new Blob([content]), name);
  return { method: 'POST', body: data };
}

describe('a job with its file', () => {
  it('is taken, with what is wanted in single parts', async () => {
    const server = await serve();
    const fields = {
      vocabulary: 'road, car|vehicle',
      expand: 'none',
      model: 'toytown',
      priority: 'high',
      every: '3',
      deinterlace: 'true',
      things: 'car, person',
      stuff: '["road"]',
      output: '{"opacity":0.5}',
      metadata: '{"camera":"7"}',
    };
    const answer = await server.fetch('/v1/jobs', form(fields));
    expect(answer.status).toBe(202);
    const [taken] = server.uploads.taken;
    expect(taken).toMatchObject({ fileName: 'street.mp4', submitter: 'local' });
    expect(VIDEO.equals(taken?.content ?? Buffer.alloc(0))).toBe(true);
    expect(await answer.json()).toMatchObject({ input: { upload: taken?.id } });
    expect(server.jobs.submissions[0]?.request).toMatchObject({
      input: { upload: taken?.id },
      vocabulary: 'road, car|vehicle',
      expand: 'none',
      model: 'toytown',
      priority: 'high',
      every: 3,
      deinterlace: true,
      things: ['car', 'person'],
      stuff: ['road'],
      output: { opacity: 0.5, format: 'mp4' },
      metadata: { camera: '7' },
    });
    expect(await left(server)).toEqual([]);
  });

  it.each<[string, string | Blob]>([
    ['as text', '{"vocabulary":["road",["car","vehicle"]],"every":2}'],
    [
      'as JSON',
      new Blob(['{"vocabulary":["road",["car","vehicle"]],"every":2}'], { type: 'application/json' }),
    ],
  ])('is taken, with what is wanted in one part %s', async (_, job) => {
    const server = await serve();
    expect((await server.fetch('/v1/jobs', form({ job }))).status).toBe(202);
    expect(server.jobs.submissions[0]?.request).toMatchObject({
      vocabulary: ['road', ['car', 'vehicle']],
      every: 2,
    });
  });

  it('is the same job with the same idempotency key, file and wishes', async () => {
    const server = await serve();
    const headers = { 'idempotency-key': 'once' };
    const submit = async (init: ReturnType<typeof form>) =>
      await server.fetch('/v1/jobs', { ...init, headers });
    const first = (await (await submit(form({ vocabulary: 'car' }))).json()) as { id: string };
    expect(await (await submit(form({ vocabulary: 'car' }))).json()).toEqual(first);
    await expectProblem(await submit(form({ vocabulary: 'tree' })), 409, 'CONFLICT');
    await expectProblem(await submit(form({ vocabulary: 'car' }, randomBytes(10))), 409, 'CONFLICT');
    expect(await left(server)).toEqual([]);
  });

  it.each<[string, string]>([
    ['a\r\nX-Evil: 1.mp4', 'line breaks'],
    ['say "hi".mp4', 'quotes'],
    ['../../../etc/passwd', 'a path'],
    ['道路 🚗.mp4', 'any script'],
  ])('keeps nothing of a file name but the name: %j', async (name) => {
    const server = await serve();
    expect((await server.fetch('/v1/jobs', form({}, VIDEO, name))).status).toBe(202);
    expect(server.uploads.taken[0]?.fileName).toBeTruthy();
    expect(await left(server)).toEqual([]);
  });

  it('is refused where it is too large, at once or in the middle', async () => {
    const server = await serve({ maxBytes: 100_000 });
    await expectProblem(await server.fetch('/v1/jobs', form()), 413, 'INPUT_TOO_LARGE');
    // Without a length nobody knows before.
    const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n';
    const answer = await raw(server, (socket) => {
      socket.write(
        'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n' +
          `Transfer-Encoding: chunked\r\n\r\n${head.length.toString(16)}\r\n${head}\r\n`,
      );
      const more = setInterval(() => {
        if (socket.writable) socket.write(`2710\r\n${'x'.repeat(10_000)}\r\n`);
      }, 5);
      socket.once('close', () => clearInterval(more));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*INPUT_TOO_LARGE/s);
    await eventually(async () => expect(await left(server)).toEqual([]));
    expect(server.uploads.taken).toEqual([]);
  });

  it.each<[string, RequestInit, RegExp]>([
    ['no file', { body: formOf({ vocabulary: 'car' }) }, /part \\"file\\"/],
    ['the file in another part', { body: formOf({ video: new Blob(['x']) }) }, /not \\"video\\"/],
    ['an unknown part', form({ colour: 'red' }), /no part \\"colour\\"/],
    ['a part of Object.prototype', form({ constructor: 'x' }), /USAGE/],
    ['__proto__ in JSON', form({ job: '{"__proto__":{"admin":true}}' }), /__proto__/],
    ['__proto__ in a part', form({ metadata: '{"a":{"__proto__":{}}}' }), /__proto__/],
    ['no JSON', form({ job: '{' }), /form\.job: is not JSON/],
    ['JSON that is no object', form({ job: '[]' }), /form\.job/],
    ['both kinds', form({ job: '{}', model: 'x' }), /not both/],
    ['an input of its own', form({ job: '{"input":{"path":"/etc/passwd"}}' }), /form\.job\.input/],
    ['a wrong value', form({ every: 'often' }), /form\.every/],
    ['too many parts', form(Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`p${n}`, 'x']))), /./],
  ])('is refused with %s, and leaves nothing', async (_, init, told) => {
    const server = await serve();
    const answer = await server.fetch('/v1/jobs', { method: 'POST', ...init });
    expect([400, 413]).toContain(answer.status);
    expect(await answer.text()).toMatch(told);
    expect(server.uploads.taken).toEqual([]);
    await eventually(async () => expect(await left(server)).toEqual([]));
  });

  it('may not say a thing twice', async () => {
    const server = await serve();
    const twice = formOf({ vocabulary: 'a' });
    twice.append('vocabulary', 'b');
    const answer = await server.fetch('/v1/jobs', { method: 'POST', body: twice });
    expect(await answer.clone().text()).toContain('comes twice');
    await expectProblem(answer, 400, 'USAGE');
    const files = formOf({ file: new Blob(['a']) });
    files.append('file', new Blob(['b']), 'b');
    await expectProblem(await server.fetch('/v1/jobs', { method: 'POST', body: files }), 400, 'USAGE');
    await eventually(async () => expect(await left(server)).toEqual([]));
  });

  it('leaves nothing where there is no room, the client goes, or the job is not taken', async () => {
    const server = await serve();
    server.uploads.room = 1000;
    const answer = await server.fetch('/v1/jobs', form());
    expect(answer.headers.get('retry-after')).toBe('60');
    await expectProblem(answer, 507, 'QUOTA_EXCEEDED');
    server.uploads.room = 1e9;
    server.uploads.fail = new SidestreamError('DISK_FULL', 'no space is left');
    await expectProblem(await server.fetch('/v1/jobs', form()), 507, 'DISK_FULL');
    expect(await left(server)).toEqual([]);
    server.uploads.fail = undefined;
    await raw(server, (socket) => {
      socket.write(
        'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n' +
          'Content-Length: 1000000\r\n\r\n' +
          '--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\nabc',
      );
      eventually(async () => expect(await left(server)).toHaveLength(1)).then(() => socket.destroy());
    });
    await eventually(async () => expect(await left(server)).toEqual([]));
    expect(server.uploads.taken).toEqual([]);
    expect(server.jobs.submissions).toEqual([]);
  });

  it('is no form without a border', async () => {
    const server = await serve();
    for (const [type, body] of [
      ['multipart/form-data', 'x'],
      ['multipart/form-data; boundary=x', 'no form at all'],
      [
        'multipart/form-data; boundary=x',
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      ],
      ['multipart/mixed; boundary=x', '--x--'],
    ] as const) {
      const answer = await server.fetch('/v1/jobs', {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      expect([400, 406, 415]).toContain(answer.status);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    await eventually(async () => expect(await left(server)).toEqual([]));
  });
});

function formOf(fields: Readonly<Record<string, string | Blob>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}
