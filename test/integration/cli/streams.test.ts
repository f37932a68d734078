import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';
import * as run from '../../../src/cli/run-streams.ts';
import { streamView } from '../../fixtures/stream-view.ts';
import { relayed } from '../http/fake-streams.ts';
import { cleanUp, eventually, type Server, serve } from '../http/server.ts';

cleanUp();

let folder: string;
let server: Server;
let printed: string[];
let stop: AbortController;
let io: Io;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-cli-'));
  server = await serve();
  server.streams.views.set('a', streamView('a', { name: 'Gate' }));
  printed = [];
  stop = new AbortController();
  io = { signal: stop.signal, takeTime: () => {}, print: (line) => printed.push(line), say: () => {} };
});
afterEach(() => rm(folder, { recursive: true }));

const at = () => ({ server: server.url });

describe('streams', () => {
  it('add asks for what was said, and for nothing else', async () => {
    await run.runAdd(io, 'rtsp://camera/stream', { ...at(), vocabulary: 'road', policy: 'all', hls: false });
    expect(printed).toEqual(['stream1']);
    expect(server.streams.requests[0].request).toEqual({
      url: 'rtsp://camera/stream',
      vocabulary: 'road',
      policy: 'all',
      output: { hls: false, audio: true },
      state: 'running',
    });
  });

  it('set and the states are changes', async () => {
    await run.runSet(io, 'a', { ...at(), vocabulary: 'bus', expand: 'none', name: 'Door' });
    await run.runState(io, 'a', 'paused', at());
    expect(server.streams.patches).toEqual([
      { vocabulary: 'bus', expand: 'none', name: 'Door' },
      { state: 'paused' },
    ]);
    expect(printed).toEqual(['revision 1: not in force yet, it is starting', 'starting']);
    await expect(run.runSet(io, 'a', at())).rejects.toMatchObject({ code: 'USAGE' });
    await run.runRemove(io, 'a', at());
    await expect(run.runShow(io, 'a', at())).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND', exit: 66 });
  });

  it('list and show are tables, or JSON', async () => {
    const reason = { code: 'CAMERA_AWAY', message: 'it does not answer' } as const;
    server.streams.views.set('b', streamView('b', { name: 'Yard', state: 'connecting', reason }));
    await run.runList(io, at());
    await run.runList(io, { ...at(), json: true });
    await run.runShow(io, 'b', at());
    expect(printed[0].split('\n')).toEqual([
      'a  Gate  starting    –  road, car',
      'b  Yard  connecting  –  CAMERA_AWAY: it does not answer',
    ]);
    expect(JSON.parse(printed[1])).toMatchObject([{ id: 'a' }, { id: 'b', reason }]);
    expect(printed[2]).toMatch(/^name +Yard$/m);
    server.streams.views.clear();
    await run.runList(io, at());
    expect(printed[3]).toBe('there is no stream');
  });

  it('snapshot saves the picture', async () => {
    const file = join(folder, 'now.jpg');
    await run.runSnapshot(io, 'a', { ...at(), output: file });
    expect(await readFile(file, 'utf8')).toBe('picture');
    expect(server.streams.asked).toMatchObject([{ path: 'snapshot.jpg' }]);
  });

  it('watch goes on over interruptions, a line for each event', async () => {
    let asked = 0;
    server.streams.answer = () => {
      const first = asked++ === 0;
      const body = first ? Readable.from(['event: seen\ndata: {"n":1}\n\n']) : new PassThrough();
      if (!first) (body as PassThrough).write(': still here\n\ndata: {"n":2}\n\n');
      return relayed(body, { 'content-type': 'text/event-stream' });
    };
    const watching = run.runWatch(io, 'a', { ...at(), json: true });
    await eventually(() => expect(printed.length).toBe(2));
    stop.abort();
    await expect(watching).rejects.toThrow();
    expect(printed.map((line) => JSON.parse(line))).toEqual([
      { event: 'seen', data: { n: 1 } },
      { event: 'message', data: { n: 2 } },
    ]);
  });

  it('watch ends where there is no such stream', async () => {
    await expect(run.runWatch(io, 'none', at())).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
  });

  it.each([
    [
      {
        seen: [
          { name: 'car', count: 3 },
          { name: 'road', count: 1 },
        ],
      },
      '3 car, 1 road',
    ],
    [{ objects: [{ name: 'dog' }, { name: 'car' }, { name: 'car' }] }, '2 car, 1 dog'],
    [{ seen: [] }, 'nothing'],
    [{ state: 'live' }, undefined],
  ])('what is seen is one line: %j', (content, line) => {
    expect(run.seenLine(content)).toBe(line);
  });
});
