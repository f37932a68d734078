import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ObjectCache, openObjectCache } from '../../../src/storage/object-cache.ts';

let scratch: string;
let cache: ObjectCache;
let fetched: string[];
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sidestream-cache-'));
  cache = await openObjectCache(scratch, 25);
  fetched = [];
});
afterEach(async () => {
  await cache[Symbol.asyncDispose]();
  expect(readdirSync(scratch)).toEqual([]);
  await rm(scratch, { recursive: true });
});

/** Borrows an object of ten bytes. */
const borrow = (key: string, etag = '1', signal?: AbortSignal) => {
  const fetch = async (path: string) => {
    fetched.push(`${key} ${etag}`);
    await writeFile(path, `${key} ${etag}`.padEnd(10));
  };
  return cache.borrow({ key, etag, bytes: 10 }, fetch, signal);
};
const use = async (key: string, etag = '1') => {
  await using lent = await borrow(key, etag);
  expect((await readFile(lent.path, 'utf8')).trim()).toBe(`${key} ${etag}`);
  return lent.path;
};
/** A fetch that ends when it is told to, or aborted. */
const slow = () => {
  let finish = () => {};
  let fail = (_: Error) => {};
  let signal: AbortSignal | undefined;
  const fetch = (path: string, stop: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      signal = stop;
      finish = () => resolve(writeFile(path, ''));
      fail = reject;
      stop.addEventListener('abort', () => reject(stop.reason));
    });
  const begun = async () => {
    while (!signal) await new Promise(setImmediate);
  };
  return {
    fetch,
    begun,
    finish: () => finish(),
    fail: (error: Error) => fail(error),
    aborted: () => signal?.aborted,
  };
};

describe('the cache of borrowed objects', () => {
  it('removes what was used longest ago', async () => {
    const paths = { a: await use('a'), b: await use('b') };
    await use('a');
    await use('c');
    expect(existsSync(paths.b)).toBe(false);
    expect(existsSync(paths.a)).toBe(true);
    for (const key of ['a', 'c', 'b']) await use(key);
    expect(fetched).toEqual(['a 1', 'b 1', 'c 1', 'b 1']);
  });

  it('tells versions apart', async () => {
    expect(await use('a', '1')).not.toBe(await use('a', '2'));
    expect(fetched).toEqual(['a 1', 'a 2']);
  });

  it('never removes what is lent, to however many', async () => {
    const [first, second] = [await borrow('a'), await borrow('a')];
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    for (const key of ['b', 'c', 'd', 'e']) await use(key);
    expect(existsSync(second.path)).toBe(true);
    const others = await Promise.all(['b', 'c', 'd', 'e'].map((key) => borrow(key)));
    for (const { path } of [second, ...others]) expect(existsSync(path)).toBe(true);
    for (const lent of [second, ...others]) await lent[Symbol.asyncDispose]();
    expect([second, ...others].filter(({ path }) => existsSync(path)).length).toBe(2);
  });

  it('keeps nothing of a fetch that fails, and tries anew', async () => {
    const { fetch, begun, fail } = slow();
    const both = [1, 2].map(() => cache.borrow({ key: 'x', etag: '1', bytes: 1 }, fetch));
    await begun();
    const error = new Error('gone');
    fail(error);
    for (const one of both) await expect(one).rejects.toBe(error);
    await use('x');
    expect(fetched).toEqual(['x 1']);
  });

  it('aborts a fetch only when all who wait have given up, and begins a new one for who comes then', async () => {
    const { fetch, begun, aborted } = slow();
    const stops = [new AbortController(), new AbortController()];
    const both = stops.map(({ signal }) => cache.borrow({ key: 'x', etag: '1', bytes: 1 }, fetch, signal));
    await begun();
    stops[0].abort();
    await expect(both[0]).rejects.toBe(stops[0].signal.reason);
    expect(aborted()).toBe(false);
    stops[1].abort();
    await expect(both[1]).rejects.toBe(stops[1].signal.reason);
    expect(aborted()).toBe(true);
    await use('x');
    expect(fetched).toEqual(['x 1']);
  });

  it('aborts what is under way at its end', async () => {
    const { fetch, begun } = slow();
    const borrowing = cache.borrow({ key: 'x', etag: '1', bytes: 1 }, fetch);
    await Promise.all([
      expect(borrowing).rejects.toMatchObject({ name: 'AbortError' }),
      begun().then(() => cache[Symbol.asyncDispose]()),
    ]);
  });
});
