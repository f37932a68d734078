import { parentPort, workerData } from 'node:worker_threads';
import { candidatesOf } from '../analysis/candidates.ts';
import { openAnalysis } from '../analysis/file/reader.ts';
import { nameRegions } from '../analysis/name.ts';
import { createSteadyNamer, type SteadyNamer } from '../analysis/steady.ts';
import { asSidestreamError } from '../core/errors.ts';
import type { AnalysedFrame, TrackTable } from '../core/frame.ts';
import { type Pts, pts as ptsOf, ptsToSeconds, type Rational } from '../core/time.ts';
import { goOn, noLiveMemory } from './live/namer.ts';
import type { FromReplayLane, ReplayedFrame, ReplayRequest, ToReplayLane } from './replay-apart.ts';

/** The thread of `openReplay`: reads one analysis after the other and names the points of its frames as is done live. */

const { classifier, names, objects } = workerData as ReplayRequest;
/** What is made for this very frame goes over as it is; what was read may be another frame's as well. */
const made = ({ labels, details }: ReplayedFrame): ArrayBufferLike[] => [
  labels.buffer,
  ...(details ? [details.candidates.names.buffer, details.candidates.scores.buffer] : []),
];
const say = (message: FromReplayLane) =>
  parentPort!.postMessage(message, message.frames.flatMap(made) as ArrayBuffer[]);

/** Frames in a message, and messages that may wait to be taken. */
const BATCH = 12;
const AHEAD = 4;

/** Messages on their way. */
let ahead = 0;
let go = () => {};
let work = Promise.resolve();
parentPort!.on('message', (message: ToReplayLane) => {
  if (message === 'more') {
    ahead--;
    go();
  } else work = work.then(() => read(message));
});

async function send(message: FromReplayLane): Promise<void> {
  say(message);
  ahead++;
  while (ahead >= AHEAD) await new Promise<void>((resolve) => (go = resolve));
}

async function read({ number, path, from, to }: Exclude<ToReplayLane, 'more'>): Promise<void> {
  let frames: ReplayedFrame[] = [];
  try {
    await using analysis = await openAnalysis(path);
    for await (const frame of analysis.analysed(from, to)) {
      // What shows the same as the one before was not seen. The first group may begin before the first frame.
      if (!frame.analysed || (from !== undefined && frame.pts < from)) continue;
      frames.push(named(frame, analysis.header.time_base));
      if (frames.length < BATCH) continue;
      await send({ number, frames });
      frames = [];
    }
    await send({ number, frames, done: true });
  } catch (error) {
    const { code, message } = asSidestreamError(error);
    await send({ number, frames, done: true, error: { code, message } });
  }
}

let known: { tracks: TrackTable; probabilities: Float32Array } | undefined;
let first: Pts | undefined;
let { pace } = noLiveMemory;
let steady: SteadyNamer<undefined> | undefined;
let size = 0;

function named({ tracks, points, seeds, pts }: AnalysedFrame, timeBase: Rational): ReplayedFrame {
  if (known?.tracks !== tracks) {
    const regions = { count: tracks.ids.length, embeddings: tracks.embeddings };
    known = { tracks, probabilities: nameRegions(regions, classifier, names) };
  }
  first ??= pts;
  pace = goOn(pace, ptsToSeconds(ptsOf(pts - first), timeBase));
  const { seconds } = pace;
  const { codes, width, height } = points;
  if (!steady || size !== codes.length) {
    steady = createSteadyNamer(codes.length, true);
    size = codes.length;
  }
  const candidates = candidatesOf(points, known.probabilities, names);
  const [{ labels }] = steady.push(undefined, codes, candidates, seconds);
  const frame = { pts, timeBase, seconds, width, height, labels };
  return objects ? { ...frame, details: { points, seeds, candidates } } : frame;
}
