import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { foldersOf, projectFolder } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { asSidestreamError, isErrno, SidestreamError } from '../core/errors.ts';
import type { Pack } from '../rsan/packs/pack.ts';
import { fetchApart } from './fetch-apart.ts';
import type { Fetching, ModelDetails, ModelState, Models, ModelView } from './models.ts';

interface Order {
  now: Fetching;
  readonly stop: AbortController;
  /** Settles when nothing goes on any more; never rejects. */
  ended: Promise<void>;
}

/** The model packs of this machine. What reads them is loaded when somebody asks. */
export function createModels(config: Config): Models {
  const folders = foldersOf(config);
  const orders = new Map<string, Order>();

  async function find(name: string): Promise<Pack> {
    const packs = await allPacks(config);
    const pack = packs.find(({ manifest }) => manifest.name === name);
    if (pack) return pack;
    const known = packs.map(({ manifest }) => manifest.name).join(', ');
    throw new SidestreamError('NOT_FOUND', `there is no model ${name}; known are ${known}`);
  }

  async function viewOf(pack: Pack): Promise<ModelView> {
    const { manifest, installed, directory } = pack;
    const { name, title, licence, source, short_side, names = [] } = manifest;
    const partial = installed ? 0 : await sizeOf(join(folders.fetched, `.${name}.partial`));
    return {
      name,
      title,
      state: stateOf(pack, folders.fetched),
      default: name === config.model.name || directory === resolve(config.model.name),
      bytes: installed
        ? manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)
        : (source.bytes ?? undefined),
      partial,
      licence,
      page: source.page,
      short_side,
      taught: names.length,
      fetching: installed ? undefined : orders.get(name)?.now,
    };
  }

  function begin(pack: Pack): void {
    const { name } = pack.manifest;
    const { proxy, no_proxy: noProxy, mirror, retries, timeout_ms } = config.fetch;
    const network = {
      ...(proxy === null ? {} : { proxy }),
      ...(noProxy === null ? {} : { noProxy }),
      ...(mirror === null ? {} : { mirror }),
      ...{ retries, timeout_ms },
    };
    const since = new Date().toISOString();
    const order: Order = {
      now: { bytes: 0, of: undefined, since, error: undefined },
      stop: new AbortController(),
      ended: Promise.resolve(),
    };
    orders.set(name, order);
    const progress = (bytes: number, of: number | undefined) => {
      order.now = { ...order.now, bytes, of };
    };
    const destination = folders.fetched;
    order.ended = fetchApart({ pack, destination, network }, progress, order.stop.signal).then(
      () => {
        orders.delete(name);
      },
      (thrown) => {
        const { code, message } = asSidestreamError(thrown);
        if (order.stop.signal.aborted) orders.delete(name);
        else order.now = { ...order.now, error: { code, message } };
      },
    );
  }

  return {
    list: async () => await Promise.all((await allPacks(config)).map(viewOf)),
    async get(name): Promise<ModelDetails> {
      const pack = await find(name);
      return { ...(await viewOf(pack)), names: pack.manifest.names ?? [] };
    },
    async fetch(name) {
      const pack = await find(name);
      const { page, url } = pack.manifest.source;
      const order = orders.get(name);
      const goesOn = order !== undefined && order.now.error === undefined && !order.stop.signal.aborted;
      if (pack.installed || goesOn) return await viewOf(pack);
      if (url === undefined)
        throw new SidestreamError('DOWNLOAD_FAILED', `${name} has no address to download from: see ${page}`);
      // The files of a try that is being cancelled are not ours before it has ended.
      await order?.ended;
      // Meanwhile it may have come.
      const now = await find(name);
      if (!now.installed && (orders.get(name) === order || !orders.has(name))) begin(now);
      return await viewOf(now);
    },
    async cancel(name) {
      const pack = await find(name);
      const order = orders.get(name);
      order?.stop.abort();
      await order?.ended;
      // One that had failed has nothing to stop: its error goes.
      if (order && orders.get(name) === order) orders.delete(name);
      return await viewOf(pack);
    },
    async [Symbol.asyncDispose]() {
      for (const { stop } of orders.values()) stop.abort();
      await Promise.all([...orders.values()].map(({ ended }) => ended));
    },
  };
}

/** All packs, that of the settings among them where it is given as a folder. */
async function allPacks(config: Config): Promise<readonly Pack[]> {
  const { listPacks, loadPack } = await import('../rsan/packs/pack.ts');
  const packs = await listPacks(foldersOf(config).packs);
  const { name } = config.model;
  if (!name.includes('/') && !name.startsWith('.')) return packs;
  const own = await loadPack(name);
  return [own, ...packs.filter(({ manifest }) => manifest.name !== own.manifest.name)];
}

function stateOf({ installed, directory, manifest }: Pack, fetched: string): ModelState {
  if (!installed) return manifest.source.url === undefined ? 'missing' : 'available';
  const parent = dirname(directory);
  if (parent === resolve(fetched)) return 'fetched';
  return parent === join(projectFolder, 'models') ? 'embedded' : 'own';
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}
