import { setTimeout as sleep } from 'node:timers/promises';
import { createBell } from '../clips/events/bell.ts';
import { onceInAWhile } from '../queue/quiet.ts';
import { toEvent } from './clip-schemas.ts';
import type { ServerSent } from './events.ts';
import { createInbox, type Inbox } from './feed-inbox.ts';
import { type Kind, type Things, type Told, watchClips, watchJobs, watchStreams } from './feed-things.ts';
import type { AppDeps } from './settings.ts';

/** All that changes, for all who listen: one look at everything for all of them together, and none while nobody listens. */
export interface Feed {
  /**
   * A `hello`, then whatever changes from then on, no faster than it is taken: of each thing the newest state. Ends with a
   * `bye` when `closing` is aborted or the listener may hear no more, and without one when `gone` is.
   */
  listen(listener: Listener): AsyncGenerator<ServerSent>;
  /** Somebody has just made, changed or removed something: it is looked at soon. `id`: of a thing that there was before. */
  touch(kind: Kind, id: string | undefined): void;
}

export interface Listener {
  readonly gone: AbortSignal;
  readonly closing: AbortSignal;
  /** Whether it may still hear what is told. */
  readonly mayStill: () => boolean;
}

/** Why a feed ends that would go on. */
export const FAREWELLS = ['closing', 'signed-out'] as const;

type FeedDeps = Pick<AppDeps, 'jobs' | 'streams' | 'clips' | 'events' | 'logger' | 'version'>;

/** Milliseconds between two looks, and at least where the server was asked for a change. */
const [LOOK, SOON] = [1000, 50];
/** So many times as long as a look took is waited after it: a large installation has other things to do. */
const REST = 4;
/** Milliseconds between two looks at whether a listener may still listen. */
const CHECK = 3000;

/** What goes on while somebody listens. */
interface Run {
  readonly inboxes: Set<Inbox>;
  /** Resolved once it is known how everything stands: what changes from then on is told. */
  readonly begun: Promise<unknown>;
  readonly looks: readonly Look[];
  readonly stop: AbortController;
}

export function createFeed({ jobs, streams, clips, events, logger, version }: FeedDeps): Feed {
  let run: Run | undefined;
  const warn = onceInAWhile((error: unknown) =>
    logger.warn({ err: error }, 'the feed does not know what has changed: it looks again'),
  );

  function start(): Run {
    const stop = new AbortController();
    const inboxes = new Set<Inbox>();
    const tell = (told: Told) => {
      for (const inbox of inboxes) inbox.put(told);
    };
    const looks = [watchJobs(jobs), watchStreams(streams), watchClips(clips)].map((things) =>
      lookAgain(things, { tell, warn, signal: stop.signal }),
    );
    void followEvents(tell, stop.signal);
    return { inboxes, looks, begun: Promise.all(looks.map(({ begun }) => begun)), stop };
  }

  /** Events of rules tell of themselves. */
  async function followEvents(tell: (told: Told) => void, signal: AbortSignal): Promise<void> {
    for (let after: string | undefined; !signal.aborted; await pause(LOOK, signal)) {
      try {
        for await (const { id, data } of events.follow({}, after, signal)) {
          after = id;
          tell({ kind: 'event', id: data.id, event: 'event', data: toEvent(data) });
        }
      } catch (error) {
        warn(error);
      }
    }
  }

  function leave(mine: Run, inbox: Inbox): void {
    mine.inboxes.delete(inbox);
    if (mine.inboxes.size > 0) return;
    mine.stop.abort();
    if (run === mine) run = undefined;
  }

  return {
    touch(kind, id) {
      for (const look of run?.looks ?? []) if (look.kind === kind) look.touch(id);
    },
    async *listen({ gone, closing, mayStill }) {
      run ??= start();
      const mine = run;
      const inbox = createInbox();
      mine.inboxes.add(inbox);
      const over = new AbortController();
      const end = () => over.abort();
      for (const signal of [gone, closing]) {
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
      }
      try {
        await Promise.race([mine.begun, aborted(over.signal)]);
        if (!over.signal.aborted) yield { event: 'hello', data: { version, time: new Date().toISOString() } };
        for (let checked = Date.now(); !over.signal.aborted; ) {
          if (Date.now() - checked >= CHECK) {
            if (!mayStill()) return yield bye('signed-out');
            checked = Date.now();
          }
          const next = await inbox.take(CHECK, over.signal);
          if (next) yield next;
        }
        if (!gone.aborted) yield bye('closing');
      } finally {
        for (const signal of [gone, closing]) signal.removeEventListener('abort', end);
        leave(mine, inbox);
      }
    },
  };
}

const bye = (reason: (typeof FAREWELLS)[number]): ServerSent => ({ event: 'bye', data: { reason } });

/** Looks at things of one kind again and again. */
interface Look {
  readonly kind: Kind;
  /** Resolved after the first look. */
  readonly begun: Promise<void>;
  touch(id: string | undefined): void;
}

interface Looking {
  readonly tell: (told: Told) => void;
  readonly warn: (error: unknown) => void;
  readonly signal: AbortSignal;
}

function lookAgain(things: Things, { tell, warn, signal }: Looking): Look {
  const bell = createBell();
  let touched = new Set<string>();

  async function look(): Promise<void> {
    const asked = touched;
    touched = new Set();
    try {
      for (const told of await things.look(asked)) tell(told);
    } catch (error) {
      touched = new Set([...asked, ...touched]);
      warn(error);
    }
  }

  async function goOn(): Promise<void> {
    for (let seen = 0, took = 0; !signal.aborted; ) {
      const least = Math.max(SOON, took);
      await pause(least, signal);
      await bell.next(seen, Math.max(LOOK, took * REST) - least, signal);
      if (signal.aborted) return;
      seen = bell.rings;
      const begun = performance.now();
      await look();
      took = performance.now() - begun;
    }
  }

  const begun = look();
  void begun.then(goOn);
  return {
    kind: things.kind,
    begun,
    touch(id) {
      if (id !== undefined) touched.add(id);
      bell.ring();
    },
  };
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal }).catch(() => {}); // Whoever waits looks at the signal.

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
