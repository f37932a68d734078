import { rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { TrackSpan } from '../../src/analysis/file/reader.ts';
import { type Card, segmentKeys } from '../../src/clips/recording/card.ts';
import { asSidestreamError, SidestreamError } from '../../src/core/errors.ts';
import { wallOf } from '../../src/media/rtsp/clock.ts';
import type { Missing, Segment } from '../../src/pipeline/live/recording.ts';
import type { Notices } from '../../src/queue/notices.ts';
import { encodeRuns } from '../../src/search/run-list.ts';
import { createRuns } from '../../src/search/runs.ts';
import type { Storage } from '../../src/storage/storage.ts';

/** Puts recorded segments into the storage: pictures, analysis, and last the card that says that they are there. */
export interface Keeper {
  keep(segment: Segment | undefined, missing: readonly Missing[], events: readonly unknown[]): void;
  /** Waits for what is under way. */
  settled(): Promise<void>;
}

export interface KeeperDeps {
  readonly stream: string;
  readonly token: () => number;
  readonly model: { readonly name: string; readonly sum: string; readonly dim: number };
  readonly storage: Storage;
  readonly notices: Notices;
  /** Bytes that stay free in the storage, but for what makes room. */
  readonly reserve: number;
  readonly log: Logger;
}

/** Segments that wait for the storage at most; milliseconds between two tries, and tries. */
const [MOST_WAITING, AGAIN, TRIES] = [50, 2000, 30];

export function createKeeper(deps: KeeperDeps): Keeper {
  const { storage, notices, stream, log } = deps;
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  /** What could not be kept: the next card says so. */
  let lost: Missing[] = [];

  /** All that is to be done for a segment, in order: what was done is not done again. */
  async function stepsOf(
    segment: Segment | undefined,
    missing: readonly Missing[],
    events: readonly unknown[],
  ): Promise<(() => Promise<unknown>)[]> {
    const token = deps.token();
    const begin = Math.round(segment?.begin ?? missing.at(-1)?.to ?? 0);
    const keys = segmentKeys(stream, begin, token);
    const card: Card = {
      ...{
        version: 1,
        stream,
        token,
        begin,
        end: Math.round(segment?.end ?? begin),
        video: null,
        analysis: null,
      },
      ...{ names: [], runs: null, missing: [], events: [...events] },
      ...(segment && (await aboutOf(segment, deps))),
    };
    const { video, analysis } = segment ?? {};
    return [
      ...(video === undefined ? [] : [checkRoom, () => storage.putFile(keys.video, video, { move: true })]),
      ...(analysis ? [() => storage.putFile(keys.analysis, analysis.path, { move: true })] : []),
      () => storage.put(keys.card, JSON.stringify({ ...card, missing: [...lost, ...missing].map(rounded) })),
      async () => {
        lost = [];
        // Should Redis be away, the server finds it by itself later.
        notices.tell('recorded', [keys.card]).catch(() => {});
      },
    ];
  }

  async function checkRoom(): Promise<void> {
    const space = await storage.space();
    if (space && space.free < deps.reserve / 2)
      throw new SidestreamError('DISK_FULL', 'the disk of the storage is nearly full');
  }

  async function insist(
    segment: Segment | undefined,
    missing: readonly Missing[],
    events: readonly unknown[],
  ): Promise<void> {
    const steps = await stepsOf(segment, missing, events);
    for (let tries = 1; steps.length > 0; tries++) {
      try {
        await steps[0]();
        steps.shift();
      } catch (error) {
        const { code, message } = asSidestreamError(error);
        if (tries === 1) log.warn({ stream, code }, `a segment cannot be kept: ${message}`);
        if (tries < TRIES && waiting <= MOST_WAITING && code !== 'DISK_FULL') {
          await sleep(AGAIN);
          continue;
        }
        log.error({ stream, code }, 'a segment is lost');
        lost.push(...missing);
        if (!segment) return;
        lost.push({ from: segment.begin, to: segment.end, reason: code });
        for (const path of [segment.video, segment.analysis?.path]) if (path) await rm(path, { force: true });
        return;
      }
    }
  }

  return {
    keep(segment, missing, events) {
      waiting++;
      last = last.then(() => insist(segment, missing, events)).finally(() => waiting--);
    },
    settled: () => last,
  };
}

const rounded = ({ from, to, reason }: Missing): Missing => ({
  from: Math.round(from),
  to: Math.round(to),
  reason,
});

/** What the card says of a segment. */
async function aboutOf(
  { video, pictures, codec, width, height, audio, analysis }: Segment,
  { model }: KeeperDeps,
) {
  const sizeOf = async (path: string) => (await stat(path)).size;
  return {
    video: { frames: pictures, bytes: await sizeOf(video), codec, width, height, audio },
    analysis: analysis ? { bytes: await sizeOf(analysis.path), model } : null,
    names: [...(analysis?.names ?? [])],
    runs: analysis ? encodeRuns(runsIn(analysis.spans, model.dim), model.dim) : null,
  };
}

/** Times of runs are milliseconds since 1970. */
function runsIn(spans: readonly TrackSpan[], dim: number) {
  const runs = createRuns(dim);
  for (const { tracks, from, to } of spans) runs.add(tracks, wallOf(from), wallOf(to));
  return runs.finish();
}
