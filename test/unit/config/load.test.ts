import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../../src/config/environment.ts';
import { foldersOf } from '../../../src/config/folders.ts';
import { type ConfigSources, loadConfig } from '../../../src/config/load.ts';
import { SidestreamError } from '../../../src/core/errors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const load = (sources: ConfigSources = {}) => loadConfig({ environment: {}, ...sources });
const withEnvironment = (environment: Environment) => load({ environment });

async function withFile(text: string) {
  const file = join(folder, 'my.yaml');
  await writeFile(file, text);
  return load({ file });
}

/** The error's code and message, the folder left out. */
async function failure(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof SidestreamError)
      return `${error.code}: ${error.message.replaceAll(`${folder}/`, '')}`;
    throw error;
  }
  return 'nothing failed';
}

describe('layers', () => {
  it('takes the later of defaults, file, environment and options, and knows who spoke', async () => {
    const file = join(folder, 'my.yaml');
    await writeFile(file, 'model:\n  threads: 1\n  sessions: 2\nsegment:\n  every: 3\n');
    const { config, settings } = loadConfig({
      file,
      environment: { SIDESTREAM_SEGMENT__EVERY: '4', SIDESTREAM_MODEL__SESSIONS: '5' },
      flags: { 'segment.every': 6, 'segment.labels': undefined },
    });
    expect(config.model).toMatchObject({ name: 'street-tiny', threads: 1, sessions: 5 });
    expect(config.segment).toMatchObject({ every: 6, labels: 'names' });
    const source = (key: string) => settings.get(key)?.source;
    expect(source('model.name')).toBe('default');
    expect(source('model.threads')).toBe(`${file}:2`);
    expect(source('model.sessions')).toBe('SIDESTREAM_MODEL__SESSIONS');
    expect(source('segment.every')).toBe('--every');
    expect(source('segment.labels')).toBe('default');
  });

  it('takes the file of SIDESTREAM_CONFIG where --config names none', async () => {
    const [one, other] = [join(folder, 'one.yaml'), join(folder, 'other.yaml')];
    await writeFile(one, 'http: {port: 1}');
    await writeFile(other, 'http: {port: 2}');
    const environment = { SIDESTREAM_CONFIG: one };
    expect(load({ environment }).config.http.port).toBe(1);
    expect(load({ environment, file: other }).config.http.port).toBe(2);
  });

  it('gives what nobody can change', () => {
    const { config } = load();
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.model.directories, ['x'])).toThrow(TypeError);
  });
});

describe('files', () => {
  it.each([
    ['an unknown key', 'model:\n\n  nam: x', 'my.yaml:3: unknown key model.nam (did you mean model.name?)'],
    ['an unknown section', 'modle: {}', 'my.yaml:1: unknown key modle (did you mean model?)'],
    ['a key without its section', '\nport: 5', 'my.yaml:2: unknown key port (did you mean http.port?)'],
    ['a key like no other', 'model:\n  zzzzzz: 1', 'my.yaml:2: unknown key model.zzzzzz'],
    ['a wrong word', 'segment:\n  labels: all', 'my.yaml:2: segment.labels must be none, names or ids'],
    ['a fraction', 'model:\n  threads: 1.5', 'my.yaml:2: model.threads must be a whole number'],
    ['too much', 'http: {port: 65536}', 'my.yaml:1: http.port must be at most 65535'],
    ['too little', 'segment: {opacity: -0.1}', 'my.yaml:1: segment.opacity must be at least 0'],
    ['a text for a number', 'model: {threads: "2"}', 'my.yaml:1: model.threads must be a number'],
    ['nothing where something must be', 'model: {name: }', 'my.yaml:1: model.name must be a text'],
    ['a value for a section', 'model: 5', 'my.yaml:1: model must have settings below it'],
    ['a list for the whole', '- a', 'my.yaml:1: the file must have settings below it'],
    ['a key twice', 'http:\n  port: 1\n  port: 2', 'my.yaml:3: Map keys must be unique'],
  ])('says where %s is', async (_, text, message) => {
    expect(await failure(() => withFile(text))).toBe(`CONFIG: ${message}`);
  });

  it('says where YAML ends', async () => {
    expect(await failure(() => withFile('http:\n  port: [1'))).toMatch(/^CONFIG: my\.yaml:2: /);
  });

  it('says that a file is absent', async () => {
    const file = join(folder, 'absent.yaml');
    expect(await failure(() => load({ file }))).toBe(
      'CONFIG: the config file absent.yaml cannot be read: it does not exist',
    );
  });

  it('takes empty files, empty sections and aliases', async () => {
    expect((await withFile('')).config.http.port).toBe(8080);
    expect((await withFile('model:\nhttp:\n  port: 1')).config.http.port).toBe(1);
    expect((await withFile('model: {threads: &n 3}\nsegment: {every: *n}')).config.segment.every).toBe(3);
  });

  it('means folders from where the file is', async () => {
    const { config } = await withFile('model: {directories: [packs, /srv/packs]}\ncache: {directory: ../c}');
    expect(config.model.directories).toEqual([join(folder, 'packs'), '/srv/packs']);
    expect(config.cache.directory).toBe(join(folder, '..', 'c'));
  });
});

describe('the environment', () => {
  it('has levels by two underscores or by one', () => {
    expect(withEnvironment({ SIDESTREAM_REDIS_URL: 'redis://r' }).config.redis.url).toBe('redis://r');
    expect(withEnvironment({ SIDESTREAM_HTTP__PORT: '81' }).config.http.port).toBe(81);
    expect(withEnvironment({ SIDESTREAM_MODEL_SHORT_SIDE: '320' }).config.model.short_side).toBe(320);
    expect(withEnvironment({ SIDESTREAM_MODEL__SHORT_SIDE: '320' }).config.model.short_side).toBe(320);
  });

  it('reads lists, null and empty values', () => {
    const { config } = withEnvironment({
      SIDESTREAM_MODEL__DIRECTORIES: '/a, /b',
      SIDESTREAM_MODEL__SHORT_SIDE: 'null',
      SIDESTREAM_HTTP__PORT: '',
    });
    expect(config.model).toMatchObject({ directories: ['/a', '/b'], short_side: null });
    expect(config.http.port).toBe(8080);
    expect(withEnvironment({ SIDESTREAM_MODEL__DIRECTORIES: '/a' }).config.model.directories).toEqual(['/a']);
  });

  it('takes a text that looks like something else as it is', () => {
    expect(withEnvironment({ SIDESTREAM_MODEL__NAME: '007' }).config.model.name).toBe('007');
  });

  it.each([
    [
      { SIDESTREAM_REDIS_ULR: 'x' },
      'SIDESTREAM_REDIS_ULR: there is no such setting (did you mean SIDESTREAM_REDIS_URL?)',
    ],
    [{ SIDESTREAM_HTTP__PORT: 'many' }, 'SIDESTREAM_HTTP__PORT (many): http.port must be a number'],
    [
      { SIDESTREAM_HTTP__PORT: '1', SIDESTREAM_HTTP_PORT: '2' },
      'SIDESTREAM_HTTP__PORT and SIDESTREAM_HTTP_PORT are the same setting: keep one',
    ],
    [
      { HTTPS_PROXY: 'http://' },
      'HTTPS_PROXY: fetch.proxy must be an address such as http://proxy:3128, or none',
    ],
  ])('refuses %o', async (environment: Environment, message) => {
    expect(await failure(() => withEnvironment(environment))).toBe(`CONFIG: ${message}`);
  });

  it('keeps passwords out of messages', async () => {
    const said = await failure(() => withEnvironment({ SIDESTREAM_REDIS_URL: 'http://me:secret@host' }));
    expect(said).toContain('redis.url must be');
    expect(said).not.toContain('secret');
  });

  it('takes the proxy that others use, unless there is one of our own', async () => {
    const environment = { HTTPS_PROXY: 'proxy:3128', NO_PROXY: '.example.org' };
    const { config, settings } = withEnvironment(environment);
    expect(config.fetch).toMatchObject({ proxy: 'http://proxy:3128', no_proxy: '.example.org' });
    expect(settings.get('fetch.proxy')?.source).toBe('HTTPS_PROXY');
    const own = { ...environment, SIDESTREAM_FETCH__PROXY: 'none' };
    expect(withEnvironment(own).config.fetch.proxy).toBeNull();
  });
});

describe('options', () => {
  it('are named when they do not fit', async () => {
    expect(await failure(() => load({ flags: { 'segment.opacity': 5 } }))).toBe(
      'USAGE: --opacity 5: must be at most 1',
    );
    expect(await failure(() => load({ flags: { 'model.name': '' } }))).toMatch(/^USAGE: --model /);
  });
});

it('looks for packs where the settings say, then among fetched ones, then among shipped ones', () => {
  const { packs, fetched } = foldersOf(
    load({ environment: { SIDESTREAM_MODEL__DIRECTORIES: '/a', XDG_CACHE_HOME: '/x' } }).config,
  );
  expect(packs).toHaveLength(3);
  expect(packs[0]).toBe('/a');
  expect(packs[1]).toBe(fetched);
  expect(packs[2]).toMatch(/models$/);
});
