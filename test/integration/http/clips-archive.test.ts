import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { clipView } from '../../fixtures/clip-view.ts';
import { readZip } from '../../fixtures/zip-reader.ts';
import { shaOf } from './fake-clips.ts';
import { resultOf } from './fakes.ts';
import { cleanUp, eventually, expectProblem, raw, type Server, serve } from './server.ts';

cleanUp();

interface Manifest {
  readonly result: string;
  readonly complete: boolean;
  readonly clips: { file: string; bytes: number; sha256: string; clip: { id: string } }[];
  readonly left_out: { id: string; code: string; message: string }[];
}

/** The archive of a query: its files but the last, which is read. */
async function archiveOf(server: Server, query = '') {
  const answer = await server.fetch(`/v1/clips/archive${query}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
  const entries = readZip(Buffer.from(await answer.arrayBuffer()));
  const last = entries.pop();
  expect(last?.name).toBe('manifest.json');
  return { answer, entries, manifest: JSON.parse(String(last?.content)) as Manifest };
}

describe('an archive of clips', () => {
  it('has all hundred and more of them, and says what they are', async () => {
    const server = await serve();
    const contents = Array.from({ length: 120 }, () => randomBytes(20_000));
    const objects = contents.map((content, i) =>
      server.clips.hold(`c${i}`, content, { rule: i % 2 ? 'person at gate' : undefined }),
    );
    server.clips.views.set('waiting', clipView('waiting', { state: 'waiting' }));
    const { answer, entries, manifest } = await archiveOf(server);
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="clips-\d{8}T\d{6}Z.zip"$/,
    );
    expect(entries.length).toBe(120);
    expect(new Set(entries.map(({ name }) => name)).size).toBe(120);
    // The first of those that would be called the same is so, the others have their ids.
    expect(entries.slice(0, 4).map(({ name }) => name)).toEqual([
      'Gate/20300102T030400Z-person-at-gate.mp4',
      'Gate/20300102T030400Z-c118.mp4',
      'Gate/20300102T030400Z-person-at-gate-c117.mp4',
      'Gate/20300102T030400Z-c116.mp4',
    ]);
    expect(manifest).toMatchObject({ result: 'video', complete: true, left_out: [] });
    for (const [i, { file, bytes, sha256, clip }] of manifest.clips.entries()) {
      const entry = entries[i];
      expect([file, bytes, sha256]).toEqual([entry.name, entry.content.length, shaOf(entry.content)]);
      expect(clip).toEqual(JSON.parse(JSON.stringify(server.clips.views.get(clip.id))));
    }
    for (const object of objects) expect(object.opened()).toBe(0);
  });

  it('has what was asked for', async () => {
    const server = await serve();
    server.clips.hold('a', Buffer.from('a'), { rule: 'r', stream: 'gate1', keep: true });
    server.clips.hold('b', Buffer.from('b'), { rule: 's' });
    const query = '?stream=gate1&label=car&rule=r&keep=1&from=2030-01-02T03:04:00Z&to=2030-01-03T00:00:00Z';
    const { entries } = await archiveOf(server, query);
    expect(entries.map(({ content }) => String(content))).toEqual(['a']);
    expect(server.clips.queries).toEqual([
      {
        stream: 'gate1',
        label: 'car',
        rule: 'r',
        keep: true,
        from: Date.parse('2030-01-02T03:04:00Z'),
        to: Date.parse('2030-01-03T00:00:00Z'),
        state: 'done',
        limit: 100,
      },
    ]);
    expect((await archiveOf(server, '?rule=none')).entries).toEqual([]);
    await expectProblem(await server.fetch('/v1/clips/archive?lable=car'), 400, 'USAGE');
  });

  it('has those that were chosen, as far as they are there', async () => {
    const server = await serve();
    for (const id of ['a', 'b', 'c']) server.clips.hold(id, Buffer.from(id));
    const { entries, manifest } = await archiveOf(server, '?id=c,gone,a,c');
    expect(entries.map(({ content }) => String(content))).toEqual(['c', 'a']);
    expect(manifest.left_out.map(({ id, code }) => [id, code])).toEqual([['gone', 'CLIP_NOT_FOUND']]);
    expect(server.clips.queries).toEqual([]);
    const many = Array.from({ length: 301 }, (_, i) => `c${i}`).join(',');
    for (const wrong of ['', 'a,', '../a', many])
      await expectProblem(await server.fetch(`/v1/clips/archive?id=${wrong}`), 400, 'USAGE');
  });

  it('has painted videos, with their own checksums', async () => {
    const server = await serve();
    server.clips.hold('a', Buffer.from('plain'));
    server.clips.before = () => {
      if (!server.clips.objects.has('a/overlay'))
        server.clips.hold('a', Buffer.from('painted'), {}, 'overlay');
    };
    const { entries, manifest } = await archiveOf(server, '?overlay=1');
    expect(entries.map(({ name, content }) => [name, String(content)])).toEqual([
      ['Gate/20300102T030400Z-a.overlay.mp4', 'painted'],
    ]);
    expect(manifest.clips).toMatchObject([{ sha256: shaOf(Buffer.from('painted')), bytes: 7 }]);
  });

  it('leaves out what is removed meanwhile, or cannot be made, and says so', async () => {
    const server = await serve();
    for (const id of ['a', 'b', 'c', 'd', 'e']) server.clips.hold(id, Buffer.from(id));
    const gone = new SidestreamError('OBJECT_NOT_FOUND', 'it was removed');
    server.clips.before = (id) => {
      if (id === 'd') server.clips.views.delete('d');
      if (id === 'c') throw new SidestreamError('CLIP_NOT_READY', 'clip c is being painted');
    };
    const fail = (id: string, open: () => Promise<Readable>) =>
      server.clips.objects.set(`${id}/video`, resultOf(Buffer.from(id), { open }));
    fail('b', async () => {
      throw gone;
    });
    fail(
      'a',
      async () =>
        new Readable({
          read() {
            this.destroy(gone);
          },
        }),
    );
    const { entries, manifest } = await archiveOf(server);
    expect(entries.map(({ content }) => String(content))).toEqual(['e']);
    expect(manifest.clips.map(({ clip }) => clip.id)).toEqual(['e']);
    expect(manifest.left_out.map(({ id, code }) => [id, code])).toEqual([
      ['d', 'CLIP_NOT_FOUND'],
      ['c', 'CLIP_NOT_READY'],
      ['b', 'OBJECT_NOT_FOUND'],
      ['a', 'OBJECT_NOT_FOUND'],
    ]);
  });

  it('breaks off where the storage does', async () => {
    const server = await serve();
    for (const id of ['a', 'b']) server.clips.hold(id, Buffer.alloc(100_000));
    server.clips.before = (id) => {
      if (id === 'a') throw new SidestreamError('STORAGE_UNREACHABLE', 'the storage does not answer');
    };
    await expect(server.fetch('/v1/clips/archive').then((answer) => answer.arrayBuffer())).rejects.toThrow();
    server.clips.list = async () => {
      throw new SidestreamError('REDIS_UNREACHABLE', 'Redis does not answer');
    };
    await expectProblem(await server.fetch('/v1/clips/archive'), 503, 'REDIS_UNREACHABLE');
    expect((await server.fetch('/healthz')).status).toBe(200);
  });

  it('ends with its client, and leaves nothing open', async () => {
    const server = await serve();
    const objects = Array.from({ length: 100 }, (_, i) => server.clips.hold(`c${i}`, randomBytes(300_000)));
    await raw(server, (socket) => {
      socket.write('GET /v1/clips/archive HTTP/1.1\r\nHost: localhost\r\n\r\n');
      let come = 0;
      socket.on('data', (text) => {
        come += text.length;
        if (come > 2_000_000) socket.destroy();
      });
    });
    await eventually(() => expect(objects.filter((object) => object.opened() > 0)).toEqual([]));
    expect(server.clips.asked.length).toBeLessThan(100);
    await eventually(async () => expect(await server.connections()).toBe(0));
    expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it('ends with its client also while something is made for it', async () => {
    const server = await serve();
    server.clips.hold('a', Buffer.alloc(10));
    let left: AbortSignal | undefined;
    server.clips.before = (_id, _name, signal) => {
      left = signal;
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
    };
    await raw(server, async (socket) => {
      socket.write('GET /v1/clips/archive?overlay=1 HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await eventually(() => expect(left?.aborted).toBe(false));
      socket.destroy();
    });
    await eventually(() => expect(left?.aborted).toBe(true));
    await eventually(async () => expect(await server.connections()).toBe(0));
  });
});
