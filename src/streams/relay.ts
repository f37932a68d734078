import { type IncomingMessage, request } from 'node:http';
import { SidestreamError } from '../core/errors.ts';
import type { StreamReport } from '../queue/stream-board.ts';
import type { Relayed } from './streams.ts';

/** Milliseconds to connect to a worker, and for the beginning of its answer. */
const [CONNECT, ANSWER] = [3000, 10_000];
/** Headers of the worker's answer that are handed on. */
const PASSED = ['content-type', 'content-length', 'cache-control', 'etag', 'last-modified', 'retry-after'];

/** Asks the worker that holds a stream. The answer ends with `signal`. Throws STREAM_NOT_LIVE. */
export async function askGate(
  { url, word }: StreamReport['gate'],
  path: string,
  signal: AbortSignal,
): Promise<Relayed> {
  signal.throwIfAborted();
  const answer = await begin(`${url.replace(/\/+$/, '')}/${path}`, word, signal);
  const { statusCode: status = 502, headers } = answer;
  // Who listens there is another one by now, or has nothing to show.
  if (status === 401 || status === 403 || status >= 500) {
    answer.destroy();
    throw notLive('its worker has nothing to show at present');
  }
  return {
    status,
    headers: Object.fromEntries(
      PASSED.flatMap((name) => {
        const value = headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    ),
    body: answer,
  };
}

function begin(url: string, word: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // No connection is kept: an answer may go on for days, and the worker be another one at the next.
    const asking = request(url, { agent: false, signal, headers: { authorization: `Bearer ${word}` } });
    const late = () => asking.destroy(new Error('it took too long'));
    let timer = setTimeout(late, CONNECT);
    asking.once('socket', (socket) =>
      socket.once('connect', () => {
        clearTimeout(timer);
        timer = setTimeout(late, ANSWER);
      }),
    );
    asking.once('close', () => clearTimeout(timer));
    asking.on('error', (error) => {
      clearTimeout(timer);
      reject(signal.aborted ? signal.reason : notLive('its worker does not answer', error));
    });
    asking.once('response', (answer) => {
      clearTimeout(timer);
      answer.on('error', () => {}); // Whoever reads it hears of it; nobody may be reading any more.
      resolve(answer);
    });
    asking.end();
  });
}

const notLive = (why: string, cause?: unknown): SidestreamError =>
  new SidestreamError('STREAM_NOT_LIVE', `the stream is not shown: ${why}: try again in a moment`, { cause });
