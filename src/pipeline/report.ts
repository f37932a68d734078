import { writeFile } from 'node:fs/promises';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { Warning } from '../media/decode.ts';
import { draft } from '../media/draft.ts';
import type { MediaProbe } from '../media/probe.ts';

/** What was done with a video. `frames.decoded = frames.emitted + Σ frames.dropped.count`, always. */
export interface Report {
  readonly input: MediaProbe;
  /** Absent where no video was asked for. */
  readonly output?: MediaProbe;
  readonly model: string;
  readonly provider: string;
  readonly precision: string;
  readonly vocabulary: Vocabulary;
  readonly frames: {
    readonly decoded: number;
    /** Frames that went through the model. */
    readonly analysed: number;
    readonly emitted: number;
    readonly dropped: readonly { readonly reason: string; readonly count: number }[];
  };
  /** Seconds that each stage was waited for; what overlaps is waited for once. */
  readonly timing: {
    readonly wall_s: number;
    readonly decode_s: number;
    readonly analyse_s: number;
    readonly associate_s: number;
    readonly render_s: number;
    readonly encode_s: number;
  };
  /** Mask proposals in all. */
  readonly regions: number;
  readonly tracks: number;
  readonly warnings: readonly Warning[];
}

export async function writeReport(path: string, report: object): Promise<void> {
  const file = draft(path);
  try {
    await writeFile(file.path, `${JSON.stringify(report, null, 2)}\n`);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
