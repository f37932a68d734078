import type { Place } from './plan.ts';
import { TICKS } from './segment-packets.ts';

/** Seconds by which sound may be off before it is put right: times of cameras are not even. */
const UNEVEN = 0.04;
/** Samples of silence that are written at once. */
const MOST_SILENCE = 1 << 15;

/** Sound of 16 bits a sample, laid out on a clip: one sample behind the other, silence where there is none. */
export interface SoundLine {
  /** What is to be written of some samples. `time`: of the first one, in ticks since 1970. */
  place(time: number, data: Uint8Array): Generator<Uint8Array>;
  /** Silence up to the clip's end, in ticks. */
  rest(length: number): Generator<Uint8Array>;
}

export function createSoundLine(pieces: readonly Place[], rate: number, channels: number): SoundLine {
  const frame = 2 * channels;
  let written = 0;
  let current: Place | undefined;
  const samples = (ticks: number) => Math.round((ticks * rate) / TICKS);

  function* silence(until: number): Generator<Uint8Array> {
    while (written < until) {
      const count = Math.min(MOST_SILENCE, until - written);
      written += count;
      yield Buffer.alloc(count * frame);
    }
  }

  return {
    *place(time, data) {
      const count = Math.floor(data.length / frame);
      const over = time + (count * TICKS) / rate;
      for (const piece of pieces) {
        if (over <= piece.from || time >= piece.to) continue;
        const end = samples(piece.at + piece.to - piece.from);
        let skip = Math.max(0, samples(piece.from - time));
        const place = samples(piece.at + Math.max(0, time - piece.from));
        // Within a piece one sample follows the other, though times say so only nearly.
        const uneven = piece === current ? UNEVEN * rate : 0;
        current = piece;
        if (place - written > uneven) yield* silence(place);
        else if (written - place > uneven) skip += written - place;
        const take = Math.min(count - skip, end - written);
        if (take <= 0) continue;
        written += take;
        yield data.subarray(skip * frame, (skip + take) * frame);
      }
    },
    *rest(length) {
      yield* silence(samples(length));
    },
  };
}
