import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchPack, type Network } from '../../../src/rsan/packs/fetch.ts';
import { loadPack, type Pack } from '../../../src/rsan/packs/pack.ts';
import { golden } from '../../fixtures/golden.ts';

/** Downloads from a real server on this machine, of a real checkpoint. */

const CHECKPOINT = readFileSync(golden('tiny.pth'));
const SHA256 = createHash('sha256').update(CHECKPOINT).digest('hex');
const NETWORK: Network = { retries: 2, timeout_ms: 1500 };

let folder: string;
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-fetch-'));
});
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
  await rm(folder, { recursive: true });
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(
  handler: Handler,
): Promise<{ url: string; server: Server; ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    handler(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/san.pth`, server, ranges };
}

/** Serves the checkpoint, ranges too. */
const serve =
  (etag = '"one"', content: Buffer = CHECKPOINT): Handler =>
  (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const from = range && request.headers['if-range'] === etag ? Number(range[1]) : 0;
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'content-length': content.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    response.end(content.subarray(from));
  };

/** An entry whose weights are at `url`. */
async function entry(url: string, sha256: string | null = null): Promise<Pack> {
  const street = new URL('../../../models/street-tiny/', import.meta.url).pathname;
  const { manifest } = await loadPack(street);
  const architecture = JSON.parse(readFileSync(golden('tiny.architecture.json'), 'utf8'));
  const directory = join(folder, 'entry');
  spawnSync('mkdir', ['-p', directory]);
  // The tiny model takes 16 tokens.
  const tokenizer = JSON.parse(readFileSync(join(street, 'tokenizer.json'), 'utf8'));
  tokenizer.truncation.max_length = 16;
  writeFileSync(join(directory, 'tokenizer.json'), JSON.stringify(tokenizer));
  return {
    directory,
    installed: false,
    manifest: {
      ...manifest,
      name: 'tiny',
      architecture,
      files: [],
      source: { page: 'a test', url, sha256, bytes: null },
    },
  };
}

async function fetchInto(
  pack: Pack,
  network: Network = NETWORK,
  destination = join(folder, 'packs'),
  signal?: AbortSignal,
) {
  const seen: number[] = [];
  const options = {
    destination,
    network,
    progress: ({ received }: { received: number }) => seen.push(received),
  };
  return { fetched: await fetchPack(pack, options, signal ?? new AbortController().signal), seen };
}

const left = () => readdirSync(join(folder, 'packs')).sort();

describe('fetchPack', () => {
  it('downloads, converts, and records the sum that it found', async () => {
    const { url } = await listen(serve());
    const { fetched, seen } = await fetchInto(await entry(url));
    expect(fetched.installed).toBe(true);
    expect(fetched.manifest.source).toMatchObject({ sha256: SHA256, bytes: CHECKPOINT.length });
    expect(seen.at(-1)).toBe(CHECKPOINT.length);
    expect(left()).toEqual(['tiny']);
  });

  it('goes on where a connection broke, with the rest alone', async () => {
    let cuts = 0;
    const whole = serve();
    const { url, ranges } = await listen((request, response) => {
      if (cuts++ > 0) return whole(request, response);
      response.writeHead(200, { etag: '"one"', 'content-length': CHECKPOINT.length });
      response.write(CHECKPOINT.subarray(0, 500_000), () => setTimeout(() => response.destroy(), 50));
    });
    const { fetched } = await fetchInto(await entry(url, SHA256));
    expect(fetched.manifest.source.sha256).toBe(SHA256);
    expect(ranges).toEqual([undefined, 'bytes=500000-']);
  });

  it('begins anew when the file there has changed', async () => {
    let first = true;
    const changed = serve('"two"');
    const { url } = await listen((request, response) => {
      if (!first) return changed(request, response);
      first = false;
      response.writeHead(200, { etag: '"one"', 'content-length': CHECKPOINT.length });
      response.write(Buffer.alloc(300_000, 7), () => setTimeout(() => response.destroy(), 50));
    });
    const { fetched } = await fetchInto(await entry(url, SHA256));
    expect(fetched.manifest.source.sha256).toBe(SHA256);
  });

  it('begins anew where ranges are not served', async () => {
    let asked = 0;
    const { url, ranges } = await listen((_, response) => {
      response.writeHead(200, { etag: '"one"', 'content-length': CHECKPOINT.length });
      if (asked++ > 0) response.end(CHECKPOINT);
      else response.write(CHECKPOINT.subarray(0, 300_000), () => setTimeout(() => response.destroy(), 50));
    });
    const { fetched } = await fetchInto(await entry(url, SHA256));
    expect(ranges).toEqual([undefined, 'bytes=300000-']);
    expect(fetched.manifest.source.bytes).toBe(CHECKPOINT.length);
  });

  it('begins anew where another range is served than was asked for', async () => {
    let asked = 0;
    const { url, ranges } = await listen((_, response) => {
      const length = { etag: '"one"', 'content-length': CHECKPOINT.length };
      asked++;
      if (asked === 1) {
        response.writeHead(200, length);
        response.write(CHECKPOINT.subarray(0, 300_000), () => setTimeout(() => response.destroy(), 50));
      } else if (asked === 2) {
        response.writeHead(206, { ...length, 'content-range': `bytes 0-${CHECKPOINT.length - 1}/*` });
        response.end(CHECKPOINT);
      } else response.writeHead(200, length).end(CHECKPOINT);
    });
    // Without a known sum: nothing but the range tells that the bytes are the wrong ones.
    const { fetched } = await fetchInto(await entry(url));
    expect(ranges).toEqual([undefined, 'bytes=300000-', undefined]);
    expect(fetched.manifest.source.sha256).toBe(SHA256);
  });

  it('goes on where a connection fell silent, by date where there is no strong tag', async () => {
    const date = 'Mon, 02 Nov 2026 10:00:00 GMT';
    let asked = 0;
    const { url, ranges } = await listen((request, response) => {
      const from = request.headers['if-range'] === date ? 300_000 : 0;
      response.writeHead(from ? 206 : 200, {
        etag: 'W/"weak"',
        'last-modified': date,
        'content-length': CHECKPOINT.length - from,
        ...(from ? { 'content-range': `bytes ${from}-${CHECKPOINT.length - 1}/${CHECKPOINT.length}` } : {}),
      });
      if (asked++ === 0) response.write(CHECKPOINT.subarray(0, 300_000));
      else response.end(CHECKPOINT.subarray(from));
    });
    await fetchInto(await entry(url, SHA256), { ...NETWORK, timeout_ms: 500 });
    expect(ranges).toEqual([undefined, 'bytes=300000-']);
  });

  it('does not download again what came whole when what follows failed', async () => {
    let sent = 0;
    const { url } = await listen((request, response) => {
      if (request.headers.range === `bytes=${CHECKPOINT.length}-`) {
        response.writeHead(416, { 'content-range': `bytes */${CHECKPOINT.length}` }).end();
        return;
      }
      sent++;
      serve()(request, response);
    });
    const pack = await entry(url, SHA256);
    const tokenizer = join(pack.directory, 'tokenizer.json');
    const good = readFileSync(tokenizer);
    writeFileSync(tokenizer, '{}');
    await expect(fetchInto(pack)).rejects.toMatchObject({ code: 'TOKENIZER_INVALID' });
    expect(left()).toEqual(['.tiny.partial', '.tiny.partial.etag']);
    writeFileSync(tokenizer, good);
    const { fetched } = await fetchInto(pack);
    expect(fetched.manifest.source).toMatchObject({ sha256: SHA256, bytes: CHECKPOINT.length });
    expect(sent).toBe(1);
    expect(left()).toEqual(['tiny']);
  });

  it('keeps nothing of what is no checkpoint', async () => {
    const { url } = await listen((_, response) => response.end('<html>Please sign in</html>'));
    await expect(fetchInto(await entry(url))).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect(left()).toEqual([]);
  });

  it('stops at once while it waits to try again', async () => {
    const abort = new AbortController();
    const { url } = await listen((_, response) => {
      response.writeHead(503).end();
      setTimeout(() => abort.abort(new Error('stop')), 50);
    });
    const begun = performance.now();
    const fetching = fetchInto(await entry(url), { ...NETWORK, retries: 9 }, undefined, abort.signal);
    await expect(fetching).rejects.toThrow('stop');
    expect(performance.now() - begun).toBeLessThan(1500);
  });

  it('says why a server cannot be reached, without the password of its address', async () => {
    const { url, server } = await listen(serve());
    const { port } = new URL(url);
    await new Promise((resolve) => server.close(resolve));
    const pack = await entry(`http://me:secret@localhost:${port}/san.pth`);
    const error = await fetchInto(pack, { ...NETWORK, retries: 0 }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(error.message).toMatch(/localhost.*: .*ECONNREFUSED.*: run the same command again/);
    expect(error.message).not.toContain('secret');
  });

  it.each([
    ['beyond the web', 'ftp://example.invalid/san.pth', /only http and https/],
    ['to what is no address', 'http://[', /only http and https/],
    ['in a circle', '/san.pth', /more than 8 redirects/],
  ])('follows no redirect %s', async (_, location, message) => {
    const { url } = await listen((_, response) => response.writeHead(302, { location }).end());
    const fetching = fetchInto(await entry(url), { ...NETWORK, retries: 0 });
    await expect(fetching).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(message),
    });
  });

  it('has nothing to do for a pack without an address', async () => {
    const pack = await entry('http://127.0.0.1/san.pth');
    const { url: _, ...source } = pack.manifest.source;
    await expect(fetchInto({ ...pack, manifest: { ...pack.manifest, source } })).rejects.toThrow(
      /tiny has no address to download from: see a test/,
    );
  });

  it('tries again when the server fails or falls silent, and says so when it goes on failing', async () => {
    let asked = 0;
    const whole = serve();
    const { url } = await listen((request, response) => {
      asked++;
      if (asked === 1) return response.writeHead(503).end();
      if (asked === 2) return response.writeHead(200, { 'content-length': 100 }).flushHeaders();
      return whole(request, response);
    });
    await fetchInto(await entry(url));
    expect(asked).toBe(3);

    const broken = await listen((_, response) => response.writeHead(500).end());
    await expect(fetchInto(await entry(broken.url), { ...NETWORK, retries: 1 })).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(/500 after 2 tries: run the same command again/),
    });
  });

  it.each([403, 404, 410])('does not try again what will not pass: %i', async (status) => {
    const { url, ranges } = await listen((_, response) => response.writeHead(status).end('no'));
    await expect(fetchInto(await entry(url))).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringContaining(`${url}: the server answers ${status}`),
    });
    expect(ranges).toHaveLength(1);
  });

  it('refuses a wrong checksum and keeps nothing of it', async () => {
    const { url } = await listen(serve());
    await expect(fetchInto(await entry(url, 'a'.repeat(64)))).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
    });
    expect(left()).toEqual([]);
  });

  it('follows redirects, and takes a mirror', async () => {
    const target = await listen(serve());
    const { url } = await listen((_, response) => response.writeHead(302, { location: target.url }).end());
    await fetchInto(await entry(url));
    expect(target.ranges).toHaveLength(1);
    await fetchInto(await entry('https://example.invalid/san.pth'), {
      ...NETWORK,
      mirror: new URL(target.url).origin,
    });
    expect(target.ranges).toHaveLength(2);
  });

  it('goes through a proxy, but not for hosts that are excepted', async () => {
    const target = await listen(serve());
    let through = 0;
    const proxy = await listen((asked, response) => {
      through++;
      const onward = request(asked.url!, { headers: asked.headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      onward.end();
    });
    proxy.server.on('connect', (asked, socket) => {
      through++;
      const [host, port] = asked.url!.split(':');
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    const address = new URL(proxy.url).origin;
    await fetchInto(await entry(target.url), { ...NETWORK, proxy: address });
    expect(through).toBeGreaterThan(0);
    const before = through;
    await fetchInto(await entry(target.url), { ...NETWORK, proxy: address, noProxy: '127.0.0.1' });
    expect(through).toBe(before);
  });

  it('keeps what came when it is interrupted, and goes on with it later', async () => {
    const abort = new AbortController();
    const { url, ranges, server } = await listen((_, response) => {
      response.writeHead(200, { etag: '"one"', 'content-length': CHECKPOINT.length });
      response.write(CHECKPOINT.subarray(0, 400_000), () =>
        setTimeout(() => abort.abort(new Error('stop')), 100),
      );
    });
    const pack = await entry(url);
    await expect(fetchInto(pack, NETWORK, undefined, abort.signal)).rejects.toThrow('stop');
    expect(left()).toEqual(['.tiny.partial', '.tiny.partial.etag']);
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      ranges.push(request.headers.range);
      serve()(request, response);
    });
    await fetchInto(pack);
    expect(ranges.at(-1)).toBe('bytes=400000-');
    expect(left()).toEqual(['tiny']);
  });

  const root = process.getuid?.() === 0 && process.platform === 'linux';
  it.skipIf(!root)('says so when the disk is full (mounting needs root)', async () => {
    const small = join(folder, 'packs');
    spawnSync('mkdir', ['-p', small]);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]).status !== 0)
      throw new Error('mount failed');
    try {
      const { url } = await listen(serve());
      await expect(fetchInto(await entry(url))).rejects.toMatchObject({ code: 'DISK_FULL' });
      // What came is kept for when there is space.
      expect(left()).toEqual(['.tiny.partial', '.tiny.partial.etag']);
    } finally {
      spawnSync('umount', [small]);
    }
  });
});
