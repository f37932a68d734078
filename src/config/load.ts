import { homedir } from 'node:os';
import { join } from 'node:path';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { type Environment, FILE_VARIABLE, readEnvironment } from './environment.ts';
import { readConfigFile } from './file.ts';
import { cacheFolder, dataFolder, projectFolder } from './folders.ts';
import type { Layer, Setting } from './layers.ts';
import { configSchema, faultOf, LEAVES, type Settings } from './schema.ts';

/** The settings in force, frozen; what was left to the platform and the environment is filled in. */
export interface Config extends Settings {
  readonly cache: { readonly directory: string };
  readonly data: { readonly directory: string };
}

export interface LoadedConfig {
  readonly config: Config;
  /** The same by key, such as `http.port`, each with who said so. */
  readonly settings: ReadonlyMap<string, Setting>;
}

export interface ConfigSources {
  /** The file of --config; else the one that SIDESTREAM_CONFIG names is read. */
  readonly file?: string | undefined;
  /** Values of command line options by the setting they stand for; undefined where one was not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment?: Environment;
}

/**
 * Reads the settings: config/default.yaml < the file < the environment < options.
 * Throws CONFIG naming file, line and key, or the variable; USAGE naming the option.
 */
export function loadConfig({
  file,
  flags = {},
  environment = process.env,
}: ConfigSources = {}): LoadedConfig {
  const chosen = file ?? (environment[FILE_VARIABLE] || undefined);
  const layers: Layer[] = [
    readDefaults(),
    ...(chosen === undefined ? [] : [readConfigFile(chosen)]),
    readEnvironment(environment),
    readFlags(flags),
  ];
  const layer: Layer = new Map(layers.flatMap((settings) => [...settings]));
  fillIn(layer, environment);
  const { cache, data, fetch, ...rest } = configSchema.parse(nested(layer));
  const config = {
    ...rest,
    cache: { directory: cache.directory! },
    data: { directory: data.directory! },
    fetch: { ...fetch, proxy: fetch.proxy === 'none' ? null : fetch.proxy },
  };
  return { config: freeze(config), settings: layer };
}

function readDefaults(): Layer {
  const file = join(projectFolder, 'config', 'default.yaml');
  const layer = readConfigFile(file);
  const absent = [...LEAVES.keys()].filter((key) => !layer.has(key));
  if (absent.length > 0) throw new SidestreamError('CONFIG', `${file} lacks ${absent.join(', ')}`);
  return new Map([...layer].map(([key, { value }]) => [key, { value, source: 'default' }]));
}

function readFlags(flags: Readonly<Record<string, unknown>>): Layer {
  const layer: Layer = new Map();
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const fault = faultOf(LEAVES.get(key)!, value);
    if (fault) throw new SidestreamError('USAGE', `${optionOf(key)} ${redact(String(value))}: ${fault}`);
    layer.set(key, { value, source: optionOf(key) });
  }
  return layer;
}

/** The option that stands for a setting: its last word, but for the model's own name. */
const optionOf = (key: string) =>
  key === 'model.name' || key === 'redis.url'
    ? `--${key.split('.')[0]}`
    : `--${key.split('.').at(-1)!.replaceAll('_', '-')}`;

/** What is left open in the files is the platform's or the environment's to say. */
function fillIn(layer: Layer, environment: Environment): void {
  const open = (key: string) => layer.get(key)?.value === null;
  const take = (key: string, names: readonly string[], read: (text: string) => string) => {
    const source = names.find((name) => environment[name]);
    if (!open(key) || source === undefined) return;
    const value = read(environment[source]!);
    const fault = faultOf(LEAVES.get(key)!, value);
    if (fault) throw new SidestreamError('CONFIG', `${source}: ${key} ${fault}`);
    layer.set(key, { value, source });
  };
  for (const [key, folder] of [
    ['cache.directory', cacheFolder],
    ['data.directory', dataFolder],
  ] as const) {
    if (!open(key)) continue;
    // A user without a home is asked for it only where it is needed.
    const value = folder(process.platform, environment, homedir());
    layer.set(key, { value, source: 'default' });
  }
  // As curl takes them: a proxy without a scheme is an HTTP one.
  take('fetch.proxy', ['https_proxy', 'HTTPS_PROXY'], (text) =>
    text.includes('://') ? text : `http://${text}`,
  );
  take('fetch.no_proxy', ['no_proxy', 'NO_PROXY'], (text) => text);
}

/** `http.port` and its like as objects in objects. */
function nested(layer: Layer): Record<string, Record<string, unknown>> {
  const sections: Record<string, Record<string, unknown>> = {};
  for (const [key, { value }] of layer) {
    const [section, name] = key.split('.');
    sections[section] = { ...sections[section], [name]: value };
  }
  return sections;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) freeze(part);
    Object.freeze(value);
  }
  return value;
}
