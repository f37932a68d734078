import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClipPullOptions } from '../../../src/cli/clips.ts';
import type { Io } from '../../../src/cli/io.ts';
import { runPull } from '../../../src/cli/run-pull.ts';
import type { ClipView } from '../../../src/clips/clips.ts';
import { RequestFault } from '../../../src/http/errors.ts';
import type { ResultObject } from '../../../src/jobs/jobs.ts';
import { clipView } from '../../fixtures/clip-view.ts';
import { shaOf } from '../http/fake-clips.ts';
import { cleanUp, eventually, type Server, serve } from '../http/server.ts';

cleanUp();

let folder: string;
let server: Server;
let printed: string[];
let said: string[];
let stop: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-pull-'));
  server = await serve();
  stop = new AbortController();
});
afterEach(() => rm(folder, { recursive: true }));

/** One call of the command. */
async function pull(more: Partial<ClipPullOptions> = {}, ids: readonly string[] = []): Promise<void> {
  [printed, said] = [[], []];
  const io: Io = {
    signal: stop.signal,
    takeTime: () => {},
    print: (line) => printed.push(line),
    say: (line) => said.push(line),
  };
  await runPull(io, ids, { server: server.url, to: folder, ...more });
}

const files = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
const read = (name: string) => readFile(join(folder, 'Gate', name));

/** Bytes that may be on their way when a connection breaks, and lost with it. */
const LOST = 100_000;

/** Bytes of the one file that is not whole yet. */
async function partBytes(): Promise<number> {
  const [part] = (await files()).filter((name) => name.endsWith('.partial'));
  return part === undefined ? 0 : (await stat(join(folder, 'Gate', part))).size;
}

/** A clip whose bytes come slowly, in pieces of 50 kB; what is asked for of it. */
function slow(id: string, content: Buffer, breakAfter: readonly number[] = []) {
  const object = server.clips.hold(id, content);
  const starts: number[] = [];
  let sent = 0;
  const breaks = [...breakAfter];
  const open: ResultObject['open'] = async ({ start, end } = { start: 0, end: content.length - 1 }) => {
    // Only a look at what it is.
    if (end === 0) return Readable.from([content.subarray(0, 1)]);
    starts.push(start);
    const most = breaks.shift() ?? Number.POSITIVE_INFINITY;
    return Readable.from(
      (async function* () {
        for (let at = start; at <= end; at += 50_000) {
          await sleep(10);
          if (at - start >= most) {
            await eventually(async () => expect(await partBytes()).toBeGreaterThanOrEqual(at - LOST));
            throw new Error('the connection breaks');
          }
          const piece = content.subarray(at, Math.min(end + 1, at + 50_000));
          sent += piece.length;
          yield piece;
        }
      })(),
    );
  };
  server.clips.objects.set(`${id}/video`, { ...object, open });
  return { starts, sent: () => sent };
}

describe('pull', () => {
  it('saves the videos of all clips that are done, and the second time nothing', async () => {
    const contents = Array.from({ length: 130 }, (_, i) => randomBytes(500 + i));
    for (const [i, content] of contents.entries()) server.clips.hold(`c${i}`, content);
    server.clips.hold('r', randomBytes(10), { rule: 'Person at gate', stream_name: 'Yard' });
    server.clips.views.set('w', clipView('w', { state: 'waiting' }));
    await pull({ since: 'now-20000d' });
    expect(printed.length).toBe(131);
    expect(printed).toContain(join(folder, 'Yard', '20300102T030400Z-Person-at-gate.mp4'));
    for (const [i, content] of contents.entries())
      expect(content.equals(await read(`20300102T030400Z-c${i}.mp4`))).toBe(true);
    expect(said).toEqual(['131 saved, 0 there already']);
    expect(server.clips.queries[0]).toMatchObject({ state: 'done', from: expect.any(Number) });
    const before = server.clips.asked.length;
    await pull();
    expect([printed, said]).toEqual([[], ['0 saved, 131 there already']]);
    expect(server.clips.asked.length).toBe(before);
    await pull({ json: true, rule: 'Person at gate', label: 'car', stream: 'gate1' });
    expect(JSON.parse(printed[0])).toMatchObject([{ clip: 'r', result: 'video', state: 'present' }]);
    expect(server.clips.queries.at(-1)).toMatchObject({ label: 'car', stream: 'gate1' });
  });

  it('goes on where the connection broke', async () => {
    const content = randomBytes(600_000);
    const { starts, sent } = slow('a', content, [200_000, 250_000]);
    await pull();
    expect(starts.length).toBe(3);
    expect([starts[0], starts[1] >= 100_000, starts[2] > starts[1]]).toEqual([0, true, true]);
    // What was on its way when it broke is all that is sent twice.
    expect(sent()).toBeLessThanOrEqual(content.length + 2 * LOST);
    expect(content.equals(await read('20300102T030400Z-a.mp4'))).toBe(true);
    expect(await files()).toEqual(['20300102T030400Z-a.mp4']);
  });

  it('goes on where it was interrupted, also in the next call', async () => {
    const content = randomBytes(1_000_000);
    const { starts } = slow('a', content);
    const pulling = pull();
    await eventually(async () => expect(await partBytes()).toBeGreaterThan(400_000));
    stop.abort(Object.assign(new Error('interrupted'), { name: 'AbortError' }));
    await expect(pulling).rejects.toMatchObject({ name: 'AbortError' });
    const [part] = await files();
    expect(part).toMatch(/^\.20300102T030400Z-a\.mp4\.[0-9a-f]{12}\.partial$/);
    const { size } = await stat(join(folder, 'Gate', part));
    expect(size).toBeGreaterThan(400_000);
    stop = new AbortController();
    await pull();
    expect(starts).toEqual([0, size]);
    expect(content.equals(await read('20300102T030400Z-a.mp4'))).toBe(true);
    expect(await files()).toEqual(['20300102T030400Z-a.mp4']);
  });

  it('begins anew where what it had is damaged', async () => {
    const content = randomBytes(100_000);
    const { starts } = slow('a', content);
    await pull();
    const name = '20300102T030400Z-a.mp4';
    await rm(join(folder, 'Gate', name));
    const part = join(folder, 'Gate', `.${name}.${shaOf(content).slice(0, 12)}.partial`);
    for (const damaged of [randomBytes(70_000), randomBytes(100_000), randomBytes(200_000)]) {
      await writeFile(part, damaged);
      await pull();
      expect(content.equals(await read(name))).toBe(true);
      expect(await files()).toEqual([name]);
      await rm(join(folder, 'Gate', name));
    }
    expect(starts.slice(1)).toEqual([70_000, 0, 0, 0]);
  });

  it('takes no part of another object for the rest', async () => {
    const content = randomBytes(300_000);
    const first = slow('a', content, [100_000]);
    const { objects } = server.clips;
    const object = objects.get('a/video')!;
    let opened = 0;
    // Between two tries the object is stored anew, under another tag.
    objects.set('a/video', {
      ...object,
      get etag() {
        return `tag-${opened}`;
      },
      open: (range) => {
        opened++;
        return object.open(range);
      },
    });
    await pull();
    expect(first.starts).toEqual([0, 0]);
    expect(content.equals(await read('20300102T030400Z-a.mp4'))).toBe(true);
  });

  it('saves nothing that is not what its checksum says', async () => {
    server.clips.hold('b', randomBytes(100));
    const view = server.clips.views.get('b') as ClipView;
    const video = { ...view.results.video!, sha256: shaOf(Buffer.from('other')) };
    server.clips.views.set('b', { ...view, results: { video } });
    server.clips.hold('a', randomBytes(50));
    await expect(pull()).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(/^1 of 2 /),
    });
    expect(said).toEqual([
      expect.stringMatching(/^error CHECKSUM_MISMATCH: clip b: /),
      '1 saved, 0 there already, 1 failed',
    ]);
    expect(await files()).toEqual(['20300102T030400Z-a.mp4']);
  });

  it('minds no clip that is removed meanwhile, and keeps nothing of it', async () => {
    server.clips.hold('a', randomBytes(50));
    const { sent } = slow('b', randomBytes(500_000), [200_000]);
    const pulling = pull();
    await eventually(() => expect(sent()).toBeGreaterThan(0));
    await server.clips.remove('b');
    await pulling;
    expect(said).toEqual(['clip b was removed meanwhile', '1 saved, 0 there already, 1 gone']);
    expect(await files()).toEqual(['20300102T030400Z-a.mp4']);
  });

  it('gives clips of one name two, always the same, and takes no other file for a clip', async () => {
    const [a, b, c] = [randomBytes(10), randomBytes(20), randomBytes(30)];
    server.clips.hold('a', a, { title: 'Van' });
    server.clips.hold('b', b, { title: 'Van' });
    await pull();
    const names = ['20300102T030400Z-Van-a.mp4', '20300102T030400Z-Van.mp4'];
    expect(await files()).toEqual(names);
    expect([a.equals(await read(names[0])), b.equals(await read(names[1]))]).toEqual([true, true]);
    server.clips.hold('c', c, { title: 'Van' });
    await pull();
    expect(printed).toEqual([join(folder, 'Gate', '20300102T030400Z-Van-c.mp4')]);
    await server.clips.remove('b');
    await pull();
    expect([printed, await files()]).toEqual([[], [names[0], '20300102T030400Z-Van-c.mp4', names[1]]]);
    expect(b.equals(await read(names[1]))).toBe(true);
  });

  it('looks at what is there more closely where that is wanted', async () => {
    const content = randomBytes(100);
    server.clips.hold('a', content);
    await pull();
    const file = join(folder, 'Gate', '20300102T030400Z-a.mp4');
    await writeFile(file, randomBytes(100));
    await pull();
    expect(printed).toEqual([]);
    await pull({ verify: true });
    expect([printed, content.equals(await readFile(file))]).toEqual([[file], true]);
    // Another size by a name that only this clip has.
    await writeFile(file, 'x');
    await pull();
    expect(content.equals(await readFile(file))).toBe(true);
  });

  it('waits for what is made on demand: painted videos, and masks', async () => {
    server.clips.hold('a', randomBytes(10));
    let asked = 0;
    server.clips.before = (id, name) => {
      if (server.clips.objects.has(`${id}/${name}`)) return;
      if (asked++ === 0)
        throw new RequestFault('CLIP_NOT_READY', 'it is made', { headers: { 'retry-after': '1' } });
      server.clips.hold(id, Buffer.from(name), {}, name);
    };
    await pull({ overlay: true, masks: true });
    expect(await files()).toEqual(['20300102T030400Z-a.masks.json', '20300102T030400Z-a.overlay.mp4']);
    expect(String(await read('20300102T030400Z-a.overlay.mp4'))).toBe('overlay');
    const before = server.clips.asked.length;
    await pull({ overlay: true, masks: true });
    expect(server.clips.asked.length).toBe(before);
  });

  it('saves only clips by their ids, where there are any', async () => {
    for (const id of ['a', 'b', 'c']) server.clips.hold(id, randomBytes(10));
    server.clips.views.set('w', clipView('w', { state: 'running' }));
    const error = { code: 'NOT_RECORDED', message: 'nothing was recorded' } as const;
    server.clips.views.set('f', clipView('f', { state: 'failed', error }));
    await pull({}, ['a', 'none', 'c', 'a']);
    expect(await files()).toEqual(['20300102T030400Z-a.mp4', '20300102T030400Z-c.mp4']);
    expect(said).toContain('clip none was removed meanwhile');
    await expect(pull({}, ['w', 'f', 'a'])).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', exit: 69 });
    expect(said.slice(0, 2)).toEqual([
      'error CLIP_NOT_READY: clip w: it is running: pull it when it is done',
      'error RESULT_NOT_FOUND: clip f: it has failed: nothing was recorded',
    ]);
    await expect(pull({ rule: 'r' }, ['a'])).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('ends at once where nothing more would come', async () => {
    for (let i = 0; i < 10; i++) server.clips.hold(`c${i}`, randomBytes(10));
    server.clips.before = () => {
      throw new RequestFault('KEY_FORBIDDEN', 'this key may not');
    };
    await expect(pull()).rejects.toMatchObject({ code: 'KEY_FORBIDDEN' });
    expect(server.clips.asked.length).toBeLessThanOrEqual(2);
    server.clips.before = () => {};
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(pull({ to: file })).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});
