import { type IncomingHttpHeaders, type IncomingMessage, request as sendHttp } from 'node:http';
import { request as sendHttps } from 'node:https';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { type Guard, nameAddress } from './address-guard.ts';

export interface Ask {
  /** `GET` where absent. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds for connecting and the head of an answer, of each redirect anew; then between bytes of the body. */
  readonly timeoutMs: number;
  /** Milliseconds for all of it. No limit where absent. */
  readonly totalMs?: number;
  /** 5 where absent. With 0, and for methods other than GET and HEAD, a redirect is an answer like any other. */
  readonly maxRedirects?: number;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case; a header that came several times is joined with commas. */
  readonly headers: ReadonlyMap<string, string>;
  /** Where it came from, after redirects, without user and password. */
  readonly url: string;
  /** As sent: nothing is decompressed. Throws Unanswered. To be read once, and not after `use` has returned. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A failure of network or server that may pass: callers try again, or say it with a code of theirs. */
export class Unanswered extends Error {
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** All that is said to an origin other than the one that the caller meant; tokens have headers of any name. */
const FOR_STRANGERS = ['accept', 'accept-encoding', 'accept-language', 'if-range', 'range', 'user-agent'];

const ignore = () => {};

/**
 * Asks an address that a stranger gave, and hands the answer to `use`; the connection ends with it, read or not.
 * Redirects are judged like the address itself. User and password of the address go to its own origin alone. Throws
 * ADDRESS_REFUSED, Unanswered, the signal's reason, and what `use` throws.
 */
export async function exchange<T>(
  url: string | URL,
  ask: Ask,
  guard: Guard,
  signal: AbortSignal,
  use: (answer: Answer) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  // AbortSignal.any would hold on to a signal that lives for long.
  const stop = new AbortController();
  const forward = () => stop.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const whole = ask.totalMs === undefined ? undefined : giveUpAfter(ask.totalMs, stop);
  let response: IncomingMessage | undefined;
  try {
    const followed = await follow(url, ask, guard, stop);
    response = followed.response;
    return await use({
      status: statusOf(response),
      headers: joined(response.headers),
      url: followed.from.href,
      body: pieces(response, ask.timeoutMs, stop),
    });
  } finally {
    clearTimeout(whole);
    signal.removeEventListener('abort', forward);
    response?.destroy();
  }
}

/**
 * Asks and takes the whole answer, whatever its status. `timeoutMs` is for all of it. Throws as `exchange` does, but
 * INPUT_UNREACHABLE in place of Unanswered, and INPUT_TOO_LARGE beyond `maxBytes`.
 */
export async function request(
  url: string | URL,
  ask: Ask & { readonly maxBytes: number },
  guard: Guard,
  signal: AbortSignal,
): Promise<Omit<Answer, 'body'> & { readonly body: Buffer }> {
  try {
    return await exchange(url, { totalMs: ask.timeoutMs, ...ask }, guard, signal, async (answer) => {
      const body: Uint8Array[] = [];
      for await (const piece of atMost(ask.maxBytes, answer, nameAddress(url))) body.push(piece);
      return { ...answer, body: Buffer.concat(body) };
    });
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    const message = `${nameAddress(url)}: ${error.message}: check the address or try later`;
    throw new SidestreamError('INPUT_UNREACHABLE', message, { cause: error });
  }
}

/**
 * The body of an answer, of which `begun` bytes came before. Throws INPUT_TOO_LARGE where the server says, or it turns
 * out, that all together is more than `limit` bytes.
 */
export async function* atMost(
  limit: number,
  { headers, body }: Answer,
  name: string,
  begun = 0,
): AsyncGenerator<Uint8Array> {
  const declared = Number(headers.get('content-length') ?? 0);
  let bytes = begun;
  if (bytes + declared > limit) throw tooLarge(name, limit);
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > limit) throw tooLarge(name, limit);
    yield piece;
  }
}

function tooLarge(name: string, limit: number): SidestreamError {
  const message = `${name} is larger than ${limit} bytes: give a smaller one, or have the limit raised`;
  return new SidestreamError('INPUT_TOO_LARGE', message);
}

async function follow(
  url: string | URL,
  ask: Ask,
  guard: Guard,
  stop: AbortController,
): Promise<{ response: IncomingMessage; from: URL }> {
  const { method = 'GET', maxRedirects = MOST_REDIRECTS } = ask;
  // What was meant for one server, a body, is never sent on to another.
  const follows = maxRedirects > 0 && (method === 'GET' || method === 'HEAD');
  let from = guard.judgeUrl(url);
  let headers: Record<string, string> = {
    'user-agent': 'sidestream',
    'accept-encoding': 'identity',
    ...basicAuthorization(from),
    ...Object.fromEntries(
      Object.entries(ask.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
    ),
  };
  from = withoutUser(from);
  for (let hops = 0; ; hops++) {
    const response = await send(from, { ...ask, method, headers }, guard, stop);
    const { location } = response.headers;
    if (!follows || location === undefined || !REDIRECTS.includes(statusOf(response)))
      return { response, from };
    response.destroy(); // Not read on: what is left may be endless.
    if (hops >= maxRedirects) {
      const what = `${nameAddress(url)} redirects more than ${maxRedirects} times`;
      throw new SidestreamError('ADDRESS_REFUSED', `${what}: give the address that it leads to`);
    }
    if (!URL.canParse(location, from.href)) {
      const what = `${nameAddress(url)} redirects to what is no address`;
      throw new SidestreamError('ADDRESS_REFUSED', `${what}: give the address that it should lead to`);
    }
    const next = withoutUser(guard.judgeUrl(new URL(location, from)));
    if (next.origin !== from.origin) {
      headers = Object.fromEntries(Object.entries(headers).filter(([key]) => FOR_STRANGERS.includes(key)));
    }
    from = next;
  }
}

/**
 * One request, up to the head of its answer, over a connection of its own: what was judged is where a name leads now.
 * Node's own client, as undici 7 ends the process when a server closes a connection while its answer waits to be read
 * (nodejs/undici#5360).
 */
async function send(url: URL, ask: Ask, guard: Guard, stop: AbortController): Promise<IncomingMessage> {
  stop.signal.throwIfAborted();
  const { method, headers, body, timeoutMs } = ask;
  const start = url.protocol === 'https:' ? sendHttps : sendHttp;
  const request = start(url, { method, headers, agent: false, lookup: guard.lookup });
  const timer = giveUpAfter(timeoutMs, stop);
  const end = () => request.destroy(new Error('stopped'));
  stop.signal.addEventListener('abort', end, { once: true });
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      // Stays for as long as the connection: after the head, errors are those of the answer.
      request.on('error', reject);
      request.on('response', (response) => resolve(response.on('error', ignore)));
      request.end(body);
    });
  } catch (error) {
    throw failure(error, stop.signal);
  } finally {
    clearTimeout(timer);
    stop.signal.removeEventListener('abort', end);
  }
}

function giveUpAfter(milliseconds: number, stop: AbortController): NodeJS.Timeout {
  const message = `no answer within ${milliseconds} ms`;
  return setTimeout(() => stop.abort(new Unanswered(message)), milliseconds);
}

/** The time that the reader takes between pieces is not the server's. */
async function* pieces(
  response: IncomingMessage,
  timeoutMs: number,
  stop: AbortController,
): AsyncGenerator<Uint8Array> {
  const end = () => response.destroy(new Error('stopped'));
  stop.signal.addEventListener('abort', end, { once: true });
  const iterator: AsyncIterator<Uint8Array, undefined> = response[Symbol.asyncIterator]();
  try {
    stop.signal.throwIfAborted(); // It may have come before anybody listened here.
    for (;;) {
      const timer = giveUpAfter(timeoutMs, stop);
      const { done, value } = await iterator.next().finally(() => clearTimeout(timer));
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    throw failure(error, stop.signal);
  } finally {
    stop.signal.removeEventListener('abort', end);
  }
}

/** What to throw for what a connection failed with. */
function failure(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof SidestreamError) return error; // The guard's, from within the connection.
  return new Unanswered(sayNetworkError(error), { cause: error });
}

/** Where a name has several addresses, Node reports all of their failures under an empty message. */
function sayNetworkError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return sayNetworkError(error.errors[0]);
  return redact(error instanceof Error ? error.message : String(error));
}

/** Node says undefined for the requests that servers get, which have no status. */
const statusOf = ({ statusCode = 0 }: IncomingMessage): number => statusCode;

function joined(headers: IncomingHttpHeaders): ReadonlyMap<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return new Map(
    entries.map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}

function basicAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = [username, password].map(decoded).join(':');
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A lone `%` is a character like any other to those who choose passwords. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutUser(url: URL): URL {
  const clean = new URL(url);
  clean.username = '';
  clean.password = '';
  return clean;
}
