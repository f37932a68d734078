import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import './auth.ts';

/** The API's description, made of the schemas that requests are checked by, and a page that shows it. */

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Bodies by content type, where the route reads them itself. */
    bodies?: Readonly<Record<string, z.ZodType>>;
  }
}

/** For /docs alone. Swagger UI sets styles on elements; its pictures are data: addresses. */
export const DOCS_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const TAGS = [
  { name: 'jobs', description: 'Videos to be segmented' },
  { name: 'results', description: 'What has become of them' },
  { name: 'streams', description: 'Cameras, while they are watched' },
  { name: 'recordings', description: 'What was recorded of them, and seen' },
  { name: 'clips', description: 'Parts of it, cut out' },
  { name: 'rules', description: 'What is waited for' },
  { name: 'events', description: 'What rules were waiting for' },
  { name: 'search', description: 'Questions about the past' },
  { name: 'uploads', description: 'Resumable uploads: tus 1.0' },
  { name: 'system', description: 'How the installation stands, what it knows, and by what settings' },
  { name: 'keys', description: 'Who may do what' },
  { name: 'health', description: 'For those who watch the server' },
];

/** Registers what notes the routes: before them. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sidestream',
        version,
        description: 'Segments video with words. Errors are RFC 9457 problems with a `code`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      servers: [{ url: '/' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description:
              'Made with `sidestream keys create`. On a loopback address none is needed by default.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'sidestream',
            description:
              'Set by `POST /v1/session`, for browsers; `__Host-sidestream` where the page came by HTTPS.',
          },
        },
      },
      security: [{ key: [] }, { session: [] }],
    },
    transform,
    transformObject,
  });
}

const convert = createJsonSchemaTransform({});

const transform: SwaggerTransform = (document) => {
  const { schema, url } = (convert as SwaggerTransform)(document);
  const { config } = document.route;
  const { bodies, access } = config ?? {};
  const content = Object.entries(bodies ?? {}).map(([type, body]) => {
    // The transformation knows bodies of one kind only.
    const one = (convert as SwaggerTransform)({ ...document, schema: { body } as never });
    return [type, { schema: one.schema?.body }] as const;
  });
  return {
    url,
    schema: {
      ...schema,
      ...(content.length > 0 ? { body: { content: Object.fromEntries(content) } } : {}),
      ...(access === 'open' ? { security: [] } : {}),
    },
  };
};

const assemble = createJsonSchemaTransformObject({});

const transformObject: SwaggerTransformObject = (document) => {
  const {
    paths = {},
    components = {},
    ...rest
  } = assemble(document) as {
    paths?: object;
    components?: { schemas?: Record<string, unknown> };
  };
  return {
    ...rest,
    paths,
    components: { ...components, schemas: used(paths, components.schemas ?? {}) },
  } as ReturnType<SwaggerTransformObject>;
};

/** Every schema comes as input and as output; only what is referred to is of interest. */
function used(paths: object, schemas: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const visit = (value: unknown) => {
    for (const [, id = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"/]+)"/g)) {
      if (id in kept || !(id in schemas)) continue;
      kept[id] = schemas[id];
      visit(schemas[id]);
    }
  };
  visit(paths);
  return kept;
}

/** `/openapi.json` and `/docs`. */
export async function serveDescription(app: FastifyInstance): Promise<void> {
  app.get('/openapi.json', { config: { access: 'open' }, schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(app.swagger()),
  );
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
    });
    docs.addHook('onRequest', async (_request, reply) => {
      reply.header('content-security-policy', DOCS_POLICY).header('cache-control', 'no-cache');
    });
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'Sidestream API' },
      // No validator elsewhere is told of this server.
      uiConfig: { validatorUrl: null, docExpansion: 'list', deepLinking: true },
    } as Parameters<typeof swaggerUi>[1]);
  });
}
