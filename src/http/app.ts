import { setMaxListeners } from 'node:events';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { App } from './app-type.ts';
import { createGate, type Gate } from './auth.ts';
import { drainConnections } from './drain.ts';
import { invalid, RequestFault, refuseConnection, sendProblem } from './errors.ts';
import { clientOf } from './exposure.ts';
import { createFeed } from './feed.ts';
import { logRequest, requestIdOf } from './logging.ts';
import { describeRoutes, serveDescription } from './openapi.ts';
import { cameraRoutes } from './routes/cameras.ts';
import { clipRoutes } from './routes/clips.ts';
import { clipArchiveRoutes } from './routes/clips-archive.ts';
import { clipResultRoutes } from './routes/clips-results.ts';
import { eventRoutes } from './routes/events.ts';
import { ruleEventRoutes } from './routes/events-of-rules.ts';
import { feedRoutes, tellOfChanges } from './routes/feed.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { keyRoutes } from './routes/keys.ts';
import { modelRoutes } from './routes/models.ts';
import { servePage } from './routes/page.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { resultRoutes } from './routes/results.ts';
import { ruleRoutes } from './routes/rules.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/session.ts';
import { streamRoutes } from './routes/streams.ts';
import { systemRoutes } from './routes/system.ts';
import { timelineRoutes } from './routes/timeline.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { wordRoutes } from './routes/words.ts';
import { type AppDeps, MINUTE } from './settings.ts';
import { cutOffIdle, endBody, withDeadline } from './slow-clients.ts';
import { prepareFolder, removeOldUploads } from './upload-files.ts';

/** What the API's own answers may do in a browser: nothing. */
const POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Milliseconds between two looks for uploads that nobody goes on with. */
const SWEEP = 3_600_000;

/**
 * The HTTP server, ready to listen. `close` of it ends the streams of events so that their clients connect again, takes no
 * more requests and waits for those that run, downloads and uploads too.
 */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const { settings, logger, uploads } = deps;
  await prepareFolder(uploads.folder);
  const app = createServer(deps);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // Each stream of events listens.

  app.addHook('preClose', async () => closing.abort());
  drainConnections(app.server, closing.signal);
  await app.register(helmet, {
    contentSecurityPolicy: false, // Set in `hookIn`: /docs has its own.
    strictTransportSecurity: false, // For whoever ends TLS to say.
  });
  const gate = createGate(deps);
  hookIn(app, deps, { gate, closing: closing.signal });
  const feed = createFeed(deps);
  tellOfChanges(app, feed);
  await app.register(rateLimit, {
    max: settings.rateLimit,
    timeWindow: MINUTE,
    cache: 10_000,
    keyGenerator: ({ caller, ip }) => (caller && !caller.local ? `key ${caller.id}` : clientOf(ip)),
    errorResponseBuilder: (_request, { ttl }) =>
      new RequestFault('TOO_MANY_REQUESTS', `too many requests: try again in ${Math.ceil(ttl / 1000)} s`),
  });
  await describeRoutes(app, deps.version);
  const page = await servePage(app, deps);
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    if (page.isAsked(request)) return page.send(request, reply);
    throw new RequestFault('NOT_FOUND', `there is no ${request.method} ${request.url.replace(/\?.*$/s, '')}`);
  });

  await app.register(async (scope) => {
    await scope.register(multipart, { throwFileSizeLimit: false });
    scope.addHook('preParsing', async (request) => {
      if (isOfType(request, 'multipart/form-data')) cutOffIdle(request.raw, settings.requestTimeoutMs);
    });
    jobRoutes(scope as unknown as App, deps);
  });
  const typed = app as unknown as App;
  eventRoutes(typed, deps, closing.signal);
  feedRoutes(typed, feed, closing.signal);
  resultRoutes(typed, deps);
  streamRoutes(typed, deps, closing.signal);
  timelineRoutes(typed, deps);
  cameraRoutes(typed, deps);
  recordingRoutes(typed, deps);
  ruleRoutes(typed, deps);
  clipRoutes(typed, deps);
  clipResultRoutes(typed, deps);
  clipArchiveRoutes(typed, deps);
  ruleEventRoutes(typed, deps, closing.signal);
  searchRoutes(typed, deps);
  await app.register(async (scope) => uploadRoutes(scope as unknown as App, deps));
  systemRoutes(typed, deps);
  modelRoutes(typed, deps);
  wordRoutes(typed, deps);
  keyRoutes(typed, deps);
  sessionRoutes(typed, deps, gate);
  healthRoutes(typed, deps);
  await serveDescription(app);

  const sweep = () =>
    removeOldUploads(uploads.folder, settings.uploadHours * 3_600_000).catch((error) =>
      logger.warn({ err: error }, 'old uploads could not be removed'),
    );
  const timer = setInterval(sweep, SWEEP).unref();
  app.addHook('onClose', async () => clearInterval(timer));
  await sweep();
  await app.ready();
  return app;
}

function createServer({ settings, logger }: AppDeps): FastifyInstance {
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    genReqId: requestIdOf,
    requestIdHeader: false,
    trustProxy: false,
    bodyLimit: settings.bodyBytes,
    return503OnClosing: false, // Said as a problem in `hookIn`.
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => {
      sendProblem(error, request, reply);
    },
    routerOptions: { maxParamLength: 200 },
    // Headers must come in time; the time of bodies is watched in `slow-clients.ts`, since uploads may take long.
    requestTimeout: 0,
    http: {
      headersTimeout: settings.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(5000, Math.ceil(settings.requestTimeoutMs / 4)),
    },
  }) as unknown as FastifyInstance;

  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data) => {
    const read = schema.safeParse(data);
    const place = httpPart === 'querystring' ? 'query' : (httpPart ?? 'request');
    return read.success ? { value: read.data } : { error: invalid(read.error, place) };
  });
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => {
    sendProblem(error, request, reply);
  });

  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Some clients say JSON where they send nothing.
    if (body === '') done(null, undefined);
    else parse(request, body as string, done);
  });
  return app;
}

/** What holds for every request. */
function hookIn(
  app: FastifyInstance,
  { settings }: AppDeps,
  { gate, closing }: { readonly gate: Gate; readonly closing: AbortSignal },
): void {
  app.decorateRequest('caller', undefined);
  app.decorateRequest('mayStill', () => true);
  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('x-request-id', request.id)
      .header('content-security-policy', POLICY)
      .header('cache-control', 'no-store');
    if (closing.aborted) {
      throw new RequestFault('INTERRUPTED', 'the server closes: try again', {
        status: 503,
        headers: { connection: 'close', 'retry-after': '1' },
      });
    }
    await gate.pass(request, reply);
  });
  app.addHook('preParsing', async (request, _reply, payload) => {
    // Bodies of other types go on for as long as they come.
    return isOfType(request, 'application/json') ? withDeadline(payload, settings.requestTimeoutMs) : payload;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing.aborted) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    endBody(request.raw);
    await logRequest(request, reply);
  });
}

const isOfType = ({ headers }: FastifyRequest, type: string): boolean =>
  headers['content-type']?.toLowerCase().startsWith(type) ?? false;
