import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environment.ts';
import type { Config } from './load.ts';

/** The folder with package.json: sources and what is compiled lie at different depths below it. */
export const projectFolder: string = findUp(dirname(fileURLToPath(import.meta.url)));

function findUp(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package.json is missing: the installation is not whole');
  return findUp(parent);
}

/** Where this user's caches go by the platform's conventions. */
export function cacheFolder(platform: NodeJS.Platform, environment: Environment, home: string): string {
  if (platform === 'win32') {
    return join(environment.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'sidestream', 'cache');
  }
  // A relative one is to be ignored, says the XDG base directory specification.
  const asked = environment.XDG_CACHE_HOME;
  if (asked && isAbsolute(asked)) return join(asked, 'sidestream');
  return platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'sidestream')
    : join(home, '.cache', 'sidestream');
}

/** Where this user's data go by the platform's conventions. */
export function dataFolder(platform: NodeJS.Platform, environment: Environment, home: string): string {
  if (platform === 'win32') {
    return join(environment.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'sidestream', 'data');
  }
  const asked = environment.XDG_DATA_HOME;
  if (asked && isAbsolute(asked)) return join(asked, 'sidestream');
  return platform === 'darwin'
    ? join(home, 'Library', 'Application Support', 'sidestream')
    : join(home, '.local', 'share', 'sidestream');
}

export interface Folders {
  /** Folders of model packs: asked for, fetched, shipped. The first that has a pack wins. */
  readonly packs: readonly string[];
  /** Where fetched packs go. */
  readonly fetched: string;
  /** Built graphs and embedded words. */
  readonly cache: string;
  /** What the server alone keeps: records and unfinished uploads. */
  readonly data: string;
  /** Results, where they are kept as files. */
  readonly storage: string;
}

export function foldersOf({ model, cache, data, storage }: Config): Folders {
  const fetched = join(cache.directory, 'models');
  return {
    packs: [...model.directories, fetched, join(projectFolder, 'models')],
    fetched,
    cache: join(cache.directory, 'graphs'),
    data: data.directory,
    storage: storage.directory ?? join(data.directory, 'storage'),
  };
}
