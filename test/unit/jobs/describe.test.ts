import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { describeJob, firstView, newJobId } from '../../../src/jobs/describe.ts';
import { type JobRequest, jobRequestSchema } from '../../../src/jobs/request.ts';
import type { UploadStore } from '../../../src/jobs/uploads.ts';
import { createGuard } from '../../../src/net/address-guard.ts';

let folder: string;
let root: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-describe-'));
  root = join(folder, 'videos');
  await mkdir(join(root, 'sub'), { recursive: true });
  await mkdir(join(folder, 'videos-of-others'));
  for (const file of ['videos/a.mp4', 'videos/sub/b.mp4', 'secret.mp4', 'videos-of-others/c.mp4'])
    await writeFile(join(folder, file), 'x');
  await symlink(join(folder, 'secret.mp4'), join(root, 'link.mp4'));
  await symlink(folder, join(root, 'up'));
  await symlink(join(root, 'a.mp4'), join(root, 'inside.mp4'));
});
afterAll(() => rm(folder, { recursive: true }));

const uploads = {
  find: (id: string) =>
    id === 'a-known-upload' ? { id, name: 'mine.mp4', bytes: 1, submitter: 'me' } : undefined,
} as UploadStore;

function ask(body: unknown, environment: Record<string, string> = {}, who = 'me') {
  const { config } = loadConfig({
    environment: { SIDESTREAM_JOBS__ROOTS: root, HOME: folder, ...environment },
  });
  const request: JobRequest = jobRequestSchema.parse(body);
  return describeJob(request, { id: who }, { config, uploads, guard: createGuard({ allow: [] }) });
}
const path = (name: string) => ({ input: { path: name }, vocabulary: 'road' });

describe('input.path', () => {
  it('is taken below a root, as the file that it really is', async () => {
    expect((await ask(path(join(root, 'sub/b.mp4')))).input).toEqual({
      kind: 'path',
      path: join(root, 'sub/b.mp4'),
      name: join(root, 'sub/b.mp4'),
    });
    expect((await ask(path(join(root, 'inside.mp4')))).input).toMatchObject({ path: join(root, 'a.mp4') });
  });

  it.each([
    ['..', '/../secret.mp4'],
    ['.. within', '/sub/../../secret.mp4'],
    ['a link to a file outside', '/link.mp4'],
    ['a link to a folder outside', '/up/secret.mp4'],
    ['a folder whose name begins alike', '-of-others/c.mp4'],
    ['what is encoded for the web', '/%2e%2e/secret.mp4'],
    ['NUL', '/a.mp4\0.mp4'],
  ])('does not get out by %s', async (_, rest) => {
    await expect(ask(path(`${root}${rest}`))).rejects.toMatchObject({
      code: expect.stringMatching(/^INPUT_(UNREADABLE|NOT_FOUND)$/),
    });
  });

  it.each(['/etc/passwd', 'a.mp4', './a.mp4', 'file:///etc/passwd', '/proc/self/environ'])(
    'is not %s',
    async (name) => {
      await expect(ask(path(name))).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
    },
  );

  it('tells nothing of files that lie elsewhere', async () => {
    const there = await ask(path(join(folder, 'secret.mp4'))).catch((error) => error);
    const not = await ask(path(join(folder, 'no-such.mp4'))).catch((error) => error);
    expect([there.code, there.message.replace('secret', 'no-such')]).toEqual([not.code, not.message]);
  });

  it('is taken nowhere where no root is set', async () => {
    await expect(ask(path(join(root, 'a.mp4')), { SIDESTREAM_JOBS__ROOTS: '[]' })).rejects.toMatchObject({
      code: 'INPUT_UNREADABLE',
    });
  });
});

describe('input.url', () => {
  it.each([
    'http://127.0.0.1/a.mp4',
    'http://2130706433/a.mp4',
    'http://[::ffff:10.0.0.1]/a.mp4',
    'http://169.254.169.254/',
  ])('%s is refused before anything is asked', async (url) => {
    await expect(ask({ input: { url }, vocabulary: 'road' })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    });
  });

  it('is shown without its secrets', async () => {
    const body = { input: { url: 'https://me:secret@example.org/a.mp4?token=hidden' }, vocabulary: 'road' };
    const description = await ask(body);
    expect(JSON.stringify(firstView(description, jobRequestSchema.parse(body)))).not.toMatch(/secret|hidden/);
    expect(description.input).toMatchObject({ kind: 'url', url: body.input.url });
  });
});

describe('input.upload', () => {
  it('is taken by whoever uploaded it, and by nobody else', async () => {
    const body = { input: { upload: 'a-known-upload' }, vocabulary: 'road' };
    expect((await ask(body)).input).toEqual({
      kind: 'object',
      key: 'uploads/a-known-upload',
      name: 'mine.mp4',
    });
    await expect(ask(body, {}, 'another')).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  });
});

describe('what is asked for', () => {
  const input = { upload: 'a-known-upload' };
  it('has words as text or as lists', async () => {
    const names = async (vocabulary: unknown) => (await ask({ input, vocabulary })).words.names;
    expect(await names('road, car|vehicle')).toEqual([['road'], ['car', 'vehicle']]);
    expect(await names(['road', ['car', 'vehicle'], 'a, b'])).toEqual([
      ['road'],
      ['car', 'vehicle'],
      ['a, b'],
    ]);
  });

  it('is decided by the settings where it does not say', async () => {
    const settings = { SIDESTREAM_SEGMENT__CRF: '30', SIDESTREAM_SEGMENT__ASSOCIATION: 'none' };
    const { output, see } = await ask({ input, vocabulary: 'road', output: { opacity: 0.1 } }, settings);
    expect([output.encoder.crf, output.style.opacity, see.association]).toEqual([30, 0.1, 'online']);
  });

  it.each([
    [{ vocabulary: '', expand: 'none' }, 'USAGE'],
    [{ vocabulary: 'road', output: { video: false, masks: false, panoptic: false } }, 'USAGE'],
    [{ vocabulary: 'road, car|road' }, 'USAGE'],
  ])('is refused where it makes no sense: %j', async (body, code) => {
    await expect(ask({ input, ...body })).rejects.toMatchObject({ code });
  });
});

it('ids grow with time, and are no two times the same', () => {
  const ids = [1, 2, 3].map((n) => newJobId(1_700_000_000_000 + n));
  expect(ids).toEqual([...ids].sort());
  expect(new Set(Array.from({ length: 1000 }, () => newJobId(5))).size).toBe(1000);
  expect(ids[0]).toMatch(/^[a-z0-9]{25,26}$/);
});
