import { openAnalysis } from '../src/analysis/file/reader.ts';
import { createAnalysisWriter } from '../src/analysis/file/writer.ts';
import type { AnalysedFrame, TrackTable } from '../src/core/frame.ts';
import { pts } from '../src/core/time.ts';

/** Writes the same analysis again and again, until it lasts `seconds`. Returns how many frames that makes. */
export async function repeatAnalysis(from: string, to: string, seconds: number): Promise<number> {
  await using file = await openAnalysis(from);
  await using writer = await createAnalysisWriter(to, file.header);
  const frames: AnalysedFrame[] = [];
  for await (const frame of file.analysed()) frames.push(frame);
  const { num, den } = file.header.time_base;
  const period = frames.at(-1)!.pts + frames[1].pts - 2 * frames[0].pts;
  let index = 0;
  for (let round = 0; (round * period * num) / den < seconds; round++) {
    // A table of its own for each round, as in a film that goes on.
    const tables = new Map<TrackTable, TrackTable>();
    for (const frame of frames) {
      const tracks = tables.get(frame.tracks) ?? { ...frame.tracks };
      tables.set(frame.tracks, tracks);
      await writer.add({ ...frame, index: index++, pts: pts(frame.pts + round * period), tracks });
    }
  }
  await writer.finish();
  return index;
}
