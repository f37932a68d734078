import { redact } from '../core/redact.ts';
import type { Shown } from '../pipeline/live/shown.ts';
import type { LiveStats } from '../pipeline/live.ts';

/** How a live stream stands, for whoever looks at the terminal. */
export interface LiveStand {
  readonly state: 'connecting' | 'live';
  readonly stats: LiveStats;
  /** By name: undefined where it goes on, else why not. */
  readonly outputs: ReadonlyMap<string, string | undefined>;
}

/** One line of at most `width` columns. */
export function liveLine({ state, stats, outputs }: LiveStand, width: number): string {
  const { fps, analysed_fps: analysed, latency_ms: latency, frames, reconnects } = stats;
  const dropped = frames.dropped.reduce((sum, { count }) => sum + count, 0);
  const facts = [
    state,
    `${fps.toFixed(1)} fps`,
    `${analysed.toFixed(1)} analysed/s`,
    `${Math.round(latency.median)} ms`,
    `${dropped} dropped`,
    ...(reconnects > 0 ? [`${reconnects} reconnects`] : []),
    ...[...outputs].map(([name, reason]) => `${name} ${reason === undefined ? 'ok' : `(${reason})`}`),
  ];
  return facts.join('  ').slice(0, width);
}

/** `3 car, 1 person, road`: things are counted. */
export function sightingsLine(sightings: ReturnType<Shown['sightings']>): string {
  const counts = new Map<string, number>();
  for (const { name, thing } of sightings) counts.set(name, (counts.get(name) ?? 0) + (thing ? 1 : 0));
  const parts = [...counts].map(([name, count]) => (count > 0 ? `${count} ${name}` : name));
  return parts.join(', ') || 'nothing';
}

/** What was done, in the end. */
export function livedLine({ frames, reconnects }: LiveStats): string {
  const { decoded, analysed, emitted, dropped } = frames;
  const why = dropped.map(({ reason, count }) => `${count} ${reason}`).join(', ');
  const counts = `${decoded} frames decoded, ${analysed} analysed, ${emitted} emitted`;
  return `${counts}, ${why === '' ? 'none' : why} dropped, ${reconnects} reconnects`;
}

export interface StatusLine {
  /** A line that stays. */
  say(text: string): void;
  /** Makes room for what `print` writes. */
  above(print: () => void): void;
  stop(): void;
}

/** Milliseconds between two states of the line: on a terminal it is overwritten, elsewhere each stays. */
const [REDRAWN, KEPT] = [250, 5000];

/** `hidden`: without the line that changes. */
export function createStatusLine(
  stream: NodeJS.WriteStream,
  say: (text: string) => void,
  options: { readonly quiet: boolean; readonly hidden: boolean; readonly line: (width: number) => string },
): StatusLine {
  const { quiet, line } = options;
  const hidden = options.hidden || quiet;
  const above = (print: () => void) => {
    if (stream.isTTY && !hidden) stream.write('\r\u001b[K');
    print();
  };
  const show = () => {
    if (stream.isTTY) stream.write(`\r${redact(line((stream.columns ?? 80) - 1))}\u001b[K`);
    else say(line(200));
  };
  const timer = hidden ? undefined : setInterval(show, stream.isTTY ? REDRAWN : KEPT);
  return {
    above,
    say: (text) => {
      if (!quiet) above(() => say(text));
    },
    stop() {
      clearInterval(timer);
      above(() => {});
    },
  };
}

/** Bytes that may wait for whoever reads our output. */
const MOST_WAITING = 1 << 16;

/** Writes lines to whoever keeps up; others miss some, so that nothing waits for them and nothing piles up. */
export function createLines(
  out: Pick<NodeJS.WritableStream & { readonly writableLength: number }, 'write' | 'writableLength'>,
) {
  let missed = 0;
  return {
    write(line: () => string): void {
      if (out.writableLength > MOST_WAITING) missed++;
      else out.write(`${line()}\n`);
    },
    get missed() {
      return missed;
    },
  };
}
