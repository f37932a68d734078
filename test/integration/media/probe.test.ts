import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { probe } from '../../../src/media/probe.ts';
import { usable } from '../../fixtures/media.ts';
import { never, PATHS, scratch } from './numbered.ts';

const look = (input: string, signal = never) => probe(input, PATHS, signal);
const failure = (input: string) =>
  look(input).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('what is in a file', () => {
  it('is told of an ordinary one', async () => {
    await using folder = await scratch();
    const path = await usable.plain(folder.path);
    expect(await look(path)).toMatchObject({
      name: path,
      duration: expect.closeTo(0.4, 1),
      start: 0,
      chapters: 0,
      audio: [{ codec: 'aac', channels: 1, sampleRate: 44_100 }],
      others: [],
      video: {
        codec: 'h264',
        width: 128,
        height: 96,
        rotation: 0,
        frames: 10,
        pixelFormat: 'yuv420p',
        bitDepth: 8,
      },
    });
  });

  it.each([
    ['turned by 90 degrees', { width: 96, height: 128, codedWidth: 128, codedHeight: 96 }],
    ['turned by 180 degrees', { width: 128, height: 96, rotation: 180 }],
    ['pixels twice as wide', { sampleAspectRatio: { num: 2, den: 1 } }],
    ['full range', { colorRange: 'pc' }],
    ['ten bits', { bitDepth: 10 }],
    ['interlaced, top field first', { fieldOrder: 'tt' }],
    ['cover art larger than the picture', { codec: 'h264', width: 128 }],
    ['two pictures, the second larger, and two sounds', { index: 1, width: 128 }],
    ['a last frame that stays', { end: 25_600 }],
    ['fragments in place of an index', { frames: undefined, end: undefined }],
  ] as const)('is told where it is odd: %s', async (what, video) => {
    await using folder = await scratch();
    expect((await look(await usable[what](folder.path))).video).toMatchObject(video);
  });
});

describe('behind an address', () => {
  let server: Server;
  let address: string;
  const answers = new Map<string, Buffer>();

  beforeAll(async () => {
    server = createServer((request, response) => {
      const body = answers.get(request.url ?? '');
      if (request.url === '/silence') return; // Never answers.
      if (body) response.writeHead(200, { 'content-length': body.length }).end(body);
      else response.writeHead(404).end('no');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const at = server.address();
    if (at === null || typeof at === 'string') throw new Error('no port');
    address = `127.0.0.1:${at.port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('a file is read as well', async () => {
    await using folder = await scratch();
    answers.set('/clip.mp4', await readFile(await usable.plain(folder.path)));
    expect((await look(`http://${address}/clip.mp4`)).video).toMatchObject({ width: 128, height: 96 });
  });

  it('nothing is told as not found', async () => {
    expect(await failure(`http://${address}/nothing.mp4`)).toMatchObject({ code: 'INPUT_NOT_FOUND' });
  });

  it('a page in place of a file is no video', async () => {
    answers.set('/page.mp4', Buffer.from('<!DOCTYPE html><title>Sign in</title>'));
    expect(await failure(`http://${address}/page.mp4`)).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('nobody is told as unreachable, and never the password', async () => {
    const error = await failure('rtsp://anna:hunter2@127.0.0.1:9/camera');
    expect(error).toMatchObject({
      code: 'INPUT_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:9'),
    });
    expect(String(error)).not.toContain('hunter2');
    expect(String(error instanceof SidestreamError ? error.cause : '')).not.toContain('hunter2');
  });

  it('silence ends when it is aborted', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 200);
    const begin = performance.now();
    await expect(look(`http://${address}/silence`, abort.signal)).rejects.toBe(reason);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});

describe('what is no file', () => {
  it.each([
    ['/nowhere/at/all.mp4', 'INPUT_NOT_FOUND'],
    ['/dev/null/file.mp4', 'INPUT_NOT_FOUND'],
    ['/tmp', 'INPUT_INVALID'],
    ['', 'INPUT_NOT_FOUND'],
  ])('%s is %s', async (path, code) => {
    const error = await failure(path);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('\n');
  });

  it('nor read by an ffprobe that is not there', async () => {
    await using folder = await scratch();
    const path = await usable.plain(folder.path);
    const error = probe(path, { ffmpeg: 'ffmpeg', ffprobe: folder.file('none') }, never);
    await expect(error).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
  });
});
