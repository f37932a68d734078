import type { Config } from '../src/config/load.ts';
import type { LoadedModel } from '../src/queue/worker-board.ts';
import { type ReadyModel, readyModel } from '../src/ready-model.ts';

/** The model that a worker has in memory, kept from job to job; several only while several are in use. */
export interface Models extends AsyncDisposable {
  /** Lends the model of that name. Dispose of it to give it back. */
  lend(name: string, precision?: string): Promise<{ readonly ready: ReadyModel } & Disposable>;
  /** Those in memory. */
  loaded(): readonly LoadedModel[];
}

export function createModels(
  config: Config,
  deps: {
    readonly say: (line: string) => void;
    readonly loaded: (part: string, seconds: number) => void;
  },
): Models {
  const present = new Map<string, { readonly ready: ReadyModel; users: number }>();
  let turn = Promise.resolve();

  async function find(name: string, precision: string | undefined) {
    const key = `${name} ${precision ?? ''}`;
    const fitting = [...present].find(
      ([known, { ready }]) =>
        known === key || (known.startsWith(`${name} `) && precision === ready.model.precision),
    );
    if (fitting) return fitting[1];
    // What nobody uses makes room for it.
    for (const [idle, { ready, users }] of present) {
      if (users > 0) continue;
      present.delete(idle);
      await ready[Symbol.asyncDispose]();
    }
    const model = {
      ...config.model,
      name,
      ...(precision ? { precision: precision as Config['model']['precision'] } : {}),
    };
    const ready = await readyModel({ config: { ...config, model } }, deps.say, deps.loaded);
    const fresh = { ready, users: 0 };
    present.set(key, fresh);
    return fresh;
  }

  return {
    async lend(name, precision) {
      // One at a time: two who want the same one share it.
      const mine = turn
        .then(() => find(name, precision))
        .then((found) => {
          found.users++;
          return found;
        });
      turn = mine.then(
        () => {},
        () => {},
      );
      const found = await mine;
      let given = false;
      return {
        ready: found.ready,
        [Symbol.dispose]() {
          if (!given) found.users--;
          given = true;
        },
      };
    },
    loaded: () =>
      [...present.values()].map(({ ready: { model } }) => ({
        name: model.name,
        provider: model.provider,
        precision: model.precision,
      })),
    async [Symbol.asyncDispose]() {
      await turn;
      for (const { ready } of present.values()) await ready[Symbol.asyncDispose]();
    },
  };
}
