import { setMaxListeners } from 'node:events';
import { asSidestreamError, SidestreamError } from '../core/errors.ts';
import type { Frame, MaskGeometry } from '../core/frame.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import { modelSize, paintSize, type Size } from '../media/geometry.ts';
import type { LiveEncoder } from '../media/live/argv.ts';
import type { FedPacket } from '../media/live/fed.ts';
import { isSameStream } from '../media/live/kept.ts';
import { type NutStream, pictureBytes } from '../media/nut.ts';
import type { FfmpegPaths } from '../media/process.ts';
import { camera } from '../media/rtsp/camera.ts';
import { LIVE_TIME_BASE, wallOf } from '../media/rtsp/clock.ts';
import type { CameraPacket, WatchOptions } from '../media/rtsp/connection.ts';
import { codecOf } from '../media/rtsp/parameter-sets.ts';
import type { CameraAddress } from '../media/rtsp/source.ts';
import { type Model, maskGeometry } from '../rsan/model.ts';
import type { Seeded } from './associate.ts';
import { createLedger } from './live/ledger.ts';
import { createLook, type Look, PAINT_LAYOUT, type Style } from './live/look.ts';
import { type Motions, moved } from './live/move.ts';
import { createLiveNamer, type LiveMemory, type Words } from './live/namer.ts';
import { createPictures } from './live/pictures.ts';
import { createSchedule, type Emitted, type Policy } from './live/schedule.ts';
import { createTeller, type Named, type Shown, type Teller } from './live/shown.ts';
import type { PointNaming } from './name.ts';
import { pointRegions } from './point-regions.ts';

/**
 * A camera, named as it comes. The way of a frame:
 * connect → decode → analyse → associate → name → paint → encode → out.
 * Nothing waits for what comes behind it: what cannot be shown in time is counted and left out.
 */
export interface LiveRequest {
  readonly address: CameraAddress;
  readonly watch: WatchOptions;
  readonly words: Words;
  readonly policy: Policy;
  /** What frames show that do not go through the model: its last masks as they were, or moved along. */
  readonly between: Between;
  /** Pixels of the shorter side of what the model sees. */
  readonly shortSide: number;
  readonly encoder: LiveEncoder;
  readonly style: Style;
  /** Pixels of the longer side of the painted picture. */
  readonly paintSide: number;
  /** Milliseconds that pictures may be under way. */
  readonly backlog: number;
  /** What another one remembered, to go on from. */
  readonly memory?: LiveMemory;
}

export interface LiveDeps {
  readonly paths: FfmpegPaths;
  readonly ffmpegMajor: number;
  readonly model: Pick<Model, 'architecture' | 'analyse'>;
  /** Where it all goes. Must not wait. */
  readonly out: {
    video(packet: FedPacket): void;
    audio(packet: FedPacket): void;
    /** What the camera sends, as it comes. */
    readonly camera?: ((packet: FedPacket) => void) | undefined;
    shown(frame: Shown): void;
    /** What the model saw, and what it was called: frame by frame, in order. */
    readonly seen?: ((frame: Seen) => void) | undefined;
  };
  /** Told when pictures begin to come, and why they do not. */
  readonly state: (state: 'connecting' | 'live', reason?: SidestreamError) => void;
  /** Told of what went wrong and was got over. */
  readonly trouble: (what: string, error: SidestreamError) => void;
}

/** A frame that went through the model. */
export interface Seen extends Omit<Seeded, 'index' | 'analysed'> {
  readonly naming: PointNaming;
  readonly vocabulary: Vocabulary;
}

export interface Live {
  /** Goes on until `signal` is aborted, and rejects with its reason. */
  run(signal: AbortSignal): Promise<never>;
  /** From the next frame on. */
  words(words: Words): void;
  policy(policy: Policy, between: Between): void;
  /** Where the camera is, from the next run on. */
  address(address: CameraAddress): void;
  memory(): LiveMemory;
  stats(): LiveStats;
}

export type LiveStats = ReturnType<ReturnType<typeof createLedger>['rates']> & {
  readonly frames: ReturnType<ReturnType<typeof createLedger>['counts']>;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly reconnects: number;
};

export type Between = 'hold' | 'move';

/** What a camera sends at present, and what follows from that. */
interface Source {
  readonly stream: NutStream;
  readonly geometry: MaskGeometry;
  readonly painted: Size;
  /** Nothing, to be laid over a picture. */
  readonly blank: Uint8Array;
  readonly teller: Teller;
}

/** Times the backlog that ffmpeg may give nothing before it is started anew; twice as long each further time in a row. */
const STUCK = 2;

export function createLive(request: LiveRequest, deps: LiveDeps): Live {
  const ledger = createLedger();
  const namer = createLiveNamer(request.words, LIVE_TIME_BASE, request.memory);
  let next = firstIndex(request.memory);
  let source: Source;
  let stream: NutStream | undefined;
  let reconnects = 0;
  let look: { readonly look: Look; readonly vocabulary: Words['vocabulary'] } | undefined;
  let { policy, between, address } = request;
  let schedule: ReturnType<typeof createSchedule<Dressed>> | undefined;

  /** A naming with the look that was made for its words. */
  type Dressed = Named & { readonly look: Look; readonly motions: Motions };

  async function run(signal: AbortSignal): Promise<never> {
    setMaxListeners(0, signal); // Each process and each run listens.
    /** What frames show by the times of their pictures, until these leave the encoder. */
    const shown = new Map<
      number,
      { readonly index: number; readonly named: Dressed | undefined; readonly painted: number }
    >();
    const painting = createChain((error) => deps.trouble('painting', asSidestreamError(error)));
    let restarted = 0;

    const pictures = createPictures(
      {
        ...deps,
        encoder: request.encoder,
        decoded(frame, hidden) {
          ledger.decoded(frame.pts, hidden);
          const index = next++;
          if (!hidden) schedule!.push({ ...frame, index });
        },
        coded(packet) {
          deps.out.video(packet);
          give(packet.pts);
        },
        down: (name, error) => deps.trouble(`the ${name} ended`, asSidestreamError(error)),
      },
      signal,
    );
    schedule = createSchedule<Dressed>(policy, {
      async analyse(frame) {
        const begun = performance.now();
        const regions = await pointRegions(frame, deps.model, signal);
        ledger.analysed(performance.now() - begun);
        const { naming, motions, tracks, seeds } = namer.name(frame, regions);
        const { vocabulary } = namer;
        deps.out.seen?.({ pts: frame.pts, regions, tracks, seeds, naming, vocabulary });
        const about = { index: frame.index, wall: wallOf(frame.pts) };
        return { naming, motions, vocabulary, look: lookOf(vocabulary), ...about };
      },
      emit(frame, named) {
        const at = source;
        painting.next(async () => {
          // A picture of another size is not this camera's any more.
          if (at === source) await emit(frame, named);
        });
      },
      failed: (error) => {
        if (!signal.aborted) deps.trouble('the model failed', asSidestreamError(error));
      },
    });

    async function emit({ index, pts, analysed }: Emitted, last: Dressed | undefined): Promise<void> {
      const along = last && !analysed && between === 'move';
      const named = along
        ? { ...last, naming: moved(last.naming, last.motions, (wallOf(pts) - last.wall) / 1000) }
        : last;
      const picture = await named?.look.paint(named.naming, { index, pts });
      shown.set(pts, { index, named, painted: Date.now() });
      pictures.paint(pts, picture ?? source.blank);
    }

    function give(time: number): void {
      const now = Date.now();
      const arrival = ledger.emitted(time as Frame['pts'], now);
      const frame = shown.get(time);
      for (const old of shown.keys()) if (old <= time) shown.delete(old);
      restarted = 0;
      if (!frame || arrival === undefined) return;
      const { named, index } = frame;
      const { teller } = source;
      const { width, height } = source.stream;
      deps.out.shown({
        index,
        wall: wallOf(time as Frame['pts']),
        latency: now - arrival,
        masks: named && { index: named.index, wall: named.wall },
        width,
        height,
        sightings: () => teller.sightings(named),
        rles: () => teller.rles(named),
      });
    }

    function take(packet: CameraPacket): void {
      deps.out.camera?.(packet);
      if (packet.stream.kind === 'audio') {
        deps.out.audio(packet);
        return;
      }
      if (packet.stream !== stream) {
        const same = stream && isSameStream(stream, packet.stream);
        stream = packet.stream;
        if (!same) describe(stream);
      }
      const now = Date.now();
      const [oldest] = shown.values();
      const stuck = Math.max(ledger.undecoded(now), oldest ? now - oldest.painted : 0);
      if (stuck > request.backlog * STUCK * 2 ** restarted) {
        restarted++;
        deps.trouble(
          'pictures',
          new SidestreamError('FFMPEG_FAILED', 'ffmpeg gives nothing: it is started anew'),
        );
        ledger.lost('ENCODER');
        shown.clear();
        pictures.restart();
      }
      const hidden = ledger.age(now) > request.backlog;
      ledger.sent(packet.pts, packet.arrival, hidden);
      pictures.write(packet, hidden);
    }

    function describe(now: NutStream): void {
      const seen = modelSize(now, request.shortSide);
      const painted = paintSize(now, request.paintSide);
      const geometry = maskGeometry(deps.model.architecture, seen.width, seen.height);
      const blank = new Uint8Array(pictureBytes(PAINT_LAYOUT, painted.width, painted.height));
      source = { stream: now, geometry, painted, blank, teller: createTeller(geometry, now) };
      look = undefined;
      ledger.lost('STOPPED');
      schedule?.clear();
      shown.clear();
      pictures.describe(now, seen, painted);
    }

    stream = undefined;
    let state = '';
    try {
      for await (const event of camera(address, request.watch, deps, signal)) {
        if (event.kind === 'packet') {
          if (event.packet.stream.kind === 'video' && state !== 'live') {
            if (state === 'away') reconnects++;
            state = 'live';
            deps.state('live');
          }
          take(event.packet);
        } else {
          state = state === '' ? '' : 'away';
          deps.state('connecting', event.reason);
        }
      }
      throw new TypeError('a camera has no end');
    } finally {
      schedule.clear();
      await pictures.close();
      ledger.lost('STOPPED');
    }
  }

  function lookOf(vocabulary: Words['vocabulary']): Look {
    if (look?.vocabulary !== vocabulary) {
      const { geometry, painted: size, stream: now } = source;
      const options = { ...request.style, vocabulary, geometry, size, lines: now.height };
      look = { vocabulary, look: createLook({ ...options, timeBase: LIVE_TIME_BASE }) };
    }
    return look.look;
  }

  return {
    run,
    words: (words) => namer.words(words),
    policy(wanted, look) {
      between = look;
      policy = wanted;
      if (schedule) schedule.policy = wanted;
    },
    address(now) {
      address = now;
    },
    memory: () => ({ ...namer.memory(), index: next - 1 }),
    stats: () => ({
      ...ledger.rates(Date.now()),
      frames: ledger.counts(),
      width: stream?.width ?? 0,
      height: stream?.height ?? 0,
      codec: stream ? codecOf(stream) : '',
      reconnects,
    }),
  };
}

/** Frames a second that no camera has. */
const MOST_FPS = 240;

/** Numbers go on behind all that the last holder can have given. */
function firstIndex(memory: LiveMemory | undefined): number {
  if (!memory) return 0;
  return memory.index + 1 + Math.ceil((Math.max(0, Date.now() - memory.at) / 1000) * MOST_FPS);
}

/** Does one thing after the other. */
function createChain(failed: (error: unknown) => void) {
  let last = Promise.resolve();
  return {
    next(work: () => Promise<void>): void {
      last = last.then(work).catch(failed);
    },
  };
}
