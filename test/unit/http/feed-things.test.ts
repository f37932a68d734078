import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchStreams } from '../../../src/http/feed-things.ts';
import type { StreamView } from '../../../src/streams/streams.ts';
import { streamView } from '../../fixtures/stream-view.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const STATS: StreamView['stats'] & object = {
  ...{ width: 640, height: 360, codec: 'h264', fps: 0, analysed_fps: 0, reconnects: 0, outputs: {} },
  ...{ latency_ms: { median: 1, p95: 2 }, inference_ms: { median: 1, p95: 2 } },
  frames: { decoded: 0, analysed: 0, emitted: 0, dropped: [] },
};
const NOBODY = new Set<string>();

it('figures of a stream are told every other second, its state at once', async () => {
  let [fps, state] = [0, 'live' as StreamView['state']];
  const view = () => streamView('s', { state, stats: { ...STATS, fps } });
  const things = watchStreams({ list: async () => [view()], get: async () => view() });
  const look = async () => {
    const told = await things.look(NOBODY);
    vi.advanceTimersByTime(900);
    fps++;
    return told.map(({ event, data }) => [
      event,
      (data as StreamView).state,
      (data as StreamView).stats?.fps,
    ]);
  };
  expect(await look()).toEqual([]);
  expect(await look()).toEqual([]);
  expect(await look()).toEqual([]);
  expect(await look()).toEqual([['stream', 'live', 3]]);
  expect(await look()).toEqual([]);
  state = 'paused';
  expect(await look()).toEqual([['stream', 'paused', 5]]);
  expect(await look()).toEqual([]);
  fps = 5;
  // As it was told, however long ago.
  vi.advanceTimersByTime(10_000);
  expect(await look()).toEqual([]);
});
