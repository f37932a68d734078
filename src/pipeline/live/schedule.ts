import type { Frame } from '../../core/frame.ts';

/** Which frames go through the model. `latest`: the newest whenever it is free; a number: each n-th, from the first on. */
export type Policy = 'latest' | number;

export interface ScheduleDeps<R> {
  /** One frame at a time. Takes the frame's memory. */
  analyse(frame: Frame): Promise<R>;
  /** Told of every frame, in order. `result`: of this frame, or of the newest before it that was analysed. */
  emit(frame: Emitted, result: R | undefined): void;
  failed(error: unknown): void;
}

export type Emitted = Omit<Frame, 'data'> & {
  readonly analysed: boolean;
  /** For `move`: what it looks like; without it where the model has it. */
  readonly data: Frame['data'] | undefined;
};

export interface Schedule {
  push(frame: Frame): void;
  policy: Policy;
  /** Frames that wait for the model. */
  readonly waiting: number;
  /** Forgets what waits, what the model has, and what it found last. */
  clear(): void;
}

/**
 * Newest frame wins: while the model has a frame, those that come wait; when it is done, they are shown with what it found,
 * but for the newest, which goes next. So a frame waits for one run of the model at most, however many come meanwhile.
 * Frames that are to be analysed by number wait for their own turn: whoever feeds this bounds how many.
 */
export function createSchedule<R>(policy: Policy, deps: ScheduleDeps<R>): Schedule {
  const waiting: Frame[] = [];
  let busy = false;
  let result: R | undefined;
  let generation = 0;

  const show = (frame: Frame, analysed: boolean) => {
    const { index, pts, width, height, data } = frame;
    deps.emit({ index, pts, width, height, analysed, data: analysed ? undefined : data }, result);
  };

  function isDue({ index }: Frame, i: number): boolean {
    return schedule.policy === 'latest' ? i === waiting.length - 1 : index % schedule.policy === 0;
  }

  function pump(): void {
    while (!busy && waiting.length > 0) {
      const due = isDue(waiting[0], 0);
      const frame = waiting.shift()!;
      if (due) void run(frame);
      else show(frame, false);
    }
  }

  async function run(frame: Frame): Promise<void> {
    busy = true;
    const mine = generation;
    let found: R | undefined;
    try {
      found = await deps.analyse(frame);
    } catch (error) {
      deps.failed(error);
    }
    busy = false;
    if (mine === generation) {
      result = found ?? result;
      show({ ...frame, data: new Uint8Array(0) }, found !== undefined);
    }
    pump();
  }

  const schedule: Schedule = {
    policy,
    push(frame) {
      waiting.push(frame);
      pump();
    },
    get waiting() {
      return waiting.length + (busy ? 1 : 0);
    },
    clear() {
      waiting.length = 0;
      result = undefined;
      generation++;
    },
  };
  return schedule;
}
