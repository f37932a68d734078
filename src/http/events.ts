/** Server-sent events, as the HTML standard has them. */

/** One event, of a job or of a rule. */
export interface ServerSent {
  /** What `Last-Event-ID` resumes from, where that can be done. */
  readonly id?: string;
  readonly event: string;
  readonly data: object;
}

/** Milliseconds between signs of life: proxies close what is silent for longer. */
export const HEARTBEAT_MS = 15_000;

/** One event. Line breaks in an id or a name would be others' events. */
export const eventText = ({ id, event, data }: ServerSent): string =>
  `${id === undefined ? '' : `id: ${oneLine(id)}\n`}event: ${oneLine(event)}\ndata: ${JSON.stringify(data)}\n\n`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL ends an id
const oneLine = (text: string): string => text.replace(/[\r\n\u0000]/g, '');

interface StreamOptions {
  /** Ends the stream with a comment, so that the client connects again elsewhere. */
  readonly closing: AbortSignal;
  readonly heartbeatMs?: number;
  /** An event that was waited for before the stream began. */
  readonly first?: IteratorResult<ServerSent, unknown> | undefined;
}

/**
 * The text of a stream of events, until they end. Nothing is asked for before it is taken: a slow client makes the events
 * wait. Ends `events` however it ends itself; an error of theirs is thrown on.
 */
export async function* eventStream(
  events: AsyncGenerator<ServerSent>,
  { closing, heartbeatMs = HEARTBEAT_MS, first }: StreamOptions,
): AsyncGenerator<string> {
  try {
    yield 'retry: 1000\n\n';
    let next = first ? Promise.resolve(first) : events.next();
    for (;;) {
      next.catch(() => {}); // It is awaited later, perhaps after it has failed.
      const came = await within(heartbeatMs, next, closing);
      if (came === 'closing') {
        yield ': the server closes, connect again\n\n';
        return;
      }
      if (came === undefined) {
        yield ': still here\n\n';
        continue;
      }
      if (came.done) return;
      yield eventText(came.value);
      next = events.next();
    }
  } finally {
    // Not awaited: it waits for what it does at present, which only its own signal ends.
    events.return(undefined).catch(() => {});
  }
}

/** What comes first: `next`, the closing, or nothing for `milliseconds`. Leaves no listener behind. */
async function within<T>(
  milliseconds: number,
  next: Promise<T>,
  closing: AbortSignal,
): Promise<T | 'closing' | undefined> {
  if (closing.aborted) return 'closing';
  let settle = () => {};
  try {
    return await new Promise<T | 'closing' | undefined>((resolve, reject) => {
      const timer = setTimeout(() => resolve(undefined), milliseconds);
      const onClosing = () => resolve('closing');
      closing.addEventListener('abort', onClosing, { once: true });
      settle = () => {
        clearTimeout(timer);
        closing.removeEventListener('abort', onClosing);
      };
      next.then(resolve, reject);
    });
  } finally {
    settle();
  }
}
