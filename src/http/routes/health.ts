import type { App } from '../app-type.ts';
import { answer, healthSchema, problems, readinessSchema } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';

/** Whether the server lives, whether it can work, and what it measures. */
export function healthRoutes(app: App, { health, metrics, version }: AppDeps): void {
  app.get(
    '/healthz',
    {
      config: { access: 'open', rateLimit: false },
      schema: {
        operationId: 'isAlive',
        summary: 'Whether the server answers at all',
        tags: ['health'],
        response: { 200: healthSchema },
      },
    },
    async () => ({ status: 'ok' as const, version }),
  );

  app.get(
    '/readyz',
    {
      config: { access: 'probe', rateLimit: false },
      schema: {
        operationId: 'isReady',
        summary: 'Whether all that the server needs is there',
        tags: ['health'],
        response: { 200: readinessSchema, ...problems(), 503: readinessSchema },
      },
    },
    async (_request, reply) => {
      const checks = await health.ready();
      const ready = checks.every(({ ok }) => ok);
      return reply.code(ready ? 200 : 503).send({ ready, checks: [...checks] });
    },
  );

  app.get(
    '/metrics',
    {
      config: { access: 'probe', rateLimit: false },
      schema: {
        operationId: 'getMetrics',
        summary: 'Measurements, as Prometheus reads them',
        tags: ['health'],
        response: { 200: answer('Prometheus text', 'text/plain'), ...problems() },
      },
    },
    async (_request, reply) => {
      const { contentType, body } = await metrics();
      return reply.type(contentType).send(body);
    },
  );
}
