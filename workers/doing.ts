import type { Job } from 'bullmq';
import type { QueueName } from '../src/queue/names.ts';
import type { PieceOfWork } from '../src/queue/worker-board.ts';

/** What this worker is doing at the moment. */
export interface Doing {
  /** Disposal says that it is over. */
  begin(piece: Omit<PieceOfWork, 'since'>): Disposable;
  /** The oldest first. */
  now(): readonly PieceOfWork[];
  /** Called when that changes. */
  changed: () => void;
}

export function createDoing(): Doing {
  const pieces = new Set<PieceOfWork>();
  const doing: Doing = {
    begin(piece) {
      const mine = { ...piece, since: Date.now() };
      pieces.add(mine);
      doing.changed();
      return {
        [Symbol.dispose]() {
          pieces.delete(mine);
          doing.changed();
        },
      };
    },
    now: () => [...pieces],
    changed() {},
  };
  return doing;
}

/** A processor as BullMQ wants it. */
type Processor = (entry: Job, token: string | undefined, signal: AbortSignal | undefined) => Promise<unknown>;

/** The same processor, with a note of what it works on. */
export function noting(queue: QueueName, doing: Doing, process: Processor): Processor {
  // BullMQ looks at how many parameters a processor declares to decide whether it is given a signal.
  return async (entry, token, signal) => {
    const { job, clip, part, step } = entry.data;
    using _ = doing.begin({ queue, job, clip, part, step });
    return await process(entry, token, signal);
  };
}
