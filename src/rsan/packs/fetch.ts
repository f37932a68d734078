import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { backoff } from '../../core/backoff.ts';
import { isErrno, SidestreamError } from '../../core/errors.ts';
import { redact } from '../../core/redact.ts';
import { parseArchitectureFile } from '../architecture.ts';
import { convert } from './convert.ts';
import { MANIFEST, type Pack } from './pack.ts';

export interface Network {
  readonly proxy?: string;
  readonly noProxy?: string;
  /** Replaces scheme and host of the address. */
  readonly mirror?: string;
  /** Further tries after a failed one. */
  readonly retries: number;
  /** Milliseconds without a byte after which a try is given up. */
  readonly timeout_ms: number;
}

export interface FetchOptions {
  /** Folder of packs that the new one goes into. */
  readonly destination: string;
  readonly network: Network;
  readonly progress: (progress: { received: number; total: number | undefined }) => void;
}

/**
 * Downloads the checkpoint of an entry and makes a pack of it. A download that stopped goes on where it was, if the
 * file is still the same one there. Throws DOWNLOAD_FAILED, CHECKSUM_MISMATCH, DISK_FULL, or what convert throws.
 */
export async function fetchPack(entry: Pack, options: FetchOptions, signal: AbortSignal): Promise<Pack> {
  const { manifest, directory } = entry;
  const { url, sha256, page } = manifest.source;
  if (url === undefined) {
    throw new SidestreamError(
      'DOWNLOAD_FAILED',
      `${manifest.name} has no address to download from: see ${page}`,
    );
  }
  const partial = join(options.destination, `.${manifest.name}.partial`);
  try {
    await mkdir(options.destination, { recursive: true });
    const found = await download(mirrored(url, options.network.mirror), partial, options, signal);
    if (sha256 !== null && found.sha256 !== sha256) {
      await forget(partial);
      const what = `${redact(url)} has the sha256 ${found.sha256} in place of ${sha256}`;
      throw new SidestreamError('CHECKSUM_MISMATCH', `${what}: try again, or another mirror`);
    }
    const { architecture, tokenizer, files, ...rest } = manifest;
    const pack = await convert(partial, {
      tokenizer: join(directory, tokenizer),
      architecture: parseArchitectureFile(JSON.stringify(architecture), join(directory, MANIFEST)),
      out: join(options.destination, manifest.name),
      force: true,
      manifest: { ...rest, source: { ...manifest.source, ...found } },
    });
    await forget(partial);
    return pack;
  } catch (error) {
    // Bytes that make no model are of no use to the next try.
    if (error instanceof SidestreamError && /^(CHECKPOINT|MODEL)_/.test(error.code)) await forget(partial);
    if (isErrno(error, 'ENOSPC')) {
      const message = `no space is left in ${options.destination}: free some and run the same command again`;
      throw new SidestreamError('DISK_FULL', message, { cause: error });
    }
    throw error;
  }
}

function mirrored(url: string, mirror: string | undefined): string {
  if (mirror === undefined) return url;
  const { pathname, search } = new URL(url);
  return mirror.replace(/\/$/, '') + pathname + search;
}

/** Beside a partial download: what it is a part of. */
const tagOf = (partial: string): string => `${partial}.etag`;

async function forget(partial: string): Promise<void> {
  await rm(partial, { force: true });
  await rm(tagOf(partial), { force: true });
}

/** A failure that another try may not have. */
class Passing extends Error {}

async function download(
  url: string,
  partial: string,
  { network, progress }: FetchOptions,
  signal: AbortSignal,
): Promise<{ sha256: string; bytes: number }> {
  const dispatcher = dispatcherFor(network);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        return await tryOnce(url, partial, dispatcher, progress, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Passing)) throw error;
        if (attempt >= network.retries) {
          const tries = attempt === 0 ? '' : ` after ${attempt + 1} tries`;
          const message = `${redact(url)}: ${error.message}${tries}: run the same command again to go on`;
          throw new SidestreamError('DOWNLOAD_FAILED', message, { cause: error });
        }
        await sleep(backoff(attempt + 1), undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  } finally {
    await dispatcher.destroy();
  }
}

function dispatcherFor({ proxy, noProxy, timeout_ms: timeout }: Network): Dispatcher {
  const patience = { headersTimeout: timeout, bodyTimeout: timeout, connect: { timeout } };
  if (proxy === undefined) return new Agent(patience);
  return new EnvHttpProxyAgent({ ...patience, httpProxy: proxy, httpsProxy: proxy, noProxy: noProxy ?? '' });
}

/** One request, with redirects followed, from where the partial file ends. */
async function tryOnce(
  url: string,
  partial: string,
  dispatcher: Dispatcher,
  progress: FetchOptions['progress'],
  signal: AbortSignal,
): Promise<{ sha256: string; bytes: number }> {
  const tag = await readFile(tagOf(partial), 'utf8').catch(() => undefined); // None yet: from the start.
  const have = tag === undefined ? 0 : ((await stat(partial).catch(() => undefined))?.size ?? 0);
  const headers: Record<string, string> =
    have > 0 && tag !== undefined ? { range: `bytes=${have}-`, 'if-range': tag } : {};
  const response = await follow(url, headers, dispatcher, signal);
  const { statusCode: status } = response;
  if (status === 416) {
    await response.body.dump();
    // Nothing is left to send: all of it came, and what followed did not work out (a full disk, an interruption).
    if (response.headers['content-range'] === `bytes */${have}`) {
      const hash = createHash('sha256');
      await hashFile(partial, hash, signal);
      return { sha256: hash.digest('hex'), bytes: have };
    }
    await forget(partial);
    throw new Passing('the file has changed');
  }
  if (status >= 500 || status === 429 || status === 408) {
    await response.body.dump();
    throw new Passing(`the server answers ${status}`);
  }
  if (status !== 200 && status !== 206) {
    await response.body.dump();
    throw new SidestreamError(
      'DOWNLOAD_FAILED',
      `${redact(url)}: the server answers ${status}: check the address`,
    );
  }
  const resumed = status === 206;
  const range = String(response.headers['content-range']);
  if (resumed && !range.startsWith(`bytes ${have}-`)) {
    await response.body.dump();
    await forget(partial);
    throw new Passing(`the server sends ${range} in place of all from byte ${have}`);
  }
  const hash = createHash('sha256');
  if (resumed) await hashFile(partial, hash, signal);
  const begun = resumed ? have : 0;
  const length = Number(response.headers['content-length']);
  const total = Number.isFinite(length) ? begun + length : undefined;
  const file = await open(partial, resumed ? 'a' : 'w');
  let received = begun;
  try {
    // Behind the opening, which empties the file: else a new tag could stand beside old bytes.
    if (!resumed) await describePartial(partial, response.headers);
    for await (const chunk of response.body) {
      await file.writeFile(chunk);
      hash.update(chunk);
      received += chunk.length;
      progress({ received, total });
    }
    await file.sync();
  } catch (error) {
    signal.throwIfAborted();
    if (isErrno(error, 'ENOSPC')) throw error;
    throw new Passing(sayNetworkError(error));
  } finally {
    await file.close();
  }
  if (total !== undefined && received !== total) throw new Passing(`${received} of ${total} bytes came`);
  return { sha256: hash.digest('hex'), bytes: received };
}

/** Writes down which file the partial one is a part of, where the server says so in a way that can be relied on. */
async function describePartial(
  partial: string,
  { etag, 'last-modified': modified }: Dispatcher.ResponseData['headers'],
): Promise<void> {
  const strong = typeof etag === 'string' && !etag.startsWith('W/') ? etag : modified;
  if (typeof strong === 'string') await writeFile(tagOf(partial), strong);
  else await rm(tagOf(partial), { force: true });
}

const MOST_REDIRECTS = 8;

async function follow(
  url: string,
  headers: Record<string, string>,
  dispatcher: Dispatcher,
  signal: AbortSignal,
) {
  let address = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    if (!URL.canParse(address) || !/^https?:/i.test(address)) {
      throw new SidestreamError('DOWNLOAD_FAILED', `${redact(address)}: only http and https are followed`);
    }
    let response: Dispatcher.ResponseData;
    try {
      response = await request(address, { headers, dispatcher, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw new Passing(sayNetworkError(error));
    }
    const { location } = response.headers;
    if (response.statusCode < 300 || response.statusCode >= 400 || typeof location !== 'string')
      return response;
    await response.body.dump();
    // What is no address is refused by the next turn of the loop.
    address = URL.canParse(location, address) ? new URL(location, address).href : location;
  }
  throw new SidestreamError('DOWNLOAD_FAILED', `${redact(url)}: more than ${MOST_REDIRECTS} redirects`);
}

/** Where a name has several addresses, Node reports all of their failures under an empty message. */
function sayNetworkError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return sayNetworkError(error.errors[0]);
  return redact(error instanceof Error ? error.message : String(error));
}

async function hashFile(path: string, hash: Hash, signal: AbortSignal): Promise<void> {
  for await (const chunk of createReadStream(path)) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
}
