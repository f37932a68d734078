import { Counter, Gauge, type Registry } from 'prom-client';
import type { StreamBoard } from '../queue/stream-board.ts';
import { heldBy } from './view.ts';

/** Metrics of streams, made of what their workers report. Labels: `stream` is the id, `name` what people call it. */

export interface StreamMetricsDeps {
  readonly board: Pick<StreamBoard, 'read'>;
  /** Those on record. */
  readonly streams: () => readonly { readonly id: string; readonly name: string }[];
}

/** Streams that are told of at most: whoever reads metrics keeps each one's for long. */
const MOST = 1000;

export async function fillStreams(registry: Registry, { board, streams }: StreamMetricsDeps): Promise<void> {
  const all = streams().slice(0, MOST);
  const situations = await board.read(all.map(({ id }) => id));
  const labels = ['stream', 'name'];
  const gauge = (name: string, help: string, ...more: string[]) =>
    new Gauge({ name, help, labelNames: [...labels, ...more], registers: [registry] });
  const counter = (name: string, help: string, ...more: string[]) =>
    new Counter({ name, help, labelNames: [...labels, ...more], registers: [registry] });
  const up = gauge('sidestream_stream_up', 'Whether pictures come.');
  const frames = counter('sidestream_stream_frames_total', 'Frames since its worker has it.', 'stage');
  const dropped = counter('sidestream_stream_dropped_total', 'Frames not shown, by reason.', 'reason');
  const latency = gauge(
    'sidestream_stream_latency_seconds',
    "From a frame's arrival to its leaving the encoder, over the last minute.",
    'quantile',
  );
  const fps = gauge('sidestream_stream_fps', 'Frames a second of late, as they come.');
  const reconnects = counter('sidestream_stream_reconnects_total', 'Times that the camera was asked anew.');
  for (const [i, { id: stream, name }] of all.entries()) {
    const held = heldBy(situations[i]);
    const who = { stream, name };
    up.set(who, held?.state === 'live' ? 1 : 0);
    const stats = held?.stats;
    if (!stats) continue;
    for (const stage of ['decoded', 'analysed', 'emitted'] as const)
      frames.inc({ ...who, stage }, stats.frames[stage]);
    for (const { reason, count } of stats.frames.dropped) dropped.inc({ ...who, reason }, count);
    latency.set({ ...who, quantile: '0.5' }, stats.latency_ms.median / 1000);
    latency.set({ ...who, quantile: '0.95' }, stats.latency_ms.p95 / 1000);
    fps.set(who, stats.fps);
    reconnects.inc(who, stats.reconnects);
  }
}
