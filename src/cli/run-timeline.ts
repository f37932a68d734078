import type { TimelineView } from '../clips/clips.ts';
import { timeOf } from '../clips/request.ts';
import type { Io } from './io.ts';
import { queryOf } from './pages.ts';
import { clientOf } from './run-client.ts';
import type { TimelineOptions } from './timeline.ts';
import { timelineLines } from './timeline-drawing.ts';

/** Columns of names and totals beside the drawing, as most have them. */
const BESIDE = 24;
/** Columns where nobody says how many there are. */
const WIDTH = 100;

/** Runs `sidestream timeline`. */
export async function runTimeline(io: Io, stream: string, options: TimelineOptions): Promise<void> {
  const { from, to, vocabulary, json } = options;
  const width = process.stdout.columns ?? WIDTH;
  const client = await clientOf(io, options);
  const step = options.step ?? stepOf(from, to, width - BESIDE);
  const query = queryOf({ from, to, step, vocabulary });
  const path = `/v1/streams/${encodeURIComponent(stream)}/timeline?${query}`;
  const view = await client.ask<TimelineView>('GET', path);
  if (json) return io.print(JSON.stringify(view, null, 2));
  io.print(timelineLines(view, { width }).join('\n'));
}

/** Seconds of a column so that so many of them show it all: from one second to a day. */
function stepOf(from: string, to: string, columns: number): number {
  const now = Date.now();
  const seconds = (timeOf(to, now) - timeOf(from, now)) / 1000;
  return Math.min(86_400, Math.max(1, Math.ceil(seconds / Math.max(10, columns))));
}
