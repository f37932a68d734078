import type { FfmpegPaths } from '../process.ts';
import type { ClipWriter } from './clip-writer.ts';
import { type Coder, openCoder } from './coder.ts';
import type { CodingLook } from './coder-argv.ts';
import { type CutPlan, inOrder, type PlacedCut } from './plan.ts';
import { type FilePacket, type KnownTracks, openPackets, type SoundAs, TICKS } from './segment-packets.ts';
import type { Sound } from './sound.ts';
import { type Run, smallest } from './stretches.ts';

/** Hands over what the plan wants of each file, one after the other. */

export interface AssembleDeps {
  readonly writer: ClipWriter;
  /** Undefined: there is none. */
  readonly sound: Sound | undefined;
  readonly look: CodingLook;
  readonly ffmpegMajor: number;
  readonly paths: FfmpegPaths;
  readonly tracks: KnownTracks;
}

/** What was written. Times are ticks since 1970. */
export interface Written {
  readonly frames: number;
  readonly encoded: number;
  readonly first: number;
  readonly last: number;
}

/** Ticks by which sound may lie behind the pictures of the same time in a file. */
const SOUND_BEHIND = TICKS / 2;

export async function assemble(plan: CutPlan, deps: AssembleDeps, signal: AbortSignal): Promise<Written> {
  let all: Written = {
    frames: 0,
    encoded: 0,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
  };
  for (const cut of plan.cuts) {
    const one = await assembleCut(cut, plan, deps, signal);
    all = {
      frames: all.frames + one.frames,
      encoded: all.encoded + one.encoded,
      first: Math.min(all.first, one.first),
      last: Math.max(all.last, one.last),
    };
  }
  if (deps.sound) await deps.writer.sound(await deps.sound.finish());
  return all;
}

async function assembleCut(
  cut: PlacedCut,
  { ahead, sound }: CutPlan,
  deps: AssembleDeps,
  signal: AbortSignal,
): Promise<Written> {
  const { times } = cut.stretch;
  const output = createOutput(cut, ahead, deps.writer);
  const works = cut.runs.map((run) =>
    run.kind === 'copy' ? copying(cut, run, output) : coding(cut, run, output, deps, signal),
  );
  const soundAs: SoundAs =
    sound.kind === 'none'
      ? 'none'
      : sound.kind === 'copy'
        ? 'coded'
        : { rate: sound.rate, channels: sound.channels };
  const [begin, end] = [
    Math.min(...cut.runs.map(({ from }) => from)),
    Math.max(...cut.runs.map(({ to }) => to)),
  ];
  try {
    let number = 0;
    for (const { facts, from, to } of cut.stretch.parts) {
      const zero = number - from;
      number += to - from;
      if (number <= begin || zero + from >= end) continue;
      const { packets } = openPackets(facts.segment.path, soundAs, deps, signal);
      let own = 0;
      for await (const packet of packets) {
        const time = packet.time - facts.zero + facts.segment.begin;
        const past = time >= cut.end + SOUND_BEHIND;
        if (packet.stream.kind === 'audio') {
          if (!past && deps.sound) {
            await deps.sound.add(time, packet.data);
            await deps.writer.sound(deps.sound.take());
          }
          continue;
        }
        const i = zero + own++;
        if (i >= end && (past || !deps.sound)) break;
        if (own > from && own <= to && i < end)
          for (const work of works) await work.take(i, packet, times[i]);
      }
    }
    for (const work of works) await work.finish();
    return output.written();
  } finally {
    for (const work of works) await work.kill();
  }
}

/** A run at work: is given all packets of its stretch, by number. */
interface Work {
  take(i: number, packet: FilePacket, time: number): Promise<void>;
  finish(): Promise<void>;
  kill(): Promise<void>;
}

function createOutput({ offset }: PlacedCut, ahead: number, writer: ClipWriter) {
  let [frames, encoded] = [0, 0];
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const count = (time: number) => {
    frames++;
    first = Math.min(first, time + offset);
    last = Math.max(last, time + offset);
  };
  return {
    async copied(
      time: number,
      order: number,
      { key, data }: Pick<FilePacket, 'key' | 'data'>,
    ): Promise<void> {
      count(time);
      await writer.picture({ time, decoded: order - ahead, key, data });
    },
    async coded(pictures: ReturnType<Coder['take']>, { sets }: Coder): Promise<void> {
      for (const { time, key, data } of pictures) {
        count(time);
        encoded++;
        await writer.picture({ time, decoded: time - ahead, key, data }, key ? sets : undefined);
      }
    },
    written: (): Written => ({ frames, encoded, first, last }),
  };
}
type Output = ReturnType<typeof createOutput>;

function copying({ stretch: { times }, offset }: PlacedCut, run: Run, output: Output): Work {
  const order = inOrder(times, run);
  return {
    async take(i, packet, time) {
      if (i >= run.from && i < run.to)
        await output.copied(time - offset, order[i - run.from] - offset, packet);
    },
    finish: async () => {},
    kill: async () => {},
  };
}

function coding(
  { stretch: { times, parts }, lo, hi, offset }: PlacedCut,
  run: Run,
  output: Output,
  { look, ffmpegMajor, paths }: AssembleDeps,
  signal: AbortSignal,
): Work {
  const zero = smallest(times.slice(run.from, run.to)) - offset;
  const name = parts[0].facts.segment.path;
  let coder: Coder | undefined;
  let finished = false;

  async function finish(): Promise<void> {
    if (finished || !coder) return;
    finished = true;
    await output.coded(await coder.finish(), coder);
    await coder.kill();
  }
  return {
    async take(i, { stream, key, data }, time) {
      if (i < run.from || i >= run.to) return;
      coder ??= await openCoder({ stream, look, zero, name, ffmpegMajor }, paths, signal);
      const seen = i >= run.seenFrom && time >= lo && time < hi;
      await coder.feed({ key, data }, time - offset, seen);
      // What comes behind it in the clip is written when all of it is.
      if (i === run.to - 1) await finish();
      else await output.coded(coder.take(), coder);
    },
    finish,
    async kill() {
      await coder?.kill();
    },
  };
}
