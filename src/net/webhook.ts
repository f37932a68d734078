import { createHmac, timingSafeEqual } from 'node:crypto';
import { SidestreamError } from '../core/errors.ts';
import type { Guard } from './address-guard.ts';
import { type Answer, exchange, Unanswered } from './fetch-guarded.ts';

/** Signed messages by the Standard Webhooks scheme (standardwebhooks.com), which receivers have libraries for. */

const PREFIX = 'whsec_';
const SCHEME = 'v1,';
/** Seconds that a message may be old, or ahead of the receiver's clock. */
const TOLERANCE = 300;
/** Bytes of an answer that are read, so that the receiver can end in order; nobody looks at them. */
const MOST_OF_AN_ANSWER = 4096;

/**
 * The value of `webhook-signature`: HMAC-SHA256 over `id.timestamp.body`. `secret` is base64 of at least 24 bytes, with
 * or without `whsec_`; `timestamp` in whole seconds since 1970. Throws USAGE for another secret.
 */
export function sign(secret: string, id: string, timestamp: number, body: string | Uint8Array): string {
  return signatureOf(secret, id, String(timestamp), body);
}

function signatureOf(secret: string, id: string, timestamp: string, body: string | Uint8Array): string {
  const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
  return SCHEME + hmac.digest('base64');
}

export interface SignedMessage {
  /** `webhook-id` */
  readonly id: string;
  /** `webhook-timestamp` */
  readonly timestamp: string;
  /** `webhook-signature`; several are separated by spaces, while secrets change. */
  readonly signature: string;
  /** As it came, byte for byte. */
  readonly body: string | Uint8Array;
}

/**
 * True for a message that the owner of the secret signed less than `toleranceSeconds` from `now` (seconds since 1970).
 * Takes the same time wherever signatures differ. Throws USAGE as `sign` does.
 */
export function verify(
  secret: string,
  { id, timestamp, signature, body }: SignedMessage,
  { toleranceSeconds = TOLERANCE, now = Date.now() / 1000 } = {},
): boolean {
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > toleranceSeconds) return false;
  const expected = Buffer.from(signatureOf(secret, id, timestamp, body));
  return signature.split(' ').some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

export interface Message {
  readonly url: string;
  /** The same for each try, so that a receiver can tell what it has seen. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
  readonly secret: string;
  /** Milliseconds for all of a try. */
  readonly timeoutMs: number;
}

/**
 * `gone`: the receiver answers 410 and wants no more of these, so that another try is of no use and the subscription
 * should end.
 */
export interface Delivery {
  readonly outcome: 'delivered' | 'gone';
  readonly status: number;
}

/**
 * Posts a message, once; whoever calls tries again after WEBHOOK_FAILED, which says the origin alone, as paths of
 * webhooks are often secret. Redirects are not followed. Throws WEBHOOK_FAILED, ADDRESS_REFUSED, USAGE for the secret,
 * and the signal's reason.
 */
export async function deliver(message: Message, guard: Guard, signal: AbortSignal): Promise<Delivery> {
  const { url, id, body, secret, timeoutMs } = message;
  const { origin } = guard.judgeUrl(url);
  // A try has its own time: a receiver refuses what was signed long ago.
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign(secret, id, timestamp, body),
  };
  const ask = { method: 'POST', headers, body, timeoutMs, totalMs: timeoutMs, maxRedirects: 0 } as const;
  let status: number;
  try {
    status = await exchange(url, ask, guard, signal, async (answer) => {
      await skim(answer);
      return answer.status;
    });
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    const failed = `the webhook at ${origin} failed, ${error.message}: check that it answers`;
    throw new SidestreamError('WEBHOOK_FAILED', failed, { cause: error });
  }
  if (status >= 200 && status < 300) return { outcome: 'delivered', status };
  if (status === 410) return { outcome: 'gone', status };
  const todo =
    status < 400 ? 'redirects are not followed, give the address that it leads to' : 'see its own record';
  throw new SidestreamError('WEBHOOK_FAILED', `the webhook at ${origin} answers ${status}: ${todo}`);
}

/** The status is the answer: a body that breaks off or does not end changes nothing about it. */
async function skim({ body }: Answer): Promise<void> {
  let bytes = 0;
  try {
    for await (const piece of body) {
      bytes += piece.length;
      if (bytes >= MOST_OF_AN_ANSWER) return;
    }
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
  }
}

function keyOf(secret: string): Buffer {
  const base64 = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const key = /^[a-z0-9+/]+={0,2}$/i.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
  if (key.length < 24) {
    const message = 'the webhook secret is not base64 of 24 bytes or more';
    throw new SidestreamError('USAGE', `${message}: make one with "openssl rand -base64 32"`);
  }
  return key;
}
