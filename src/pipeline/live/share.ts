import type { Frame } from '../../core/frame.ts';
import type { Model, SeenRegions } from '../../rsan/model.ts';

type Seeing = Pick<Model, 'analyse' | 'analyseTogether' | 'lanes' | 'provider'>;

export interface Turns {
  readonly analyse: Model['analyse'];
  /** Does something with the model before any further frame: it is over sooner than it would be between them. */
  before<T>(work: () => Promise<T>): Promise<T>;
}

/** Frames in one run, at most: on a CPU one alone is no slower for each, and sooner. */
const mostTogether = ({ provider }: Seeing): number => (provider === 'cpu' ? 1 : 4);

/**
 * One model for several streams. Each of them has one frame with it at most, and they take turns in the order in which
 * they ask: so they are served alike. Frames of one size that wait together go together where that is faster, in batches
 * of 1, 2 or 4, for each of which a session is kept.
 */
export function createTurns(model: Seeing, most = mostTogether(model)): Turns {
  interface Waiting {
    readonly frame: Frame;
    readonly signal: AbortSignal | undefined;
    resolve(seen: SeenRegions): void;
    reject(reason: unknown): void;
  }
  const queue: Waiting[] = [];
  let running = 0;
  let held = 0;

  /** The one that has waited longest, and others of its size. */
  function next(): Waiting[] {
    const [{ frame }] = queue;
    const alike = queue.filter((one) => one.frame.width === frame.width && one.frame.height === frame.height);
    const size = 2 ** Math.floor(Math.log2(Math.min(most, alike.length)));
    const chosen = alike.slice(0, size);
    for (const one of chosen) queue.splice(queue.indexOf(one), 1);
    return chosen;
  }

  async function run(batch: readonly Waiting[]): Promise<void> {
    try {
      if (batch.length === 1) {
        const [{ frame, signal, resolve }] = batch;
        resolve(await model.analyse(frame, { refined: true }, signal));
      } else {
        // One that leaves must not take the others with it: its frame is seen for nothing.
        const seen = await model.analyseTogether(batch.map(({ frame }) => frame));
        for (const [i, { resolve }] of batch.entries()) resolve(seen[i]);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      running--;
      pump();
    }
  }

  function pump(): void {
    while (held === 0 && running <= model.lanes && queue.length > 0) {
      running++;
      void run(next());
    }
  }

  const analyse: Turns['analyse'] = async (frame, _, signal) => {
    signal?.throwIfAborted();
    let leave = () => {};
    try {
      return await new Promise<SeenRegions>((resolve, reject) => {
        leave = () => reject(signal?.reason);
        signal?.addEventListener('abort', leave, { once: true });
        queue.push({ frame, signal, resolve, reject });
        pump();
      });
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  };
  return {
    analyse,
    async before(work) {
      held++;
      try {
        return await work();
      } finally {
        held--;
        pump();
      }
    },
  };
}

const shared = new WeakMap<object, Turns>();

/** The turns of a model, the same for all who ask. */
export function turnsOf(model: Seeing): Turns {
  const known = shared.get(model) ?? createTurns(model);
  shared.set(model, known);
  return known;
}
