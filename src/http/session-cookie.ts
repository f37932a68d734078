/** The cookie of a session. Pure. */

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** `__Host-`: browsers take it from this very host alone, and by TLS alone. */
const [PLAIN, SECURE] = ['sidestream', '__Host-sidestream'] as const;
const SECRET = /^[\w-]{43}$/;

export interface Session {
  /** What the cookie holds. */
  readonly secret: string;
  /** Whether browsers show it by TLS alone. */
  readonly secure: boolean;
}

/** The session that a request shows; undefined where there is no cookie that could be ours. */
export function sessionIn(header: string | undefined): Session | undefined {
  const cookies = new Map(
    (header ?? '').split(';').map((one) => {
      const at = one.indexOf('=');
      return [one.slice(0, at).trim(), one.slice(at + 1).trim()] as const;
    }),
  );
  for (const name of [SECURE, PLAIN]) {
    const secret = cookies.get(name);
    if (secret !== undefined && SECRET.test(secret)) return { secret, secure: name === SECURE };
  }
  return undefined;
}

/**
 * Whether the page that sends this came by TLS, which ends before us, if anywhere: no header of a proxy is believed, but a
 * browser says where the page is from.
 */
export const cameByTls = ({ origin }: Headers): boolean =>
  typeof origin === 'string' && origin.startsWith('https://');

/** The value of `Set-Cookie`. `maxAge`: seconds. */
export const cookieOf = ({ secret, secure }: Session, maxAge: number): string =>
  `${secure ? SECURE : PLAIN}=${secret}; Max-Age=${Math.round(maxAge)}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

/** What ends both kinds of cookie. */
export const noCookies = (): string[] => [
  `${PLAIN}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict`,
  `${SECURE}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure`,
];

/**
 * Whether a request that shows a cookie comes from our own page. A browser sends the cookie whoever made it ask: what it
 * says of who that was decides. Browsers that say nothing of it (plain HTTP, other than on this machine) send the origin
 * with whatever changes something; it must be the very one that was asked, port and all.
 */
export function isOwnPage(method: string, headers: Headers): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || (reads && site === 'none');
  const { origin, host } = headers;
  if (origin === undefined) return reads;
  const [, from] = /^https?:\/\/([^/]+)$/i.exec(String(origin)) ?? [];
  return from !== undefined && from.toLowerCase() === String(host).toLowerCase();
}
