import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../src/config/folders.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { ModelDetails, Models } from '../../../src/system/models.ts';
import { createModels } from '../../../src/system/packs.ts';
import { CHECKPOINT, type ModelSite, startModelSite, whole, writeEntry } from '../../fixtures/model-site.ts';

/** Fetching in the background, from a real server of this machine, of a real checkpoint. */

let folder: string;
let site: ModelSite;
let models: Models;

const open = (settings: Record<string, unknown> = {}) =>
  createModels(
    loadConfig({
      environment: {},
      flags: {
        'cache.directory': join(folder, 'cache'),
        'model.directories': [join(folder, 'packs')],
        'fetch.proxy': 'none',
        'fetch.retries': 0,
        'fetch.timeout_ms': 5000,
        ...settings,
      },
    }).config,
  );

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-models-'));
  site = await startModelSite();
  await writeEntry(join(folder, 'packs'), `${site.url}/tiny.pth`);
  models = open();
});
afterEach(async () => {
  await models[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function until(
  check: (now: ModelDetails) => boolean | undefined,
  name = 'tiny',
): Promise<ModelDetails> {
  for (const end = Date.now() + 30_000; ; await sleep(20)) {
    const now = await models.get(name);
    if (check(now)) return now;
    if (Date.now() > end) throw new Error(`it did not come to pass: ${JSON.stringify(now.fetching)}`);
  }
}
const left = () => readdir(join(folder, 'cache', 'models'));
const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing failed',
    (error) => `${error.code}: ${error.message}`,
  );

describe('models', () => {
  it('are told of with what they are, and where they come from', async () => {
    await writeEntry(join(folder, 'packs'), undefined, 'lost');
    await cp(join(projectFolder, 'models/street-tiny'), join(folder, 'packs/mine'), { recursive: true });
    const list = await models.list();
    expect(list.map(({ name, state, default: chosen }) => [name, state, chosen])).toEqual([
      ['lost', 'missing', false],
      // Of two with one name the first counts.
      ['street-tiny', 'own', true],
      ['tiny', 'available', false],
      ['san-vit-b-16', 'available', false],
      ['san-vit-large-14', 'available', false],
    ]);
    await rm(join(folder, 'packs/mine'), { recursive: true });
    expect(await models.get('street-tiny')).toMatchObject({
      ...{ state: 'embedded', default: true, bytes: 11_237_614, partial: 0, short_side: 384, taught: 28 },
      licence: { code: 'Apache-2.0', weights: 'CC BY-NC 4.0' },
      names: expect.arrayContaining([expect.objectContaining({ name: 'sky', isthing: false })]),
    });
    expect(await failure(models.get('nobody'))).toMatch(
      /^NOT_FOUND: there is no model nobody; known are lost, /,
    );
    expect(await failure(models.fetch('lost'))).toBe(
      'DOWNLOAD_FAILED: lost has no address to download from: see a test',
    );
  });

  it('have the one of the settings among them where that is a folder', async () => {
    await cp(join(projectFolder, 'models/street-tiny'), join(folder, 'elsewhere'), { recursive: true });
    await using others = open({ 'model.name': join(folder, 'elsewhere') });
    const chosen = (await others.list()).filter((one) => one.default);
    expect(chosen).toMatchObject([{ name: 'street-tiny', state: 'own' }]);
  });
});

describe('fetching', () => {
  it('goes on in the background, once for all who ask, and tells how far it is', async () => {
    site.answer = whole(300_000);
    const before = Date.now();
    const views = await Promise.all([models.fetch('tiny'), models.fetch('tiny'), models.fetch('tiny')]);
    for (const { fetching } of views) expect(fetching).toMatchObject({ bytes: 0, error: undefined });
    const { fetching } = await until((now) => now.fetching?.of !== undefined);
    expect(fetching).toMatchObject({ of: CHECKPOINT.length, error: undefined });
    expect(fetching?.bytes).toBeGreaterThan(0);
    expect(fetching?.bytes).toBeLessThanOrEqual(300_000);
    expect(Date.parse(fetching?.since ?? '')).toBeGreaterThanOrEqual(before);
    await models.fetch('tiny');
    expect(site.asked).toEqual([{ path: '/tiny.pth', range: undefined }]);
  });

  it('ends with a pack that is here', async () => {
    await models.fetch('tiny');
    const here = await until(({ state }) => state === 'fetched');
    expect(here).toMatchObject({ state: 'fetched', partial: 0, taught: 1 });
    expect(here.names).toEqual([{ name: 'zebra crossing', synonyms: ['crosswalk'], isthing: false }]);
    expect(here.bytes).toBeGreaterThan(1_000_000);
    expect((await models.fetch('tiny')).fetching).toBeUndefined();
    expect(site.asked).toHaveLength(1);
    await models[Symbol.asyncDispose]();
    expect(await left()).toEqual(['tiny']);
  });

  it('is cancelled, and goes on from there', async () => {
    site.answer = whole(500_000);
    await models.fetch('tiny');
    await until(({ partial }) => partial === 500_000);
    const draft = join(folder, 'cache/models', `.tiny.${process.pid}.partial`);
    await mkdir(draft);
    expect(await models.cancel('tiny')).toMatchObject({
      ...{ state: 'available', partial: 500_000, fetching: undefined },
    });
    // What was half made is gone, what has come is not.
    expect((await left()).sort()).toEqual(['.tiny.partial', '.tiny.partial.etag']);
    expect(await models.cancel('tiny')).toMatchObject({ partial: 500_000 });
    site.answer = whole();
    await models.fetch('tiny');
    await until(({ state }) => state === 'fetched');
    expect(site.asked.map(({ range }) => range)).toEqual([undefined, 'bytes=500000-']);
    await models[Symbol.asyncDispose]();
    expect(await left()).toEqual(['tiny']);
  });

  it('may be asked for while a cancelled one still ends', async () => {
    site.answer = whole(500_000);
    await models.fetch('tiny');
    await until(({ partial }) => partial === 500_000);
    site.answer = whole();
    const cancelled = models.cancel('tiny');
    const [one, two] = await Promise.all([models.fetch('tiny'), models.fetch('tiny')]);
    await cancelled;
    expect([one.fetching?.error, two.fetching?.error]).toEqual([undefined, undefined]);
    await until(({ state }) => state === 'fetched');
    expect(site.asked.map(({ range }) => range)).toEqual([undefined, 'bytes=500000-']);
  });

  it('says why it failed until it is asked for again, or cancelled', async () => {
    site.answer = (_request, response) => void response.writeHead(404).end();
    await models.fetch('tiny');
    const { fetching } = await until((now) => now.fetching?.error !== undefined);
    expect(fetching?.error).toEqual({
      code: 'DOWNLOAD_FAILED',
      message: `${site.url}/tiny.pth: the server answers 404: check the address`,
    });
    expect((await models.cancel('tiny')).fetching).toBeUndefined();
    site.answer = (_request, response) => void response.writeHead(200).end('no checkpoint');
    await models.fetch('tiny');
    const refused = await until((now) => now.fetching?.error !== undefined);
    expect(refused.fetching?.error?.code).toBe('CHECKPOINT_INVALID');
    site.answer = whole();
    expect((await models.fetch('tiny')).fetching?.error).toBeUndefined();
    await until(({ state }) => state === 'fetched');
  });

  it('goes by the settings: the mirror', async () => {
    await writeEntry(join(folder, 'packs'), 'https://models.invalid/far/tiny.pth');
    await models[Symbol.asyncDispose]();
    models = open({ 'fetch.mirror': `${site.url}/mirror` });
    await models.fetch('tiny');
    await until(({ state }) => state === 'fetched');
    expect(site.asked).toEqual([{ path: '/mirror/far/tiny.pth', range: undefined }]);
  });

  it('stops when the server does', async () => {
    site.answer = whole(500_000);
    await models.fetch('tiny');
    await until(({ partial }) => partial === 500_000);
    await models[Symbol.asyncDispose]();
    expect((await models.get('tiny')).fetching).toBeUndefined();
    expect(await left()).toContain('.tiny.partial');
  });
});
