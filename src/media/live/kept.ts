import type { NutStream } from '../nut.ts';
import type { NutFrame } from '../nut-read.ts';
import type { Fed, FedPacket } from './fed.ts';

/** One packet with where it goes. */
export interface Routed {
  readonly packet: FedPacket;
  /** Number of its stream. */
  readonly to: number;
  readonly hidden?: boolean;
}

export interface KeptOptions {
  open(streams: readonly NutStream[]): Fed;
  /** What it makes. */
  frame?(frame: NutFrame): void;
  /** What a new one is fed first; else it waits for a key frame. */
  replay?(): Iterable<Routed>;
  /** It has ended, and is started again after `wait` milliseconds. */
  down(error: unknown, wait: number): void;
  /** It runs, and takes packets. */
  up?(): void;
  /** Bytes that may wait for it. Beyond, packets are left out up to the next key frame. */
  readonly mostWaiting: number;
}

/** An ffmpeg that is fed, and replaced whenever it ends. Nothing here ever waits for it. */
export interface Kept {
  /** What it is fed from now on; starts it anew where that is something else than before. */
  describe(streams: readonly NutStream[]): void;
  write(packet: FedPacket, to: number, hidden?: boolean): void;
  /** Ends it now; a new one follows. */
  restart(): void;
  readonly running: boolean;
  /** Times that packets had to be left out. */
  readonly skips: number;
  /** Lets it finish what it has, for at most a second. */
  close(): Promise<void>;
}

/** Milliseconds until an ended one is followed by the next: at first, and at most. */
const [SOON, LATE] = [100, 30_000];
/** Milliseconds that it must have run for its end to count as the first one. */
const LASTING = 10_000;
/** Milliseconds that it may take to finish. */
const GOODBYE = 1000;

export function createKept(options: KeptOptions): Kept {
  let streams: readonly NutStream[] | undefined;
  let fed: Fed | undefined;
  let waitsForKey = true;
  let failed = 0;
  let skips = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const ending = new Set<Promise<unknown>>();

  function start(): void {
    timer = undefined;
    if (!streams || closed) return;
    const mine = options.open(streams);
    const begun = performance.now();
    fed = mine;
    waitsForKey = true;
    for (const { packet, to, hidden } of options.replay?.() ?? []) {
      waitsForKey = false;
      mine.write(packet, to, hidden);
    }
    options.up?.();
    const work = follow(mine).then((error) => {
      ending.delete(work);
      if (fed !== mine) return;
      fed = undefined;
      if (closed) return;
      failed = performance.now() - begun > LASTING ? 1 : failed + 1;
      const wait = Math.min(LATE, SOON * 4 ** (failed - 1));
      timer = setTimeout(start, wait);
      options.down(error, wait);
    });
    ending.add(work);
  }

  /** Takes what it makes until it is gone; gives why it is. */
  async function follow(mine: Fed): Promise<unknown> {
    let fault: unknown;
    try {
      if (options.frame) {
        for await (const frame of mine.frames()) if (fed === mine) options.frame(frame);
      }
    } catch (error) {
      fault = error; // Cut off in the middle of a picture: its own end says more.
      mine.kill();
    }
    return await mine.ended.then(
      () => fault ?? new Error('it ended'),
      (error: unknown) => error,
    );
  }

  return {
    describe(next) {
      if (streams && alike(streams, next)) return;
      streams = next;
      fed?.kill();
      fed = undefined;
      clearTimeout(timer);
      failed = 0;
      start();
    },
    write(packet, to, hidden) {
      if (!fed) return;
      if (waitsForKey) {
        if (!packet.key || packet.stream.kind !== 'video' || to !== 0) return;
        waitsForKey = false;
      }
      if (fed.waiting > options.mostWaiting) {
        skips++;
        waitsForKey = true;
        return;
      }
      fed.write(packet, to, hidden);
    },
    restart() {
      fed?.kill();
    },
    get running() {
      return fed !== undefined;
    },
    get skips() {
      return skips;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      const last = fed;
      last?.end();
      const patience = setTimeout(() => last?.kill(), GOODBYE);
      await Promise.all(ending);
      clearTimeout(patience);
    },
  };
}

const alike = (a: readonly NutStream[], b: readonly NutStream[]): boolean =>
  a.length === b.length && a.every((stream, i) => isSameStream(stream, b[i]));

/** True for streams that can be fed to the same process. */
export function isSameStream(a: NutStream, b: NutStream): boolean {
  const equal = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;
  return equal(a.fourcc, b.fourcc) && equal(a.specific, b.specific) && equal(a.rest, b.rest);
}
