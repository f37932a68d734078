import { randomBytes } from 'node:crypto';
import { access, link, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Storage } from '../../src/storage/storage.ts';
import { keysOf, MIB, SUBJECTS, type Subject, sha } from './storages.ts';

describe.each(Object.entries(SUBJECTS))('storage: %s', (kind, open) => {
  let subject: Subject;
  let storage: Storage;
  beforeAll(async () => {
    subject = await open();
    storage = subject.storage;
  });
  afterAll(() => subject[Symbol.asyncDispose]());

  const localFile = async (name: string, data: Uint8Array | string) => {
    const path = join(subject.local, name);
    await writeFile(path, data);
    return path;
  };

  it('says what it is', () => expect(storage.kind).toBe(kind));

  it.each([
    ['text', 'grüße, 動画', Buffer.from('grüße, 動画')],
    ['bytes', new Uint8Array([0, 255, 10, 13]), Buffer.from([0, 255, 10, 13])],
    ['a part of a larger buffer', Buffer.from('0123456789').subarray(3, 6), Buffer.from('345')],
    ['nothing', '', Buffer.alloc(0)],
  ])('gives back %s', async (name, data, expected) => {
    const key = `put/${name.replaceAll(' ', '-')}.json`;
    const before = Date.now();
    await storage.put(key, data);
    expect(await storage.read(key)).toEqual(expected);
    expect(await buffer(await storage.open(key))).toEqual(expected);
    const found = await storage.stat(key);
    expect(found).toMatchObject({ key, bytes: expected.length, contentType: 'application/json' });
    expect(found!.etag).toMatch(/^[^"]+$/);
    // S3 tells whole seconds.
    expect(found!.modified.getTime()).toBeGreaterThanOrEqual(before - 1000);
    expect(found!.modified.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('gives the bytes of a range, first and last included', async () => {
    await storage.put('range/digits', '0123456789');
    const range = async (start: number, end: number) =>
      (await buffer(await storage.open('range/digits', { start, end }))).toString();
    expect(await range(0, 0)).toBe('0');
    expect(await range(2, 5)).toBe('2345');
    expect(await range(9, 9)).toBe('9');
    expect(await range(7, 1000)).toBe('789');
    expect(await range(10, 20)).toBe('');
    await storage.put('range/nothing', '');
    expect((await buffer(await storage.open('range/nothing', { start: 0, end: 5 }))).length).toBe(0);
  });

  it('replaces at once: who reads the old object gets all of it', async () => {
    const old = randomBytes(4 * MIB);
    await storage.put('replace/a.bin', old);
    const { etag } = (await storage.stat('replace/a.bin'))!;
    const reader = await storage.open('replace/a.bin');
    const chunks = reader[Symbol.asyncIterator]();
    const first: Buffer = (await chunks.next()).value;
    await storage.put('replace/a.bin', 'new');
    const rest: Buffer[] = [];
    for await (const chunk of { [Symbol.asyncIterator]: () => chunks }) rest.push(chunk);
    expect(sha(Buffer.concat([first, ...rest]))).toBe(sha(old));
    expect((await storage.read('replace/a.bin')).toString()).toBe('new');
    expect((await storage.stat('replace/a.bin'))!.etag).not.toBe(etag);
  });

  it('has another etag for every object that takes the place', async () => {
    const etags = new Set<string>();
    for (let n = 0; n < 30; n++) {
      await storage.put('replace/b.bin', `content ${100 + n}`);
      etags.add((await storage.stat('replace/b.bin'))!.etag);
    }
    expect(etags.size).toBe(30);
  });

  it.each([true, false])('stores a large file and lends it, byte for byte (move: %s)', async (move) => {
    const bytes = randomBytes(12 * MIB + 321);
    const path = await localFile('large.mp4', bytes);
    await storage.putFile('large/video.mp4', path, { move });
    if (move) await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' });
    else expect(sha(await readFile(path))).toBe(sha(bytes));
    expect(sha(await storage.read('large/video.mp4'))).toBe(sha(bytes));
    await using lent = await storage.borrow('large/video.mp4');
    expect(lent.path).toMatch(/\.mp4$/);
    expect(sha(await readFile(lent.path))).toBe(sha(bytes));
    const middle = await buffer(
      await storage.open('large/video.mp4', { start: 5 * MIB - 2, end: 5 * MIB + 1 }),
    );
    expect(middle).toEqual(bytes.subarray(5 * MIB - 2, 5 * MIB + 2));
    expect(subject.remains()).toBe(0);
  });

  it('takes small and empty files, too', async () => {
    await storage.putFile('small/a.txt', await localFile('a.txt', 'a'), { move: true });
    await storage.putFile('small/none', await localFile('none', ''), {});
    expect((await storage.read('small/a.txt')).toString()).toBe('a');
    expect(await storage.stat('small/none')).toMatchObject({ bytes: 0 });
    await using lent = await storage.borrow('small/none');
    expect((await readFile(lent.path)).length).toBe(0);
  });

  it('takes no file from those who have another name for it', async () => {
    const path = await localFile('shared', 'shared');
    const other = join(subject.local, 'other-name');
    await link(path, other);
    await storage.putFile('small/shared', path, { move: true });
    await writeFile(other, 'changed!');
    expect((await storage.read('small/shared')).toString()).toBe('shared');
    await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('lists in the order of keys, by prefix, page after page', async () => {
    const keys = ['a', 'a-b', 'a.b', 'a0', 'b/1', 'b/10', 'b/2', 'b/2.d/x', 'b/2e/f/g', 'b/B', 'c'];
    const stored = keys.map((key) => `list/${key}`);
    for (const key of stored.toReversed()) await storage.put(key, key);
    await storage.put('list2', '');
    expect(await keysOf(storage.list('list/'))).toEqual([...stored].sort());
    expect(await keysOf(storage.list('list/b/'))).toEqual(
      stored.filter((key) => key.startsWith('list/b/')).sort(),
    );
    expect(await keysOf(storage.list('list/b/1'))).toEqual(['list/b/1', 'list/b/10']);
    expect(await keysOf(storage.list('list/a'))).toEqual(['list/a', 'list/a-b', 'list/a.b', 'list/a0']);
    expect(await keysOf(storage.list('nothing/'))).toEqual([]);
    expect(await keysOf(storage.list('list/a/deeper'))).toEqual([]);
    const everything = await keysOf(storage.list(''));
    expect(everything).toEqual(expect.arrayContaining([...stored, 'list2']));
    expect(everything).toEqual([...everything].sort());
    for await (const object of storage.list('list/b/1')) {
      expect(object).toEqual(await storage.stat(object.key));
    }
  });

  it('removes an object, once and again', async () => {
    await storage.put('remove/deep/er/a', 'a');
    await storage.put('remove/b', 'b');
    await storage.remove('remove/deep/er/a');
    await storage.remove('remove/deep/er/a');
    await storage.remove('remove/deep');
    expect(await storage.stat('remove/deep/er/a')).toBeUndefined();
    expect(await keysOf(storage.list('remove/'))).toEqual(['remove/b']);
    await storage.remove('remove/b');
    await storage.put('remove/b/c', 'where an object was, a folder may be');
    expect(await keysOf(storage.list('remove/'))).toEqual(['remove/b/c']);
  });

  it('removes all below a folder and nothing beside it', async () => {
    for (let n = 0; n < 8; n++) await storage.put(`job/1/chunks/${n}.json`, `${n}`);
    for (const key of ['job/1/a', 'job/10/a', 'job/1.json']) await storage.put(key, '');
    await storage.removeAll('job/1/');
    await storage.removeAll('job/1/');
    await storage.removeAll('job/none/');
    await storage.removeAll('job/1.json/');
    expect(await keysOf(storage.list('job/'))).toEqual(['job/1.json', 'job/10/a']);
    await expect(storage.removeAll('job/10')).rejects.toMatchObject({ code: 'USAGE' });
    for (const prefix of ['', '/', '../', 'job/../', './']) {
      await expect(storage.removeAll(prefix), prefix).rejects.toMatchObject({ code: 'USAGE' });
    }
    expect(await storage.stat('job/10/a')).toBeDefined();
  });

  it.each([
    ['a.mp4', 'video/mp4'],
    ['a.b.MKV', 'video/x-matroska'],
    ['a.png', 'image/png'],
    ['a.json.gz', 'application/gzip'],
    ['a.analysis', 'application/octet-stream'],
    ['a.html', 'application/octet-stream'],
    ['mp4', 'application/octet-stream'],
  ])('tells the type of %s: %s', async (name, contentType) => {
    await storage.put(`types/${name}`, '');
    expect(await storage.stat(`types/${name}`)).toMatchObject({ contentType });
  });

  it('lends the new bytes once an object is replaced, and the old for as long as they are lent', async () => {
    await storage.put('lend/a.json', 'old');
    const old = await storage.borrow('lend/a.json');
    await storage.put('lend/a.json', 'new');
    const renewed = await storage.borrow('lend/a.json');
    expect(await readFile(renewed.path, 'utf8')).toBe('new');
    for (const lent of [old, renewed, old]) await lent[Symbol.asyncDispose]();
  });
});
