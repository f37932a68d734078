import { parentPort, workerData } from 'node:worker_threads';
import { openAnalysis } from '../analysis/file/reader.ts';
import { LOOK_AHEAD } from '../analysis/steady.ts';
import { asSidestreamError } from '../core/errors.ts';
import type { AnalysedFrame } from '../core/frame.ts';
import { type DecidedFrame, decideNames } from './decide.ts';
import type { DecideRequest, FromLane } from './decide-apart.ts';

/** The thread of `decideApart`: reads an analysis and decides the names of its points. */

const { path, from, to, classifier, names } = workerData as DecideRequest;
const say = (message: FromLane) => parentPort!.postMessage(message);

/** Batches on their way. */
let ahead = 0;
let go = () => {};
parentPort!.on('message', () => {
  ahead--;
  go();
});

/** Frames in a message, and messages that may wait to be taken. */
const BATCH = 12;
const AHEAD = 4;

/** Begins where frames that are decided together begin: so a part is decided as in the whole. */
async function* aligned(frames: AsyncIterable<AnalysedFrame>): AsyncGenerator<AnalysedFrame> {
  let begun = from === undefined;
  for await (const frame of frames) {
    begun ||= frame.index % LOOK_AHEAD === 0;
    if (begun) yield frame;
  }
}

try {
  await using analysis = await openAnalysis(path);
  const frames = decideNames(
    aligned(analysis.analysed(from, to)),
    classifier,
    names,
    analysis.header.time_base,
  );
  let batch: DecidedFrame[] = [];
  const send = async () => {
    say({ frames: batch });
    batch = [];
    ahead++;
    while (ahead >= AHEAD) await new Promise<void>((resolve) => (go = resolve));
  };
  for await (const frame of frames) {
    batch.push(frame);
    if (batch.length === BATCH) await send();
  }
  say({ frames: batch, done: true });
} catch (error) {
  const { code, message } = asSidestreamError(error);
  say({ error: { code, message } });
}
// Without this the port would keep the thread alive.
parentPort!.unref();
