/** Seconds that stages took or were waited for. Stages overlap, so their sum may be more than the wall's. */
export interface Stopwatch<Stage extends string> {
  readonly seconds: Readonly<Record<Stage, number>>;
  /** The items, with the time it takes to get each counted for `stage`. */
  each<T>(stage: Stage, items: AsyncIterable<T>): AsyncGenerator<T>;
  time<T>(stage: Stage, work: () => Promise<T> | T): Promise<T>;
  /** Seconds since the stopwatch was made. */
  wall(): number;
}

export function createStopwatch<Stage extends string>(stages: readonly Stage[]): Stopwatch<Stage> {
  const begun = performance.now();
  const seconds = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;
  const time = async <T>(stage: Stage, work: () => Promise<T> | T): Promise<T> => {
    const start = performance.now();
    try {
      return await work();
    } finally {
      seconds[stage] += (performance.now() - start) / 1000;
    }
  };
  return {
    seconds,
    time,
    wall: () => (performance.now() - begun) / 1000,
    async *each(stage, items) {
      const iterator = items[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { value, done } = await time(stage, () => iterator.next());
          if (done) return;
          yield value;
        }
      } finally {
        await iterator.return?.();
      }
    },
  };
}
