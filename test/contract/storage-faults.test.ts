import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Storage } from '../../src/storage/storage.ts';
import { keysOf, MIB, SUBJECTS, type Subject, sha } from './storages.ts';

const ESCAPES = [
  ...[
    '',
    '/',
    '..',
    '.',
    '../secret',
    'a/../../secret',
    'a/..',
    './a',
    '/etc/passwd',
    '%2e%2e/secret',
    'a%2fb',
  ],
  ...[
    '..\\secret',
    'a\\b',
    'C:\\a',
    'a\0',
    'a\0/b',
    'a//b',
    'a/',
    '/a',
    'a/.hidden',
    '.incoming/x',
    '-a',
    'a b',
  ],
  ...['ä', 'a\n', '~', 'x'.repeat(201), 'x/'.repeat(500)],
];

describe.each(Object.entries(SUBJECTS))('storage when things go wrong: %s', (kind, open) => {
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

  it.each([
    { start: 5, end: 2 },
    { start: -1, end: 2 },
    { start: 0, end: 1.5 },
    { start: 0, end: Number.NaN },
  ])('refuses the range $start-$end', async (range) => {
    await expect(storage.open('any', range)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('stores one of two that are put at the same time, whole', async () => {
    const both = [randomBytes(3 * MIB), randomBytes(3 * MIB)];
    await Promise.all(both.map((bytes) => storage.put('two/same.bin', bytes)));
    const found = await storage.read('two/same.bin');
    expect(both.map(sha)).toContain(sha(found));
    expect((await storage.stat('two/same.bin'))!.bytes).toBe(found.length);
    expect(await keysOf(storage.list('two/'))).toEqual(['two/same.bin']);
  });

  it('says which file it cannot store', async () => {
    const gone = storage.putFile('small/gone', join(subject.local, 'gone'), {});
    await expect(gone).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    const folder = storage.putFile('small/gone', subject.local, { move: true });
    await expect(folder).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
    expect(await storage.stat('small/gone')).toBeUndefined();
  });

  it('keeps what is stored while its folder is removed for being empty', async () => {
    const lane = async (name: string) => {
      for (let n = 0; n < 40; n++) {
        await storage.put(`race/x/y/${name}`, name);
        expect((await storage.read(`race/x/y/${name}`)).toString()).toBe(name);
        await storage.remove(`race/x/y/${name}`);
      }
    };
    await Promise.all(['a', 'b', 'c'].map(lane));
    expect(await keysOf(storage.list('race/'))).toEqual([]);
  });

  it('refuses every key that is none, in every method', async () => {
    for (const key of ESCAPES) {
      const asked = {
        put: storage.put(key, ''),
        putFile: storage.putFile(key, join(subject.local, 'a'), {}),
        open: storage.open(key),
        read: storage.read(key),
        stat: storage.stat(key),
        remove: storage.remove(key),
        borrow: storage.borrow(key),
        presign: storage.presign(key, { seconds: 1, disposition: 'inline' }),
      };
      for (const [method, answer] of Object.entries(asked)) {
        const name = `${method} ${JSON.stringify(key)}`;
        await expect(answer, name).rejects.toMatchObject({ code: 'USAGE' });
        await expect(answer, name).rejects.not.toThrow(/\n|\0/);
      }
    }
    const prefixes = ESCAPES.filter((key) => key !== '' && key !== 'a/');
    for (const prefix of prefixes) {
      await expect(keysOf(storage.list(prefix)), prefix).rejects.toMatchObject({ code: 'USAGE' });
    }
  });

  it('knows no object by an unknown key', async () => {
    await storage.put('known/a', '');
    for (const key of ['unknown', 'unknown/b', 'known', 'known/a/b']) {
      const error = { code: 'OBJECT_NOT_FOUND', message: expect.stringContaining(key) };
      await expect(storage.open(key), key).rejects.toMatchObject(error);
      await expect(storage.open(key, { start: 0, end: 1 }), key).rejects.toMatchObject(error);
      await expect(storage.read(key), key).rejects.toMatchObject(error);
      await expect(storage.borrow(key), key).rejects.toMatchObject(error);
      expect(await storage.stat(key), key).toBeUndefined();
    }
  });

  it('leaves nothing of what was aborted half way', async () => {
    const path = await localFile('huge.mp4', '');
    await truncate(path, kind === 'fs' ? 512 * MIB : 22 * MIB);
    await storage.put('abort/b.mp4', 'before');
    for (const key of ['abort/a.mp4', 'abort/b.mp4']) {
      const stop = new AbortController();
      const underWay = subject.underWay();
      const storing = storage.putFile(key, path, { move: false }, stop.signal);
      await Promise.race([underWay, storing]);
      stop.abort();
      await expect(storing).rejects.toBe(stop.signal.reason);
      expect(subject.remains()).toBe(0);
    }
    expect(await storage.stat('abort/a.mp4')).toBeUndefined();
    expect((await storage.read('abort/b.mp4')).toString()).toBe('before');
  });

  it('does nothing for who has given up already', async () => {
    await storage.put('abort/c', 'c');
    const signal = AbortSignal.abort();
    const path = await localFile('c', 'd');
    await expect(storage.put('abort/c', 'd', signal)).rejects.toBe(signal.reason);
    await expect(storage.putFile('abort/c', path, { move: true }, signal)).rejects.toBe(signal.reason);
    await expect(storage.open('abort/c', undefined, signal)).rejects.toBe(signal.reason);
    await expect(storage.read('abort/c', signal)).rejects.toBe(signal.reason);
    await expect(storage.borrow('abort/c', signal)).rejects.toBe(signal.reason);
    await expect(storage.check(signal)).rejects.toBe(signal.reason);
    expect((await storage.read('abort/c')).toString()).toBe('c');
    expect(readFileSync(path, 'utf8')).toBe('d');
  });

  it('ends a stream whose reader gives up', async () => {
    await storage.put('abort/long', randomBytes(4 * MIB));
    const stop = new AbortController();
    const stream = await storage.open('abort/long', undefined, stop.signal);
    const reading = (async () => {
      for await (const _ of stream) stop.abort();
    })();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('ends a stream that nobody reads without ending the process', async () => {
    const stop = new AbortController();
    const stream = await storage.open('abort/long', undefined, stop.signal);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stop.abort();
    await closed;
    await expect(buffer(stream)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('sweeps away what dead writers left, not what living ones write', async () => {
    await storage.put('sweep/a', 'a');
    await subject.leaveRemains();
    expect(subject.remains()).toBe(2);
    expect((await keysOf(storage.list(''))).filter((key) => !/^[a-z0-9]+(\/|$)/.test(key))).toEqual([]);
    await storage.sweep(600_000);
    expect(subject.remains()).toBe(1);
    await storage.sweep(-60_000);
    expect(subject.remains()).toBe(0);
    expect((await storage.read('sweep/a')).toString()).toBe('a');
  });

  it('is checked without a trace', async () => {
    const before = await keysOf(storage.list(''));
    await storage.check();
    expect(await keysOf(storage.list(''))).toEqual(before);
    expect(subject.remains()).toBe(0);
  });

  // The last one: it takes the storage away.
  it('says in one line that it is gone', async () => {
    await subject.lose();
    const gone = { code: 'STORAGE_UNREACHABLE', message: expect.stringMatching(/^[^\n]+: [^\n]+$/) };
    const where = kind === 'fs' ? subject.root : subject.server!.endpoint;
    await expect(storage.check()).rejects.toMatchObject(gone);
    await expect(storage.check()).rejects.toThrow(where);
    await expect(storage.put('gone/a', 'a')).rejects.toMatchObject(gone);
    await expect(storage.read('sweep/a')).rejects.toMatchObject(gone);
    await expect(storage.stat('sweep/a')).rejects.toMatchObject(gone);
    await expect(keysOf(storage.list(''))).rejects.toMatchObject(gone);
    await expect(storage.borrow('sweep/a')).rejects.toMatchObject(gone);
    const path = await localFile('f', 'kept');
    await expect(storage.putFile('gone/a', path, { move: true })).rejects.toMatchObject(gone);
    expect(await readFile(path, 'utf8')).toBe('kept');
  });
});
