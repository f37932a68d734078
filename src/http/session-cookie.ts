import { isCrossSite } from './exposure.ts';
import type { AppSettings } from './settings.ts';

/** The cookie of a session. Pure. */

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** `__Host-`: browsers take it from this very host alone, and by TLS alone. */
const [PLAIN, SECURE] = ['sidestream', '__Host-sidestream'] as const;
const SECRET = /^[\w-]{43}$/;

/** What the cookie of a request holds; undefined where there is none that could be ours. */
export function sessionIn(header: string | undefined): string | undefined {
  const cookies = new Map(
    (header ?? '').split(';').map((one) => {
      const at = one.indexOf('=');
      return [one.slice(0, at).trim(), one.slice(at + 1).trim()] as const;
    }),
  );
  return [cookies.get(SECURE), cookies.get(PLAIN)].find(
    (secret) => secret !== undefined && SECRET.test(secret),
  );
}

/**
 * The value of `Set-Cookie`. TLS ends before us, if anywhere: the origin of the page that signs in tells. `maxAge`:
 * seconds; 0 ends the session.
 */
export function cookieOf(secret: string, maxAge: number, { origin }: Headers): string {
  const secure = typeof origin === 'string' && origin.startsWith('https://');
  const name = secure ? SECURE : PLAIN;
  return `${name}=${secret}; Max-Age=${Math.round(maxAge)}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

/** What ends both kinds of cookie. */
export const noCookies = (): string[] => [
  `${PLAIN}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict`,
  `${SECURE}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure`,
];

/**
 * Whether a request that shows a cookie comes from our own page. A browser sends the cookie whoever made it ask: what it
 * says of who that was decides. Browsers that say nothing of it (plain HTTP, other than on this machine) send the origin
 * with whatever changes something.
 */
export function isOwnPage(method: string, headers: Headers, settings: Pick<AppSettings, 'hosts'>): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || (reads && site === 'none');
  const { origin, host } = headers;
  if (origin === undefined) return reads;
  return /^https?:\/\/([^/]+)$/i.exec(String(origin))?.[1] === host || !isCrossSite(headers, settings);
}
