import { z } from 'zod';
import { ROLES } from '../../jobs/jobs.ts';
import type { App } from '../app-type.ts';
import type { Gate } from '../auth.ts';
import { RequestFault } from '../errors.ts';
import { isKeyless } from '../exposure.ts';
import { problems } from '../schemas.ts';
import { cameByTls, cookieOf, isOwnPage, noCookies, sessionIn } from '../session-cookie.ts';
import type { AppDeps } from '../settings.ts';

const sessionSchema = z
  .object({
    id: z.string().describe('of the key'),
    name: z.string(),
    role: z.enum(ROLES),
    keyless: z.boolean().describe('no key is needed here'),
    version: z.string().describe('of the server'),
  })
  .meta({ id: 'Session' });

const nobodySchema = z
  .object({ role: z.null() })
  .meta({ id: 'Nobody', description: 'No key is shown, and one is needed; or the session has ended' });

const requestSchema = z.strictObject({ key: z.string().min(1).max(500) }).meta({ id: 'SessionRequest' });

/** Signing in, for browsers: a cookie in place of a key in every header. */
export function sessionRoutes(
  app: App,
  { keys, sessions, settings, version }: AppDeps,
  { recognise, keyOf }: Gate,
): void {
  const tags = ['keys'];

  app.post(
    '/v1/session',
    {
      config: { access: 'open' },
      schema: {
        operationId: 'signIn',
        summary: 'A session for a browser: the cookie that it sets stands for the key',
        tags,
        body: requestSchema,
        response: {
          200: sessionSchema.describe('`Set-Cookie` has the session'),
          ...problems('USAGE', 'CONFLICT'),
        },
      },
    },
    async (request, reply) => {
      const { headers } = request;
      // What is no browser says nothing of a page, and has no cookies of anybody.
      const page = headers['sec-fetch-site'] ?? headers.origin;
      if (page !== undefined && !isOwnPage('POST', headers))
        throw new RequestFault('KEY_FORBIDDEN', 'pages of other sites may not sign in here');
      if (isKeyless(settings, keys))
        throw new RequestFault('CONFLICT', 'no key is needed here: there is none yet');
      const { id, name, role } = keyOf(request, request.body.key);
      const { secret, maxAge } = sessions.open({ id });
      request.log.info({ key: id }, 'signed in');
      return reply
        .header('set-cookie', cookieOf({ secret, secure: cameByTls(headers) }, maxAge))
        .send({ id, name, role, keyless: false, version });
    },
  );

  app.get(
    '/v1/session',
    {
      // That nobody has signed in yet is an answer, no fault: browsers would show one to whoever looks.
      config: { access: 'open' },
      schema: {
        operationId: 'getSession',
        summary: 'Who asks, and what they may do; a role of null where nobody has signed in',
        tags,
        response: { 200: z.union([sessionSchema, nobodySchema]), ...problems() },
      },
    },
    async (request, reply) => {
      const caller = recognise(request, reply);
      if (!caller) return { role: null };
      const { id, name, role, local } = caller;
      return { id, name, role, keyless: local, version };
    },
  );

  app.delete(
    '/v1/session',
    {
      config: { access: 'open' },
      schema: {
        operationId: 'signOut',
        summary: 'Ends the session; also one that has ended already',
        tags,
        response: { 204: z.undefined().describe('ended'), ...problems() },
      },
    },
    async (request, reply) => {
      const session = sessionIn(request.headers.cookie);
      if (session && !isOwnPage('DELETE', request.headers))
        throw new RequestFault('KEY_FORBIDDEN', 'pages of other sites may not sign you out');
      if (session) sessions.close(session.secret);
      return reply.code(204).header('set-cookie', noCookies()).send(undefined);
    },
  );
}
