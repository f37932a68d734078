import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { fillPast } from '../../../src/clips/metrics.ts';
import { type Card, segmentKeys } from '../../../src/clips/recording/card.ts';
import { createHoldings } from '../../../src/clips/recording/holdings.ts';
import { createSegments } from '../../../src/clips/recording/segments.ts';
import { createClipRecords } from '../../../src/clips/records.ts';
import { openDatabase } from '../../../src/jobs/database.ts';
import type { StreamRecord } from '../../../src/streams/records.ts';
import { clipView } from '../../fixtures/clip-view.ts';

const NOW = Date.parse('2026-05-01T12:00:00Z');
/** Ticks of a time so many seconds ago. */
const ago = (seconds: number) => (NOW - seconds * 1000) * 90;

const card = (stream: string, from: number, to: number, missing: Card['missing'] = []): Card => ({
  ...{ version: 1, stream, token: 1, begin: ago(from), end: ago(to), analysis: null },
  video: { frames: 5, bytes: 1000, codec: 'h264', width: 2, height: 2, audio: false },
  ...{ names: [], runs: null, missing, events: [] },
});
const stream = (id: string, name: string, record: object | null) =>
  ({ description: { id, name, record } }) as unknown as StreamRecord;

it('tells what is kept of each stream, what the last hour lacks and why, and how clips stand', async () => {
  const db = openDatabase(':memory:');
  const [segments, clips] = [createSegments(db), createClipRecords(db)];
  const away = [{ from: ago(300), to: ago(200), reason: 'CAMERA_AWAY' }];
  for (const one of [
    card('gate1', 7200, 3500),
    // What lies before the hour does not count.
    card('gate1', 3500, 300),
    card('gate1', 200, 100, away),
    card('gate1', 60, 0, [{ from: ago(100), to: ago(60), reason: 'DISK_SLOW' }]),
    card('gone2', 500, 400),
  ])
    segments.add(segmentKeys(one.stream, one.begin, 1).card, one, 10);
  for (const [id, state] of [
    ['c1', 'done'],
    ['c2', 'done'],
    ['c3', 'failed'],
  ] as const)
    clips.add({ view: { ...clipView(id), state }, submitter: 'local', bytes: 50 });
  const registry = new Registry();
  const streams = { list: () => [stream('gate1', 'the gate', {}), stream('off3', 'off', null)] };
  fillPast(registry, { streams, segments, holdings: createHoldings(segments, () => true), clips }, NOW);
  const lines = (await registry.metrics()).split('\n').filter((line) => line && !line.startsWith('#'));
  expect(lines.sort()).toEqual(
    [
      'sidestream_recorded_segments{stream="gate1",name="the gate"} 4',
      'sidestream_recorded_segments{stream="gone2",name=""} 1',
      'sidestream_recorded_bytes{stream="gate1",name="the gate"} 4040',
      'sidestream_recorded_bytes{stream="gone2",name=""} 1010',
      `sidestream_recorded_until_seconds{stream="gate1",name="the gate"} ${NOW / 1000}`,
      'sidestream_recording_gaps{stream="gate1",name="the gate",reason="CAMERA_AWAY"} 1',
      'sidestream_recording_gaps{stream="gate1",name="the gate",reason="DISK_SLOW"} 1',
      'sidestream_recording_gap_seconds{stream="gate1",name="the gate",reason="CAMERA_AWAY"} 100',
      'sidestream_recording_gap_seconds{stream="gate1",name="the gate",reason="DISK_SLOW"} 40',
      ...['waiting', 'queued', 'running'].map((state) => `sidestream_clips{state="${state}"} 0`),
      'sidestream_clips{state="done"} 2',
      'sidestream_clips{state="failed"} 1',
      'sidestream_clips_bytes 150',
    ].sort(),
  );
});
