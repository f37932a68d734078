import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestFault } from '../errors.ts';
import { isKeyless, isOwnHost } from '../exposure.ts';
import type { AppDeps } from '../settings.ts';

/** The page: files of a build, whose names change with what is in them, and one document for all of its addresses. */

/**
 * Nothing inline, nothing of any other host, and no text that becomes markup or a script, not even a worker's. Pictures
 * and videos of what is uploaded are blobs.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " +
  "connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const HEADERS = {
  'content-security-policy': POLICY,
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
};

/** What is no address of the page, though a browser asks for it. */
const API = /^\/(v1|docs|assets|openapi\.json|healthz|readyz|metrics)(\/|\?|$)/;

export interface Page {
  /** Whether this is a browser at an address of the page, or anybody at its first one. */
  isAsked(request: FastifyRequest): boolean;
  send(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}

type PageDeps = Pick<AppDeps, 'page' | 'keys' | 'settings'>;

/** Serves what was built, and gives what answers for all addresses that have no route. */
export async function servePage(app: FastifyInstance, { page, keys, settings }: PageDeps): Promise<Page> {
  /** Read each time: a new build has other names in it. */
  const read = () => readFile(join(page, 'index.html')).catch(absent);
  const built = (await read()) !== undefined;
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
      route.schema = { ...route.schema, hide: true };
    });
    scope.addHook('onRequest', async (request, reply) => {
      refuseForeign(request);
      reply.headers(HEADERS);
    });
    if (!built) return;
    await scope.register(fastifyStatic, {
      root: join(page, 'assets'),
      prefix: '/assets/',
      decorateReply: false,
      preCompressed: true,
      index: false,
      immutable: true,
      maxAge: '365d',
    });
  });

  /** Another site's name may point to this machine (DNS rebinding): a server without keys shows it nothing. */
  function refuseForeign({ headers }: FastifyRequest): void {
    if (isKeyless(settings, keys) && !isOwnHost(headers.host, settings))
      throw new RequestFault(
        'KEY_FORBIDDEN',
        'without keys this server answers to names of this machine only: ask it as 127.0.0.1, or add the name to http.hosts',
      );
  }

  return {
    isAsked: ({ method, url, headers }) =>
      (method === 'GET' || method === 'HEAD') &&
      !API.test(url) &&
      (/^\/(\?|$)/.test(url) || (headers.accept ?? '').includes('text/html')),
    async send(request, reply) {
      refuseForeign(request);
      reply.code(200).headers(HEADERS);
      const document = built ? await read() : undefined;
      if (!document) {
        return reply
          .code(503)
          .type('text/plain; charset=utf-8')
          .send(
            'The page was not built: run "npm run build", and start the server again. The API is described at /docs.\n',
          );
      }
      return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(document);
    },
  };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
