import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createLines,
  createStatusLine,
  livedLine,
  liveLine,
  sightingsLine,
} from '../../../src/cli/live-status.ts';
import type { LiveStats } from '../../../src/pipeline/live.ts';

const stats: LiveStats = {
  fps: 24.96,
  analysed_fps: 7.5,
  latency_ms: { median: 120.4, p95: 300 },
  inference_ms: { median: 90, p95: 110 },
  frames: {
    decoded: 100,
    analysed: 30,
    emitted: 95,
    dropped: [
      { reason: 'BACKLOG', count: 4 },
      { reason: 'STOPPED', count: 1 },
    ],
    under_way: 0,
  },
  width: 1920,
  height: 1080,
  codec: 'h264',
  reconnects: 0,
};

describe('the line', () => {
  const outputs = new Map([
    ['hls', undefined],
    ['rtsp', 'Connection refused'],
  ]);

  it('tells state, rates, latency, what is left out, and outputs', () => {
    expect(liveLine({ state: 'live', stats, outputs }, 200)).toBe(
      'live  25.0 fps  7.5 analysed/s  120 ms  5 dropped  hls ok  rtsp (Connection refused)',
    );
  });
  it('tells of reconnects where there were any', () => {
    const again = { ...stats, reconnects: 2 };
    expect(liveLine({ state: 'connecting', stats: again, outputs: new Map() }, 200)).toMatch(
      / 2 reconnects$/,
    );
  });
  it('fits into any terminal', () => {
    for (const width of [1, 20, 79])
      expect(liveLine({ state: 'live', stats, outputs }, width)).toHaveLength(width);
  });
});

it('sums up what was done', () => {
  const counts = '100 frames decoded, 30 analysed, 95 emitted';
  expect(livedLine(stats)).toBe(`${counts}, 4 BACKLOG, 1 STOPPED dropped, 0 reconnects`);
  const whole = { ...stats, frames: { ...stats.frames, dropped: [] } };
  expect(livedLine(whole)).toBe(`${counts}, none dropped, 0 reconnects`);
});

it('counts things, and names stuff', () => {
  const seen = (name: string, thing: boolean) =>
    ({ name, thing }) as Parameters<typeof sightingsLine>[0][number];
  expect(sightingsLine([seen('road', false), seen('car', true), seen('car', true)])).toBe('road, 2 car');
  expect(sightingsLine([])).toBe('nothing');
});

describe('lines for whoever reads them', () => {
  it('are left out, and not even made, while too many wait', () => {
    const out = { writableLength: 0, write: vi.fn(() => true) };
    const lines = createLines(out);
    const make = vi.fn(() => 'line');
    lines.write(make);
    out.writableLength = 1 << 20;
    lines.write(make);
    lines.write(make);
    out.writableLength = 0;
    lines.write(make);
    expect(out.write.mock.calls).toEqual([['line\n'], ['line\n']]);
    expect(make).toHaveBeenCalledTimes(2);
    expect(lines.missed).toBe(2);
  });

  it('fill no memory where nobody reads', () => {
    const stuck = new Writable({ write: () => {} });
    const lines = createLines(stuck);
    for (let i = 0; i < 10_000; i++) lines.write(() => 'x'.repeat(500));
    expect(stuck.writableLength).toBeLessThan(70_000);
    expect(lines.missed).toBeGreaterThan(9000);
  });
});

describe('the line that changes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function started(isTTY: boolean, options: { quiet?: boolean; hidden?: boolean } = {}) {
    const written: string[] = [];
    const said: string[] = [];
    const stream = { isTTY, columns: 40, write: (text: string) => written.push(text) };
    const status = createStatusLine(stream as unknown as NodeJS.WriteStream, (text) => said.push(text), {
      quiet: options.quiet ?? false,
      hidden: options.hidden ?? false,
      line: (width) => `line of ${width}`,
    });
    return { written, said, status };
  }

  it('is overwritten on a terminal, and makes room for others', () => {
    const { written, said, status } = started(true);
    vi.advanceTimersByTime(500);
    expect(written).toEqual(['\rline of 39\u001b[K', '\rline of 39\u001b[K']);
    status.say('live');
    expect(written.at(-1)).toBe('\r\u001b[K');
    expect(said).toEqual(['live']);
    status.stop();
    vi.advanceTimersByTime(5000);
    expect(written).toHaveLength(4);
  });

  it('is a line now and then elsewhere', () => {
    const { written, said, status } = started(false);
    vi.advanceTimersByTime(11_000);
    expect(said).toEqual(['line of 200', 'line of 200']);
    status.stop();
    expect(written).toEqual([]);
  });

  it('is not there where nobody wants it', () => {
    const quiet = started(true, { quiet: true });
    const hidden = started(true, { hidden: true });
    for (const { status } of [quiet, hidden]) status.say('live');
    vi.advanceTimersByTime(11_000);
    expect([quiet.written, quiet.said]).toEqual([[], []]);
    expect([hidden.written, hidden.said]).toEqual([[], ['live']]);
  });
});
