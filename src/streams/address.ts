import { setTimeout as sleep } from 'node:timers/promises';
import { CAMERA_SCHEMES } from '../core/camera-address.ts';
import { SidestreamError } from '../core/errors.ts';
import type { Guard } from '../net/address-guard.ts';

/** Addresses of cameras: which may be asked, and how they are shown. */

/** Milliseconds that a name may take to be resolved, before it is left to whoever connects. */
const RESOLVE = 2000;

/**
 * Judges where an address leads: the host as it is written, and the addresses that it has. A name that is not known here
 * passes: it may be known to the worker, who judges it again. Throws USAGE, ADDRESS_REFUSED.
 */
export async function judgeCamera(
  address: string,
  guard: Pick<Guard, 'judgeUrl' | 'resolve'>,
): Promise<void> {
  const scheme = schemeOf(address);
  if (scheme === undefined || !CAMERA_SCHEMES.includes(scheme)) {
    const what = scheme === undefined ? 'this is no address' : `${scheme} is not asked`;
    throw new SidestreamError('ADDRESS_REFUSED', `${what}: give one such as rtsp://camera/stream`);
  }
  // What WHATWG's parser and ffmpeg's read differently: no host but the one that is judged may be asked.
  if (/[\s\\]|[^\x21-\x7e]/.test(address))
    throw new SidestreamError(
      'USAGE',
      'an address has no blanks, backslashes or letters but ASCII: write them as %20, %5C…',
    );
  // Only hosts of http are brought into one form: 2130706433 is 127.0.0.1 to whoever connects, too.
  const judged = `http${address.slice(scheme.length)}`;
  if (!/^http:\/\/[^/?#]/.test(judged) || !URL.canParse(judged))
    throw new SidestreamError(
      'USAGE',
      'this is no address: in a password write @ : / ? # as %40 %3A %2F %3F %23',
    );
  const { hostname } = guard.judgeUrl(judged);
  const found = guard.resolve(hostname).catch((error) => {
    if (error instanceof SidestreamError) throw error;
  });
  found.catch(() => {}); // It may fail after the time is up.
  const late = new AbortController();
  try {
    await Promise.race([found, sleep(RESOLVE, undefined, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}

export const schemeOf = (address: string): string | undefined =>
  /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();

/** What a stream is called that has no other name: the host, or the file. */
export function nameOf(address: string): string {
  const rest = address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  if (rest === address) return address.split('/').at(-1) || address;
  return rest.split(/[/?#]/)[0].split('@').at(-1)?.replace(/:\d+$/, '') || 'stream';
}
