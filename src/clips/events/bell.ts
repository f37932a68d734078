/** Tells those who wait within this process that there is something new. Nothing is missed between a look and a wait. */
export interface Bell {
  /** How often it has rung. */
  readonly rings: number;
  ring(): void;
  /** Waits until it has rung more often than `rings`, for `milliseconds` at most, or until `signal` is aborted. */
  next(rings: number, milliseconds: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let rings = 0;
  const waiting = new Set<() => void>();
  return {
    get rings() {
      return rings;
    },
    ring() {
      rings++;
      for (const wake of [...waiting]) wake();
    },
    next: (known, milliseconds, signal) =>
      new Promise((resolve) => {
        if (rings > known || signal.aborted) return resolve();
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, milliseconds);
        signal.addEventListener('abort', wake, { once: true });
        waiting.add(wake);
      }),
  };
}
