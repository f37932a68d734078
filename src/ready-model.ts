import { join } from 'node:path';
import { foldersOf } from './config/folders.ts';
import type { LoadedConfig } from './config/load.ts';
import { type Model, openModel } from './rsan/model.ts';
import { findPack, type OpenPack, openPack } from './rsan/packs/pack.ts';

export interface ReadyModel extends AsyncDisposable {
  readonly model: Model;
  readonly pack: OpenPack;
  /** Folder for embeddings of words of this model. */
  readonly wordCache: string;
}

/** The model that the settings name, ready to run. What it runs on is said once, through `say`. */
export async function readyModel(
  { config }: Pick<LoadedConfig, 'config'>,
  say: (line: string) => void,
  loaded?: (part: string, seconds: number) => void,
): Promise<ReadyModel> {
  const folders = foldersOf(config);
  const pack = await openPack(await findPack(config.model.name, folders.packs));
  const { provider, precision, threads, sessions } = config.model;
  const cache = join(folders.cache, pack.identity.slice(0, 16));
  const model = await openModel(pack, {
    provider,
    precision,
    threads,
    cache,
    maxSessions: sessions,
    ...(loaded && { loaded }),
  });
  const why = model.passedOver.length > 0 ? ` (${model.passedOver.join('; ')})` : '';
  say(`${model.name} on ${model.provider}, ${model.precision}${why}`);
  return {
    model,
    pack,
    wordCache: join(cache, 'words'),
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}
