import { SidestreamError } from '../../core/errors.ts';
import { pts } from '../../core/time.ts';
import { ffmpegVersion, requireEncoders } from '../encode.ts';
import type { EncoderSettings } from '../encoder-argv.ts';
import type { FfmpegPaths } from '../process.ts';
import { wallOf } from '../rtsp/clock.ts';
import { assemble } from './assemble.ts';
import { chaptersOf } from './chapters.ts';
import { createClipWriter } from './clip-writer.ts';
import { codedSets } from './coder.ts';
import { type CodingLook, encodersOf } from './coder-argv.ts';
import { type ParameterSets, unitedSets } from './h264.ts';
import { type CutPlan, type Gap, type Place, planCut } from './plan.ts';
import { type CutSegment, type SegmentFacts, segmentFacts } from './segment-facts.ts';
import { type KnownTracks, TICKS } from './segment-packets.ts';
import { openSound } from './sound.ts';
import { seenIn } from './stretches.ts';

export type { CutSegment, Gap, Place };

export interface CutRequest {
  /** In the order of time. They may have gaps, and may overlap: then the later one counts from its beginning on. */
  readonly segments: readonly CutSegment[];
  /** Ticks (1/90000 s since 1970): the clip has exactly the pictures with from ≤ time < to. */
  readonly from: number;
  readonly to: number;
  /** An MP4. What is there is overwritten. */
  readonly output: string;
  /** Seconds that the clip may begin earlier, where a key frame lies, so that nothing is coded anew there. 0: exact. */
  readonly tolerance: number;
  readonly audio: boolean;
  /** How pictures are coded anew; those between pictures taken over always by libx264. */
  readonly encoder?: Omit<EncoderSettings, 'encoder'> & { readonly encoder?: string };
  /** Seconds that a longer gap is shown for. */
  readonly gapSeconds: number;
}

export interface CutResult {
  readonly frames: number;
  /** Pictures that were coded anew. */
  readonly encoded: number;
  /** In a few words, why all of them were; undefined where some were taken over. */
  readonly why: string | undefined;
  /** Ticks of the first and the last picture. */
  readonly first: number;
  readonly last: number;
  readonly gaps: readonly Gap[];
  readonly width: number;
  readonly height: number;
  /** As ffmpeg calls it. */
  readonly codec: string;
  /** Seconds. */
  readonly duration: number;
  /** Where in the clip a time is shown; in order. */
  readonly pieces: readonly Place[];
  /** Paths of segments of which not all could be read. What could be is in the clip. */
  readonly unreadable: readonly string[];
}

const USUAL: EncoderSettings = { encoder: undefined, crf: 20, preset: 'veryfast' };

/**
 * Cuts a clip out of recorded segments, exact at pictures. Packets are taken over as they are; only what lies between its
 * beginning and the next key frame is coded anew, and a few pictures at its end where they are out of order. Nothing is
 * hidden by edit lists: browsers would show it. Throws NOT_RECORDED where there is no picture in that time.
 */
export async function cutClip(
  request: CutRequest,
  { paths }: { readonly paths: FfmpegPaths },
  signal: AbortSignal,
): Promise<CutResult> {
  const { output, from, to, gapSeconds, audio } = request;
  const tolerance = request.tolerance * TICKS;
  const tracks: KnownTracks = new Map();
  const { files, unreadable } = await readFacts(request, { paths, tracks }, signal);
  const plan = planCut(files, { from, to, tolerance, gapSeconds, audio });
  const look = lookOf(plan, { ...USUAL, ...request.encoder });
  const encoded = plan.cuts.some(({ runs }) => runs.some(({ kind }) => kind === 'code'));
  const needed = [...(encoded ? encodersOf(look) : []), ...(plan.sound.kind === 'code' ? ['aac'] : [])];
  await requireEncoders(needed, paths, signal);
  const { major: ffmpegMajor } = await ffmpegVersion(paths, signal);
  const sets = await neededSets(plan, look, paths, signal);
  const { width, height } = look;
  const { sound: planned, pieces, gaps, length, ahead } = plan;
  const created = new Date(wallOf(pts(pieces[0].from))).toISOString();
  const about = { output, width, height, sets, sound: planned, chapters: chaptersOf(plan), created };
  const writer = createClipWriter(about, paths, signal);
  const sound = planned.kind === 'none' ? undefined : openSound(planned, { pieces, length }, paths, signal);
  try {
    const written = await assemble(plan, { writer, sound, look, ffmpegMajor, paths, tracks }, signal);
    if (written.frames === 0)
      throw new SidestreamError(
        'INPUT_INVALID',
        'no picture in this time can be decoded: ask for another one',
      );
    await writer.finish(length - ahead);
    const result = { width, height, codec: 'h264', duration: length / TICKS, pieces, gaps, unreadable };
    return { ...written, ...result, why: plan.why };
  } catch (error) {
    await writer.discard();
    throw error;
  } finally {
    await sound?.kill();
  }
}

/** Segments that are looked into at the same time: short ones take ffmpeg longer to start than to read. */
const AT_ONCE = 3;

/** What is known of the segments that may have pictures of the clip. */
async function readFacts(
  { segments, from, to, tolerance, audio }: CutRequest,
  deps: { readonly paths: FfmpegPaths; readonly tracks: KnownTracks },
  signal: AbortSignal,
): Promise<{ readonly files: SegmentFacts[]; readonly unreadable: string[] }> {
  const asked = segments.filter(({ begin, end }) => begin < to && end > from - tolerance * TICKS);
  const found: (SegmentFacts | undefined)[] = asked.map(() => undefined);
  const left = asked.entries();
  const work = async () => {
    for (const [i, segment] of left)
      found[i] = await segmentFacts(segment, { until: to, sound: audio }, deps, signal);
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return {
    files: found.filter((facts) => facts !== undefined),
    unreadable: asked.flatMap(({ path }, i) => (found[i]?.whole ? [] : [path])),
  };
}

function lookOf({ cuts, fitting, taken, length }: CutPlan, settings: EncoderSettings): CodingLook {
  const [{ stretch }] = cuts;
  const { width, height } = stretch.parts[0].facts.video;
  const even = (size: number) => (taken ? size : size + (size % 2));
  const pictures = cuts.reduce((sum, cut) => sum + seenIn(cut.stretch.times, cut.lo, cut.hi).length, 0);
  const rate = (pictures * TICKS) / length;
  return {
    width: even(width),
    height: even(height),
    rate,
    settings,
    id: fitting?.id ?? 0,
    like: fitting?.like,
  };
}

/** All that pictures taken over need, and those coded anew between them. */
async function neededSets(
  { taken, fitting }: CutPlan,
  look: CodingLook,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<ParameterSets | undefined> {
  if (!taken || !fitting) return taken;
  return unitedSets([taken, await codedSets(look, paths, signal)]) ?? taken;
}
