/**
 * Writes src/web/api/schema.d.ts, the types that the page asks the API with, from the API's own description.
 * `--check`: says whether what is there is up to date, and changes nothing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import openapiTypes, { astToString } from 'openapi-typescript';
import { pino } from 'pino';
import { createApp } from '../src/http/app.ts';
import type { AppDeps } from '../src/http/settings.ts';

const PATH = new URL('../src/web/api/schema.d.ts', import.meta.url);
const HEAD =
  '// Written by `npm run api-types` from the description of the API. Not to be changed by hand.\n\n';

const folder = mkdtempSync(join(tmpdir(), 'sidestream-types-'));
try {
  // Nothing is asked but the description: whoever is behind the routes is never called.
  const nobody = new Proxy({}, { get: () => () => undefined });
  const given: Partial<Record<string, unknown>> = {
    uploads: { folder, maxBytes: 1 },
    page: folder,
    logger: pino({ level: 'silent' }),
    version: '0',
    settings: {
      ...{ host: '127.0.0.1', keys: 'auto', rateLimit: 1e6, bodyBytes: 1e6, requestTimeoutMs: 1000 },
      ...{ hosts: [], redirect: false, uploadHours: 1 },
    },
  };
  const deps = new Proxy(given, { get: (target, name) => target[String(name)] ?? nobody });
  const app = await createApp(deps as unknown as AppDeps);
  const description = (await app.inject('/openapi.json')).json();
  await app.close();
  const types =
    HEAD +
    astToString(
      await openapiTypes(description, {
        alphabetize: true,
        // What has a default may be left out of a request.
        defaultNonNullable: false,
      }),
    );
  if (!process.argv.includes('--check')) writeFileSync(PATH, types);
  else if (readFileSync(PATH, 'utf8') !== types) {
    console.error('src/web/api/schema.d.ts is not what the API describes: run "npm run api-types"');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
