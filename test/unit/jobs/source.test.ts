import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { type JobDescription, jobKeys, type Location, uploadKey } from '../../../src/jobs/description.ts';
import { sourceOf } from '../../../src/jobs/source.ts';
import { videoTypeOf } from '../../../src/jobs/video-type.ts';
import { openFilesystem } from '../../../src/storage/filesystem.ts';
import type { Storage } from '../../../src/storage/storage.ts';

const MP4 = Buffer.concat([Buffer.from('\0\0\0\x18ftypisom', 'latin1'), Buffer.alloc(2000, 7)]);

let folder: string;
let root: string;
let storage: Storage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-source-'));
  root = join(folder, 'videos');
  await mkdir(root);
  storage = await openFilesystem({ root: join(folder, 'storage') });
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function job(id: string, input: Location, of?: string): Promise<void> {
  const { config } = loadConfig({ environment: { HOME: folder } });
  const { segment } = config;
  const description: JobDescription = {
    ...{ id, kind: of === undefined ? 'segment' : 'label', submitter: 'me', priority: 'normal', input },
    ...(of === undefined ? {} : { of }),
    words: { names: [['road']], expand: 'none', things: [], stuff: [] },
    see: { model: 'm', association: 'online', every: 1, short_side: null, deinterlace: false },
    output: {
      ...{ video: true, masks: true, panoptic: true, format: 'mp4', paint_side: 640 },
      encoder: { encoder: null, crf: 23, preset: segment.preset },
      style: { opacity: 0.5, outline: 1, labels: 'names', color_by: 'name', colors: {} },
    },
  };
  await storage.put(jobKeys(id).description, JSON.stringify(description));
}

const source = (id: string, known?: { bytes: number; type: string }, roots = [root]) => {
  const { config } = loadConfig({ environment: { HOME: folder, SIDESTREAM_JOBS__ROOTS: roots.join() } });
  return sourceOf(id, known, { config, storage });
};
const bytesOf = async (id: string, range?: { start: number; end: number }) =>
  await buffer(await (await source(id)).open(range));
const refused = (promise: Promise<unknown>, why: RegExp) =>
  expect(promise).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND', message: expect.stringMatching(why) });

describe('the video of a job', () => {
  it('is its upload, by the name and the type that it came with', async () => {
    await storage.put(uploadKey('u'), MP4);
    await job('a', { kind: 'object', key: uploadKey('u'), name: 'my "street".mp4' });
    expect(await source('a')).toMatchObject({
      ...{ bytes: MP4.length, type: 'video/mp4', fileName: 'my "street".mp4' },
      etag: expect.stringMatching(/^[\w-]+$/),
    });
    expect(await bytesOf('a', { start: 4, end: 7 })).toEqual(Buffer.from('ftyp'));
    expect(await bytesOf('a')).toEqual(MP4);
    await storage.remove(uploadKey('u'));
    await refused(source('a'), /job a has its video no more: the upload went/);
  });

  it('is what was fetched, for the jobs that name it anew as well', async () => {
    const input = {
      kind: 'url',
      url: 'https://me:secret@example.org/a/street.webm?key=x',
      name: 'x',
    } as const;
    await storage.put(jobKeys('a').source, Buffer.from('\x1a\x45\xdf\xa3....webm', 'latin1'));
    await job('a', input);
    await job('b', input, 'a');
    for (const id of ['a', 'b'])
      expect(await source(id)).toMatchObject({ bytes: 12, type: 'video/webm', fileName: 'street.webm' });
    await storage.removeAll(jobKeys('a').folder);
    await refused(source('b'), /what was fetched went with job a$/);
  });

  it('is the file on the server, as long as it is that file and lies below a root', async () => {
    const path = join(root, 'street.mov');
    await writeFile(path, MP4);
    await job('a', { kind: 'path', path, name: path });
    const found = await source('a');
    expect(found).toMatchObject({ bytes: MP4.length, type: 'video/mp4', fileName: 'street.mov' });
    expect(await found.presign()).toBeUndefined();
    expect(await bytesOf('a', { start: 8, end: 11 })).toEqual(Buffer.from('isom'));
    expect(await bytesOf('a')).toEqual(MP4);

    const known = { bytes: MP4.length, type: 'video/mp4' };
    expect((await source('a', known)).etag).toBe(found.etag);
    await refused(source('a', { ...known, bytes: 5 }), /has 2012 bytes now and had 5/);
    await refused(source('a', known, [join(folder, 'storage')]), /is not below a folder of jobs\.roots$/);
    await refused(source('a', known, []), /is not below a folder of jobs\.roots$/);

    // Between the look and the reading.
    await utimes(path, 1, 1);
    await refused(found.open(), /is another file now$/);
    const aside = join(folder, 'aside.mov');
    await rename(path, aside);
    await refused(found.open(), /cannot be read: ENOENT$/);
    await refused(source('a', known), /does not exist$/);
    await symlink(aside, path);
    await refused(found.open(), /cannot be read: ELOOP$/);
    await refused(source('a', known), /is not below a folder of jobs\.roots$/);
    await rm(path);
    await writeFile(join(root, 'other.mov'), MP4);
    await symlink(join(root, 'other.mov'), path);
    await refused(source('a', known), /has become a link$/);
    await rm(path);
    await mkdir(path);
    await refused(source('a', known), /is no file$/);
  });
});

it.each([
  ['a.bin', '\0\0\0\x14ftypqt  ', 'video/quicktime'],
  ['a.bin', '\0\0\0\x18ftypmp42', 'video/mp4'],
  ['a.bin', '\0\x01\0\0mdat', 'video/quicktime'],
  ['a.bin', '\x1a\x45\xdf\xa3\x9fB\x82\x84webm', 'video/webm'],
  ['a.webm', '\x1a\x45\xdf\xa3\x9fB\x82\x88matroska', 'video/x-matroska'],
  ['a.bin', 'RIFF....AVI LIST', 'video/x-msvideo'],
  ['a.bin', 'OggS', 'video/ogg'],
  ['a.bin', 'FLV\x01', 'video/x-flv'],
  ['a.bin', `G${'\0'.repeat(187)}G`, 'video/mp2t'],
  ['a.bin', '\0\0\x01\xba', 'video/mpeg'],
  ['a.MKV', 'whatever', 'video/x-matroska'],
  ['a.html', '<script>', 'application/octet-stream'],
  ['a.txt', 'text', 'application/octet-stream'],
  ['noname', '', 'application/octet-stream'],
])('the type of %s with %j is %s', (name, head, type) => {
  expect(videoTypeOf(name, Buffer.from(head, 'latin1'))).toBe(type);
});
