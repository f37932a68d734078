import type { Frame } from '../../core/frame.ts';
import { pts } from '../../core/time.ts';
import { explain } from '../../media/failures.ts';
import type { Size } from '../../media/geometry.ts';
import { decoderArguments, type LiveEncoder, painterArguments } from '../../media/live/argv.ts';
import { FED_TIME_BASE, type FedPacket, openFed, ticksOf } from '../../media/live/fed.ts';
import { createGop } from '../../media/live/gop.ts';
import { createKept } from '../../media/live/kept.ts';
import { type NutStream, rawVideo } from '../../media/nut.ts';
import type { NutFrame } from '../../media/nut-read.ts';
import type { FfmpegPaths } from '../../media/process.ts';
import { PAINT_LAYOUT } from './look.ts';

/**
 * The two processes that have a camera's pictures: one decodes them small, for the model; the other decodes the very same
 * packets, lays the names over them and codes the result. So no picture in full size ever comes here. What ends one of
 * them costs the frames that it had: it is started again from the last key frame on.
 */
export interface Pictures {
  /** What the camera sends from now on, the size that the model sees, and that of what is painted. */
  describe(stream: NutStream, seen: Size, painted: Size): void;
  /** `hidden`: its picture is decoded, and not shown. */
  write(packet: FedPacket, hidden: boolean): void;
  /** What is laid over the picture of that time. Pictures are laid over in their order. */
  paint(time: number, picture: Uint8Array): void;
  /** Nothing comes out any more: both are started anew. */
  restart(): void;
  close(): Promise<void>;
}

export interface PicturesDeps {
  readonly paths: FfmpegPaths;
  readonly ffmpegMajor: number;
  readonly encoder: LiveEncoder;
  readonly decoded: (frame: Omit<Frame, 'index'>, hidden: boolean) => void;
  /** A coded picture, painted. */
  readonly coded: (packet: FedPacket) => void;
  /** One of the two ended; `name` says which. */
  readonly down: (name: 'decoder' | 'encoder', error: unknown) => void;
}

const MEGABYTE = 1 << 20;
const [MOST_WAITING, MOST_GROUP] = [64 * MEGABYTE, 32 * MEGABYTE];

export function createPictures(deps: PicturesDeps, signal: AbortSignal): Pictures {
  const { paths, ffmpegMajor, encoder, decoded, coded, down } = deps;
  const gop = createGop<FedPacket & { readonly hidden: boolean }>(MOST_GROUP);
  let source: { readonly stream: NutStream; readonly seen: Size; readonly paint: NutStream } | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const told = (name: 'decoder' | 'encoder', error: unknown) => {
    if (!signal.aborted) down(name, explain(error, 'the camera', 'the painted pictures'));
  };

  const decoder = createKept({
    open: (streams) => {
      const options = decoderArguments(source!.seen, FED_TIME_BASE, ffmpegMajor);
      return openFed(streams, { options }, paths, signal);
    },
    replay: () => gop.packets.map((packet) => ({ packet, to: 0, hidden: packet.hidden })),
    frame(frame: NutFrame) {
      const time = ticksOf(frame);
      // It begins again with a key frame: what was seen is known already.
      if (time <= last) return;
      last = time;
      const { width, height } = frame.stream;
      const ticks = Math.floor(time);
      decoded({ pts: pts(ticks), width, height, data: frame.data }, ticks !== time);
    },
    down: (error) => told('decoder', error),
    mostWaiting: MOST_WAITING,
  });
  const painter = createKept({
    open: (streams) => {
      const options = painterArguments(streams[0], encoder, FED_TIME_BASE, ffmpegMajor);
      return openFed(streams, { options }, paths, signal);
    },
    // Their paint is gone.
    replay: () => gop.packets.map((packet) => ({ packet, to: 0, hidden: true })),
    frame: (frame) => coded({ stream: frame.stream, key: frame.key, pts: ticksOf(frame), data: frame.data }),
    down: (error) => told('encoder', error),
    mostWaiting: MOST_WAITING,
  });

  return {
    describe(stream, seen, painted) {
      const paint = rawVideo({ layout: PAINT_LAYOUT, ...painted, timeBase: FED_TIME_BASE });
      source = { stream, seen, paint };
      gop.clear();
      decoder.describe([stream]);
      painter.describe([stream, paint]);
    },
    write(packet, hidden) {
      gop.push({ ...packet, hidden });
      decoder.write(packet, 0, hidden);
      painter.write(packet, 0, hidden);
    },
    paint(time, data) {
      if (source) painter.write({ stream: source.paint, key: false, pts: time, data }, 1);
    },
    restart() {
      decoder.restart();
      painter.restart();
    },
    async close() {
      await Promise.all([decoder.close(), painter.close()]);
    },
  };
}
