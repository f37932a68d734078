import { Validator } from '@seriousme/openapi-schema-validator';
import SwaggerClient from 'swagger-client';
import { describe, expect, it } from 'vitest';
import { jobView } from '../../fixtures/job-view.ts';
import { resultOf } from './fakes.ts';
import { ASKED, cleanUp, serve } from './server.ts';

cleanUp();

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security?: object[];
  parameters?: { name: string; in: string; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, unknown> }> };
}

const describeIt = async (server: Awaited<ReturnType<typeof serve>>) =>
  (await (await server.fetch('/openapi.json')).json()) as Document;

describe('the description', () => {
  it('is OpenAPI 3.1', async () => {
    const document = await describeIt(await serve());
    expect(document.openapi).toBe('3.1.0');
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document) as never);
    expect(result).toMatchObject({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('says of each operation what it is, what it takes and how it fails', async () => {
    const { paths, components } = await describeIt(await serve());
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBeGreaterThanOrEqual(20);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { operationId, summary, tags, responses, security } of operations) {
      expect([operationId, summary, tags]).toEqual([
        expect.stringMatching(/^[a-z][A-Za-z]+$/),
        expect.stringMatching(/^[A-Z].{5,}/),
        [expect.any(String)],
      ]);
      const open = ['isAlive', 'signIn', 'signOut'].includes(operationId);
      if (open) expect(security).toEqual([]);
      if (operationId !== 'isAlive') {
        for (const status of ['401', '403', '429', 'default']) {
          expect(responses[status]?.content).toHaveProperty(['application/problem+json']);
        }
      }
    }
    const submit = paths['/v1/jobs']?.post;
    expect(Object.keys(submit?.requestBody?.content ?? {})).toEqual([
      'application/json',
      'multipart/form-data',
    ]);
    expect(submit?.parameters).toMatchObject([{ name: 'idempotency-key', in: 'header' }]);
    expect(Object.keys(submit?.responses ?? {})).toEqual(
      expect.arrayContaining(['202', '400', '409', '413', '422', '503', '507']),
    );
    expect(paths['/v1/jobs']?.get?.parameters).toContainEqual(
      expect.objectContaining({
        name: 'limit',
        in: 'query',
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      }),
    );
    expect(Object.keys(components.schemas.Job?.properties ?? {})).toEqual(
      expect.arrayContaining(Object.keys(jobView('a'))),
    );
  });

  it('is enough for a client that knows nothing else', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const key = server.keys.secretOf('operator');
    const client = await SwaggerClient({
      url: `${server.url}/openapi.json`,
      authorizations: { key },
    });
    const { jobs, results } = client.apis;
    const submitted = await jobs!.submitJob!(
      { 'idempotency-key': 'once' },
      { requestBody: ASKED, requestContentType: 'application/json' },
    );
    expect(submitted.status).toBe(202);
    const { id } = submitted.obj as { id: string };
    expect(server.jobs.submissions[0]).toMatchObject({ request: ASKED, key: 'once' });
    expect((await jobs!.getJob!({ id })).obj).toEqual(submitted.obj);
    expect((await jobs!.listJobs!({ limit: 5, state: 'queued' })).obj).toEqual({ jobs: [submitted.obj] });
    server.jobs.results.set(`${id}/report`, resultOf(Buffer.from('{"a":1}'), { type: 'application/json' }));
    expect((await results!.getReport!({ id })).text).toBe('{"a":1}');
    await expect(jobs!.getJob!({ id: 'nobody' })).rejects.toMatchObject({
      status: 404,
      response: { obj: { code: 'JOB_NOT_FOUND' } },
    });
    expect((await jobs!.cancelJob!({ id })).obj).toMatchObject({ state: 'cancelled' });
    expect((await jobs!.removeJob!({ id })).status).toBe(204);
  });
});

describe('the page', () => {
  it('shows it, with nothing from elsewhere', async () => {
    const server = await serve();
    const page = await server.fetch('/docs');
    expect(page.status).toBe(200);
    const html = await page.text();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/https?:|unsafe-eval|script-src[^;]*unsafe-inline/);
    // No script of its own in the page: the policy would stop it.
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/);
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses) {
      const { origin, pathname } = new URL(address, `${server.url}/docs`);
      expect(origin).toBe(server.url);
      expect([pathname, (await server.fetch(pathname)).status]).toEqual([pathname, 200]);
    }
    const start = await (await server.fetch('/docs/static/swagger-initializer.js')).text();
    expect(start).toContain('"validatorUrl":null');
    const code = start.replace(/^\s*\/\/.*$/gm, '');
    expect(code).not.toMatch(/https?:\/\//);
    expect(await (await server.fetch('/docs/json')).json()).toEqual(await describeIt(server));
  });

  it('is the only one that may run anything', async () => {
    const server = await serve();
    for (const path of ['/healthz', '/v1/jobs', '/nothing', '/openapi.json']) {
      const { headers } = await server.fetch(path);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });
});
