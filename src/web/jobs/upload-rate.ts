/** Milliseconds that are looked back. */
const WINDOW = 6000;

/** How fast something comes along, of late. */
export interface Rate {
  /** `bytes`: all that is through, at `now` in milliseconds. */
  add(bytes: number, now: number): void;
  /** Bytes a second; undefined as long as it cannot be told. */
  value(now: number): number | undefined;
  /** Forgets: what went before says nothing of what comes. */
  clear(): void;
}

export function createRate(): Rate {
  let seen: { readonly bytes: number; readonly at: number }[] = [];
  return {
    add(bytes, now) {
      seen.push({ bytes, at: now });
      // The last one from before the window is where it begins.
      const begin = seen.findLastIndex(({ at }) => at <= now - WINDOW);
      if (begin > 0) seen = seen.slice(begin);
    },
    value(now) {
      const first = seen[0];
      const last = seen.at(-1);
      if (!first || !last || last.at - first.at < 500) return undefined;
      return Math.max(0, ((last.bytes - first.bytes) * 1000) / (Math.max(now, last.at) - first.at));
    },
    clear() {
      seen = [];
    },
  };
}
