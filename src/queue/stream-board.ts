import type { Fault, StreamState, StreamStats, Wish } from '../streams/streams.ts';

/**
 * What servers and workers tell each other of a stream. Who holds a stream has a token, a number that grows with each
 * holder; whatever is said with an older token is not heard (a fencing token: Kleppmann, How to do distributed locking,
 * 2016). So a holder that was taken for dead learns that it is none any more and can spoil nothing.
 */
export interface StreamBoard {
  /** Says what is asked of the stream; the newest revision counts. Begins the board where it is not there. */
  want(id: string, revision: number, wish: Wish): Promise<void>;
  /** Takes the stream over: gives a new token. Undefined where the board is not there: the stream was removed. */
  take(id: string, worker: string): Promise<Taken | undefined>;
  /** Undefined: the token is an old one, or the stream was removed; whoever says it must stop. */
  report(id: string, token: number, report: StreamReport): Promise<Wanted | undefined>;
  /** Says where the state of the association lies (a key of the storage). False where the token is an old one. */
  saved(id: string, token: number, key: string): Promise<boolean>;
  /** Gives the stream back: nobody holds it. Nothing where the token is an old one. */
  release(id: string, token: number): Promise<void>;
  read(ids: readonly string[]): Promise<readonly (StreamSituation | undefined)[]>;
  remove(id: string): Promise<void>;
  /** Says how many streams this worker holds, and could; forgotten after `seconds`. */
  load(worker: string, load: Load, seconds: number): Promise<void>;
  loads(): Promise<ReadonlyMap<string, Load>>;
}

export interface Wanted {
  readonly revision: number;
  readonly wish: Wish;
}

export interface Taken extends Wanted {
  readonly token: number;
  /** Key of the storage where the last holder left its state. */
  readonly state: string | undefined;
}

export interface StreamReport {
  readonly state: StreamState;
  readonly reason: Fault | undefined;
  /** The revision that is in force. */
  readonly applied: number;
  /** A revision that was refused, and why. */
  readonly refused?: { readonly revision: number; readonly fault: Fault };
  readonly stats: StreamStats | undefined;
  /** Where the worker is asked for pictures: its address (http://host:port), and the word that opens it. */
  readonly gate: { readonly url: string; readonly word: string };
}

export interface StreamSituation extends Wanted {
  /** Of the newest holder; 0 before the first. */
  readonly token: number;
  readonly worker: string | undefined;
  readonly report: StreamReport | undefined;
  /** Milliseconds since 1970 of the last report, and since when its state is what it is. */
  readonly reported: number | undefined;
  readonly since: number | undefined;
  readonly saved: string | undefined;
}

export interface Load {
  readonly streams: number;
  readonly most: number;
}
