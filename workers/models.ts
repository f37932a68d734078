import type { Config } from '../src/config/load.ts';
import { type ReadyModel, readyModel } from '../src/ready-model.ts';

/** The one model that a worker has in memory, kept from job to job. */
export interface Models extends AsyncDisposable {
  /** Lends the model of that name; waits while another is in use. Dispose of it to give it back. */
  lend(name: string, precision?: string): Promise<{ readonly ready: ReadyModel } & Disposable>;
}

export function createModels(
  config: Config,
  deps: {
    readonly say: (line: string) => void;
    readonly loaded: (part: string, seconds: number) => void;
  },
): Models {
  let present: { key: string; ready: ReadyModel } | undefined;
  let users = 0;
  let turn = Promise.resolve();
  const idle: (() => void)[] = [];

  async function change(name: string, precision: string | undefined): Promise<ReadyModel> {
    const key = `${name} ${precision ?? ''}`;
    const fits =
      present?.key === key ||
      (present && precision === present.ready.model.precision && present.key.startsWith(`${name} `));
    if (present && fits) return present.ready;
    while (users > 0) await new Promise<void>((resolve) => idle.push(resolve));
    await present?.ready[Symbol.asyncDispose]();
    present = undefined;
    const model = {
      ...config.model,
      name,
      ...(precision ? { precision: precision as Config['model']['precision'] } : {}),
    };
    const ready = await readyModel({ config: { ...config, model } }, deps.say, deps.loaded);
    present = { key, ready };
    return ready;
  }

  return {
    async lend(name, precision) {
      // One at a time: who needs another model waits for its turn, and nobody overtakes.
      const mine = turn
        .then(() => change(name, precision))
        .then((ready) => {
          users++;
          return ready;
        });
      turn = mine.then(
        () => {},
        () => {},
      );
      const ready = await mine;
      let given = false;
      return {
        ready,
        [Symbol.dispose]() {
          if (given) return;
          given = true;
          if (--users === 0) for (const go of idle.splice(0)) go();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await turn;
      await present?.ready[Symbol.asyncDispose]();
    },
  };
}
