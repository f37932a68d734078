import type { Place } from './plan.ts';
import { TICKS } from './segment-packets.ts';

/** Seconds by which sound may be off, once and for long, before it is put right: times of cameras are not even. */
const [ONCE, LONG] = [0.04, 0.008];
/** Share by which what it is off for long follows what each packet says. */
const SLOWLY = 0.05;
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
  let drift = 0;
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
        const off = place - written;
        // Within a piece one sample follows the other, though times say so only nearly.
        drift = piece === current ? drift + (off - drift) * SLOWLY : off;
        const isEven = Math.abs(off) <= ONCE * rate && Math.abs(drift) <= LONG * rate;
        if (piece !== current || !isEven) {
          if (off > 0) yield* silence(place);
          else skip -= off;
          drift = 0;
        }
        current = piece;
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
