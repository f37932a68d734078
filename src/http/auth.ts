import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Key, Role, Submitter } from '../jobs/jobs.ts';
import { createAttempts } from './attempts.ts';
import { RequestFault } from './errors.ts';
import { clientOf, isCrossSite, isKeyless, isLoopbackHost, isOwnHost } from './exposure.ts';
import { cookieOf, isOwnPage, sessionIn } from './session-cookie.ts';
import type { AppDeps } from './settings.ts';

/**
 * Who may ask a route: anyone (`open`), anyone where only this machine can ask and viewers elsewhere (`probe`), or keys
 * of a role and of those above it.
 */
export type Access = 'open' | 'probe' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `admin` where it is left out. */
    access?: Access;
  }
  interface FastifyRequest {
    /** Who asks; undefined on routes that are open. */
    caller: Caller | undefined;
    /** Whether that one may still ask: for answers that go on for long. */
    mayStill: () => boolean;
  }
}

export interface Caller extends Submitter {
  readonly role: Role;
  /** Of the key. */
  readonly name: string;
  /** True where no key was needed. */
  readonly local: boolean;
  /** A browser that shows the cookie of its session. */
  readonly session: boolean;
}

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };
const LOCAL: Caller = { id: 'local', role: 'admin', name: 'local', local: true, session: false };
/** Wrong keys a minute that one client may show. */
const [MOST_WRONG, MINUTE] = [10, 60_000];

export interface Gate {
  /** A hook that lets a request pass, with `caller` set. Throws KEY_REQUIRED, KEY_FORBIDDEN, TOO_MANY_REQUESTS. */
  pass(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /**
   * Who asks an open route; undefined where no key is shown, or a session that has ended. Throws as `pass` does for a key
   * that is not in force and for pages of other sites.
   */
  recognise(request: FastifyRequest, reply: FastifyReply): Caller | undefined;
  /** The key that a secret is; wrong ones are counted. Throws KEY_REQUIRED, TOO_MANY_REQUESTS. */
  keyOf(request: FastifyRequest, secret: string): Key;
}

export function createGate({
  keys,
  sessions,
  settings,
}: Pick<AppDeps, 'keys' | 'sessions' | 'settings'>): Gate {
  const attempts = createAttempts(MOST_WRONG, MINUTE);

  function keyOf(request: FastifyRequest, secret: string): Key {
    const client = clientOf(request.ip);
    const wait = attempts.wait(client);
    const key = keys.find(secret);
    // Who guesses learns nothing from here on; who has been here with this very key before does not guess.
    if (wait !== undefined && !(key && attempts.knows(client, key.id))) {
      throw new RequestFault('TOO_MANY_REQUESTS', `too many wrong keys: try again in ${wait} s`, {
        headers: { 'retry-after': String(wait) },
      });
    }
    if (!key) {
      attempts.fail(client);
      throw keyRequired('this key is not in force', ', error="invalid_token"');
    }
    attempts.succeed(client, key.id);
    return key;
  }

  /** The key of the session whose cookie a page of ours shows. Cookies are random: nobody guesses one. */
  function keyOfSession({ method, headers }: FastifyRequest, reply: FastifyReply): Key {
    const session = sessionIn(headers.cookie);
    if (session && !isOwnPage(method, headers))
      throw new RequestFault('KEY_FORBIDDEN', 'pages of other sites may ask for nothing by your session');
    const visit = session && sessions.visit(session.secret);
    if (!visit) throw keyRequired('send the header "Authorization: Bearer <key>", or sign in');
    // Its cookie ends when the session would.
    if (visit.maxAge !== undefined) reply.header('set-cookie', cookieOf(session, visit.maxAge));
    return visit.key;
  }

  function allow({ id, role, name }: Key, needed: Role, session: boolean): Caller {
    if (RANK[role] < RANK[needed]) {
      const message = `this needs a key of the role ${needed}, and yours is ${role}`;
      throw new RequestFault('KEY_FORBIDDEN', message, {
        headers: { 'www-authenticate': 'Bearer realm="sidestream", error="insufficient_scope"' },
      });
    }
    return { id, role, name, local: false, session };
  }

  async function pass(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (request.is404) return;
    const { access = 'admin' } = request.routeOptions.config;
    if (access === 'open') return;
    const probe = access === 'probe';
    if (probe && isOfThisMachine(request) && showsNoKey(request)) return;
    identify(request, reply, probe ? 'viewer' : access);
  }

  function recognise(request: FastifyRequest, reply: FastifyReply): Caller | undefined {
    const { method, headers } = request;
    if (showsNoKey(request)) {
      const session = sessionIn(headers.cookie);
      if (!session || (isOwnPage(method, headers) && !sessions.find(session.secret))) return undefined;
    }
    identify(request, reply, 'viewer');
    return request.caller;
  }

  const isOfThisMachine = ({ headers }: FastifyRequest): boolean =>
    isLoopbackHost(settings.host) && isOwnHost(headers.host, settings);

  /** Where one is needed. */
  const showsNoKey = ({ headers }: FastifyRequest): boolean =>
    bearerOf(headers.authorization) === undefined && !isKeyless(settings, keys);

  /** Sets `caller`, who is of a role at least. */
  function identify(request: FastifyRequest, reply: FastifyReply, needed: Role): void {
    const { headers } = request;
    const secret = bearerOf(headers.authorization);
    if (isKeyless(settings, keys)) {
      refuseForeign(request, settings);
      request.caller = LOCAL;
      request.mayStill = () => isKeyless(settings, keys);
      return;
    }
    if (secret !== undefined) {
      request.caller = allow(keyOf(request, secret), needed, false);
      request.mayStill = () => keys.find(secret) !== undefined;
      return;
    }
    request.caller = allow(keyOfSession(request, reply), needed, true);
    const shown = sessionIn(headers.cookie)?.secret ?? '';
    request.mayStill = () => sessions.find(shown) !== undefined;
  }

  return { pass, recognise, keyOf };
}

/** Without keys a browser on this machine is as good as its user: pages of others must not use it. */
function refuseForeign({ headers, method }: FastifyRequest, settings: AppDeps['settings']): void {
  if (!isOwnHost(headers.host, settings)) {
    throw new RequestFault(
      'KEY_FORBIDDEN',
      'without keys this server answers to names of this machine only: ask it as 127.0.0.1, add the name to ' +
        'http.hosts, or make a key with "sidestream keys create"',
    );
  }
  if (method !== 'GET' && method !== 'HEAD' && isCrossSite(headers, settings)) {
    throw new RequestFault('KEY_FORBIDDEN', 'pages of other sites may change nothing here');
  }
}

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer +([\w~+/.-]{1,500}=*) *$/i.exec(header ?? '')?.[1];

const keyRequired = (message: string, more = ''): RequestFault =>
  new RequestFault('KEY_REQUIRED', message, {
    headers: { 'www-authenticate': `Bearer realm="sidestream"${more}` },
  });

/** Who asks. For routes that are not open. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (!caller) throw new RequestFault('KEY_REQUIRED', 'a key is needed');
  return caller;
}
