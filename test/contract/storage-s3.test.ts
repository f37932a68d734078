import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openS3 } from '../../src/storage/s3.ts';
import type { Storage } from '../../src/storage/storage.ts';
import type { S3Server } from './s3-server.ts';
import { MIB, SUBJECTS, type Subject, s3Options } from './storages.ts';

let subject: Subject;
let storage: Storage;
let server: S3Server;
beforeAll(async () => {
  subject = await SUBJECTS.s3();
  storage = subject.storage;
  server = subject.server!;
});
beforeEach(() => {
  server.before = undefined;
  server.requests.length = 0;
});
afterAll(() => subject[Symbol.asyncDispose]());

const asked = (start: string) => server.requests.filter((request) => request.startsWith(start));
/** Files of all caches. */
const copies = () =>
  readdirSync(subject.scratch, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;
const open = (changes: Partial<Parameters<typeof openS3>[0]> = {}) =>
  openS3({ ...s3Options(server.endpoint, subject.scratch), ...changes });

describe('a bucket as storage', () => {
  it('is asked for large files in parts, both ways', async () => {
    const path = join(subject.local, 'large');
    await writeFile(path, randomBytes(12 * MIB));
    await storage.putFile('parts/large.mp4', path, {});
    expect(asked('PUT').length).toBe(3);
    expect(server.uploads()).toEqual([]);
    await using _ = await storage.borrow('parts/large.mp4');
    expect(asked('GET').length).toBe(3);
  });

  it('is asked for the next page where there is one', async () => {
    for (let n = 0; n < 7; n++) await storage.put(`pages/${n}`, '');
    server.requests.length = 0;
    let count = 0;
    for await (const { key } of storage.list('pages/')) expect(key).toBe(`pages/${count++}`);
    expect(count).toBe(7);
    expect(asked('GET ?').length).toBe(3);
  });

  it('is asked once for what is borrowed again, also at the same time', async () => {
    await storage.put('once/a', 'a');
    const lent = await Promise.all([1, 2, 3].map(() => storage.borrow('once/a')));
    for (const one of lent) await one[Symbol.asyncDispose]();
    await using again = await storage.borrow('once/a');
    expect(await readFile(again.path, 'utf8')).toBe('a');
    expect(new Set([...lent, again].map(({ path }) => path)).size).toBe(1);
    expect(asked('GET').length).toBe(1);
    await storage.put('once/a', 'b');
    await using renewed = await storage.borrow('once/a');
    expect(await readFile(renewed.path, 'utf8')).toBe('b');
    expect(await readFile(again.path, 'utf8')).toBe('a');
  });

  it('shows only what is below its prefix', async () => {
    await using other = await open({ prefix: 'main/sub/' });
    await using whole = await open({ prefix: '' });
    await other.put('prefix/a', 'a');
    expect((await storage.read('sub/prefix/a')).toString()).toBe('a');
    expect((await whole.read('main/sub/prefix/a')).toString()).toBe('a');
    for await (const { key } of other.list('')) expect(key).toBe('prefix/a');
    await other.removeAll('prefix/');
    expect(await whole.stat('main/sub/prefix/a')).toBeUndefined();
  });

  it('goes on where a connection broke while it lends', async () => {
    const bytes = randomBytes(6 * MIB);
    await storage.put('cut/a', bytes);
    let cuts = 0;
    server.before = ({ method }) => (method === 'GET' && cuts++ < 2 ? 'cut' : undefined);
    await using lent = await storage.borrow('cut/a');
    expect((await readFile(lent.path)).equals(bytes)).toBe(true);
    expect(cuts).toBe(4);
  });

  it('gives up when connections break again and again, and keeps nothing', async () => {
    await storage.put('cut/b', randomBytes(6 * MIB));
    const before = copies();
    server.before = ({ method }) => (method === 'GET' ? 'cut' : undefined);
    await expect(storage.borrow('cut/b')).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    await expect(storage.read('cut/b')).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    expect(copies()).toBe(before);
  });

  it('lends no mixture of an object that is replaced meanwhile', async () => {
    const [old, renewed] = [randomBytes(11 * MIB), randomBytes(11 * MIB)];
    await storage.put('mixed/a', old);
    await using writer = await open();
    let gets = 0;
    server.before = async ({ method }) => {
      if (method === 'GET' && ++gets === 2) await writer.put('mixed/a', renewed);
      return undefined;
    };
    await using lent = await storage.borrow('mixed/a');
    expect((await readFile(lent.path)).equals(renewed)).toBe(true);
  });

  it('lends to one what another has given up on', async () => {
    await storage.put('given-up/a', randomBytes(MIB));
    server.before = async ({ method }) => {
      if (method === 'GET') await sleep(100);
      return undefined;
    };
    const stop = new AbortController();
    const [first, second] = [storage.borrow('given-up/a', stop.signal), storage.borrow('given-up/a')];
    setTimeout(() => stop.abort(), 50);
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    await using lent = await second;
    expect((await readFile(lent.path)).length).toBe(MIB);
    expect(asked('GET').length).toBe(1);
  });

  it('keeps no more copies than it may, but all that are lent', async () => {
    await using small = await open({ cacheBytes: 2.5 * MIB });
    const before = copies();
    for (const key of ['a', 'b', 'c', 'd']) await storage.put(`limit/${key}`, randomBytes(MIB));
    const lent = await Promise.all(['a', 'b', 'c', 'd'].map((key) => small.borrow(`limit/${key}`)));
    expect(copies() - before).toBe(4);
    for (const one of lent) expect((await readFile(one.path)).length).toBe(MIB);
    for (const one of lent) await one[Symbol.asyncDispose]();
    expect(copies() - before).toBe(2);
  });

  it('fetches anew what was cleared from the scratch folder', async () => {
    await storage.put('cleared/a', 'a');
    const lent = await storage.borrow('cleared/a');
    await lent[Symbol.asyncDispose]();
    for (const name of readdirSync(subject.scratch)) {
      await rm(join(subject.scratch, name), { recursive: true });
    }
    await using again = await storage.borrow('cleared/a');
    expect(await readFile(again.path, 'utf8')).toBe('a');
  });

  it('removes its copies at its end, and those of the dead by a sweep', async () => {
    const before = readdirSync(subject.scratch);
    const other = await open();
    await storage.put('end/a', 'a');
    await other.borrow('end/a');
    const [dead] = readdirSync(subject.scratch).filter((name) => !before.includes(name));
    await utimes(join(subject.scratch, dead), 1, 1);
    await using third = await open();
    await third.sweep(600_000);
    expect(readdirSync(subject.scratch)).not.toContain(dead);
    await other[Symbol.asyncDispose]();
    const fourth = await open();
    await fourth.borrow('end/a');
    const count = readdirSync(subject.scratch).length;
    await fourth[Symbol.asyncDispose]();
    expect(readdirSync(subject.scratch).length).toBe(count - 1);
  });

  it('gives out addresses that download under a name', async () => {
    await storage.put('addresses/a.mp4', 'video');
    const disposition = `attachment; filename="my video.mp4"; filename*=UTF-8''m%C3%BC.mp4`;
    const address = await storage.presign('addresses/a.mp4', { seconds: 60, disposition });
    expect(address).toContain('X-Amz-Expires=60');
    expect(address).not.toContain('checksum');
    const answer = await fetch(address!);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toBe(disposition);
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    expect(await answer.text()).toBe('video');
    const year = await storage.presign('addresses/a.mp4', { seconds: 365 * 86_400, disposition });
    expect(year).toContain(`X-Amz-Expires=${7 * 86_400}`);
  });

  it('stores objects with their type', async () => {
    await storage.put('type/a.webm', '');
    const path = join(subject.local, 'b');
    await writeFile(path, randomBytes(6 * MIB));
    await storage.putFile('type/b.mp4', path, {});
    for (const [key, type] of [
      ['type/a.webm', 'video/webm'],
      ['type/b.mp4', 'video/mp4'],
    ]) {
      const answer = await fetch(`${server.endpoint}/${server.bucket}/main/${key}`);
      await answer.arrayBuffer();
      expect(answer.headers.get('content-type')).toBe(type);
    }
  });

  it('closes the connection of a stream that nobody reads', async () => {
    await storage.put('unread/a', randomBytes(8 * MIB));
    // More than there are connections.
    for (let n = 0; n < 60; n++) (await storage.open('unread/a')).destroy();
    expect((await storage.stat('unread/a'))?.bytes).toBe(8 * MIB);
  });

  it('does not pile up listeners on the signal of a long job', async () => {
    const warnings: string[] = [];
    const warn = (warning: Error) => warnings.push(warning.name);
    process.on('warning', warn);
    const { signal } = new AbortController();
    for (let n = 0; n < 30; n++) {
      await storage.put('listeners/a', `${n}`, signal);
      await storage.read('listeners/a', signal);
      await (await storage.borrow('listeners/a', signal))[Symbol.asyncDispose]();
    }
    await sleep(10);
    process.off('warning', warn);
    expect(warnings.filter((name) => name === 'MaxListenersExceededWarning')).toEqual([]);
  });

  it('has no limit that is known', async () => expect(await storage.space()).toBeUndefined());
});

describe('a bucket that cannot be used', () => {
  const oneLine = expect.stringMatching(/^[^\n]+: [^\n]+$/);

  it('is one that does not exist', async () => {
    await using other = await open({ bucket: 'no-such-bucket' });
    await expect(other.check()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE', message: oneLine });
    await expect(other.check()).rejects.toThrow('no-such-bucket');
  });

  it('is one whose key is refused; neither key nor secret is told', async () => {
    await using other = await open({ accessKeyId: 'AKIDWRONG', secretAccessKey: 'topsecret' });
    const error = await other.check().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_UNREACHABLE', message: oneLine });
    expect(error.message).toContain('access key');
    expect(error.message).not.toMatch(/AKIDWRONG|topsecret/);
  });

  it('is one whose server is gone; the address is told without its password', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    await using other = await open({ endpoint: `http://user:topsecret@127.0.0.1:${port}` });
    const error = await other.check().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_UNREACHABLE', message: oneLine });
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(error.message).not.toContain('topsecret');
  });

  it.each([
    [507, '<Error><Code>XMinioStorageFull</Code></Error>', 'DISK_FULL'],
    [403, '<Error><Code>QuotaExceeded</Code></Error>', 'DISK_FULL'],
    [503, '<Error><Code>SlowDown</Code></Error>', 'STORAGE_UNREACHABLE'],
    [301, '<Error><Code>PermanentRedirect</Code></Error>', 'STORAGE_UNREACHABLE'],
    [404, '<html>not here</html>', 'STORAGE_UNREACHABLE'],
    [200, '<html>welcome</html>', 'STORAGE_UNREACHABLE'],
  ])('is one whose server answers %s %s: %s', async (status, body, code) => {
    const odd = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(status).end(body));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => odd.once('listening', resolve));
    const { port } = odd.address() as AddressInfo;
    const other = await open({ endpoint: `http://127.0.0.1:${port}` });
    await expect(other.check()).rejects.toMatchObject({ code, message: oneLine });
    await other[Symbol.asyncDispose]();
    await new Promise((resolve) => odd.close(resolve));
  });

  it.each([
    { secretAccessKey: undefined },
    { accessKeyId: undefined },
    { endpoint: 'minio:9000' },
    { prefix: '../escape' },
    { prefix: '/absolute' },
  ])('is one that is described wrongly: %o', async (changes) => {
    await expect(open(changes)).rejects.toMatchObject({ code: 'CONFIG', message: oneLine });
  });

  it('is one whose scratch folder cannot be made', async () => {
    const path = join(subject.local, 'in-the-way');
    await writeFile(path, '');
    await expect(open({ scratch: path })).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  });
});
