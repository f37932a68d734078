/** Counts wrong keys by client, so that nobody can try many. */
export interface Attempts {
  /** Notes a wrong key. */
  fail(client: string): void;
  /** Seconds that the client must wait, at least 1; undefined where it need not. */
  wait(client: string): number | undefined;
  /** Notes that a key was right. */
  succeed(client: string, key: string): void;
  /** True where the client has shown this key before: it guesses nothing then. */
  knows(client: string, key: string): boolean;
}

/** Clients and pairs kept in mind at most; the oldest are forgotten first. */
const MOST = 10_000;

/** `limit` wrong keys in `windowMs` milliseconds are let pass; `now`: milliseconds. */
export function createAttempts(limit: number, windowMs: number, now: () => number = Date.now): Attempts {
  const failures = new Map<string, { count: number; until: number }>();
  const shown = new Set<string>();
  const pair = (client: string, key: string) => `${client} ${key}`;
  const current = (client: string) => {
    const entry = failures.get(client);
    if (entry && entry.until <= now()) failures.delete(client);
    return failures.get(client);
  };
  return {
    fail(client) {
      const entry = current(client);
      if (entry) {
        entry.count++;
        return;
      }
      forgetOldest(failures);
      failures.set(client, { count: 1, until: now() + windowMs });
    },
    wait(client) {
      const entry = current(client);
      if (!entry || entry.count < limit) return undefined;
      return Math.max(1, Math.ceil((entry.until - now()) / 1000));
    },
    succeed(client, key) {
      if (shown.has(pair(client, key))) return;
      forgetOldest(shown);
      shown.add(pair(client, key));
    },
    knows: (client, key) => shown.has(pair(client, key)),
  };
}

function forgetOldest(entries: Map<string, unknown> | Set<string>): void {
  if (entries.size < MOST) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
