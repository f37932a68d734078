import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { type ArchivedFile, zipOf } from '../../../src/http/zip.ts';
import { readZip } from '../../fixtures/zip-reader.ts';

const MODIFIED = new Date('2030-01-02T03:04:06.000Z');

const file = (name: string, stream: Readable, bytes: number): ArchivedFile => ({
  name,
  modified: MODIFIED,
  content: { stream, bytes },
});

it('has files as they were, in their order, with their times', async () => {
  const contents = [randomBytes(100_000), Buffer.alloc(0), randomBytes(10)];
  const zip = await buffer(
    zipOf(
      (async function* () {
        yield file('Gate/道路-1.mp4', Readable.from([contents[0]]), 100_000);
        yield file('Gate/empty.mp4', Readable.from([contents[1]]), 0);
        yield { name: 'manifest.json', modified: MODIFIED, content: contents[2] };
      })(),
    ),
  );
  expect(readZip(zip)).toEqual([
    { name: 'Gate/道路-1.mp4', content: contents[0], modified: MODIFIED },
    { name: 'Gate/empty.mp4', content: contents[1], modified: MODIFIED },
    { name: 'manifest.json', content: contents[2], modified: MODIFIED },
  ]);
});

it('may have nothing in it', async () => {
  expect(readZip(await buffer(zipOf((async function* () {})())))).toEqual([]);
});

it('asks for no file before the one ahead of it has been taken', async () => {
  let asked = 0;
  let made = 0;
  const endless = new Readable({
    read() {
      made += 65_536;
      this.push(Buffer.alloc(65_536));
    },
  });
  const zip = zipOf(
    (async function* () {
      asked++;
      yield file('a', endless, 1e12);
      asked++;
    })(),
  );
  zip.once('readable', () => {});
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked).toBe(1);
  // Its own buffers are full then.
  expect(made).toBeLessThan(2_000_000);
  zip.destroy();
  await finished(endless).catch(() => {});
  expect(endless.destroyed).toBe(true);
});

it.each([
  ['breaks off', () => Readable.from(failing())],
  ['has other bytes than were said', () => Readable.from([Buffer.alloc(9)])],
])('is destroyed where a file %s', async (_, make) => {
  const zip = zipOf(
    (async function* () {
      yield file('a', make(), 10);
      yield file('b', Readable.from(['b']), 1);
    })(),
  );
  await expect(buffer(zip)).rejects.toThrow();
});

it('ends the files when nobody takes it any more', async () => {
  let ended = false;
  const opened: PassThrough[] = [];
  const zip = zipOf(
    (async function* () {
      try {
        for (;;) {
          const stream = new PassThrough();
          opened.push(stream);
          stream.write('begun');
          yield file(`${opened.length}`, stream, 10);
        }
      } finally {
        ended = true;
      }
    })(),
  );
  zip.on('error', () => {});
  await new Promise((resolve) => zip.once('readable', resolve));
  zip.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ended).toBe(true);
  expect(opened.map(({ destroyed }) => destroyed)).toEqual([true]);
});

async function* failing() {
  yield Buffer.alloc(5);
  throw new Error('the disk is gone');
}
