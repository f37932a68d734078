import type { z } from 'zod';
import type { App } from '../app-type.ts';
import { callerOf } from '../auth.ts';
import { problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';
import { configViewSchema, systemSchema, toSystem } from '../system-schemas.ts';

/** How the installation stands, and by what settings. */
export function systemRoutes(app: App, { system, config }: Pick<AppDeps, 'system' | 'config'>): void {
  const tags = ['system'];

  app.get(
    '/v1/system',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getSystem',
        summary: 'Queues, workers, disks and Redis as they are now; it answers also while Redis does not',
        tags,
        response: { 200: systemSchema, ...problems() },
      },
    },
    async (request) => {
      const { role, local } = callerOf(request);
      return toSystem(await system.view(), { role, keyless: local });
    },
  );

  app.get(
    '/v1/config',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'getConfig',
        summary: 'The settings in force, and where each comes from; nothing secret is shown',
        tags,
        response: { 200: configViewSchema, ...problems() },
      },
    },
    async () => ({ settings: treeOf(config) }),
  );
}

/** Keys such as `http.port` as objects in objects. */
function treeOf(config: AppDeps['config']): z.input<typeof configViewSchema>['settings'] {
  const tree: z.input<typeof configViewSchema>['settings'] = {};
  for (const [key, setting] of config) {
    const [section, name] = key.split('.');
    tree[section] = { ...tree[section], [name]: setting };
  }
  return tree;
}
