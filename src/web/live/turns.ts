/** So many at a time; the others wait in the order in which they came. */
export interface Turns {
  /** Gives what ends one's turn; undefined where `signal` says that nobody waits any more. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createTurns(atOnce: number): Turns {
  const waiting = new Set<() => void>();
  let busy = 0;

  function next(): void {
    if (busy >= atOnce) return;
    const [first] = waiting;
    first?.();
  }

  return {
    take: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined);
        const give = () => {
          waiting.delete(give);
          signal.removeEventListener('abort', leave);
          busy++;
          let mine = true;
          resolve(() => {
            if (!mine) return;
            mine = false;
            busy--;
            next();
          });
        };
        const leave = () => {
          waiting.delete(give);
          resolve(undefined);
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.add(give);
        next();
      }),
  };
}
