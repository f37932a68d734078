import type { Io } from './io.ts';
import type { CommonOptions } from './options.ts';

/** Where work stands; frames so far and, where it is known, in all. */
export interface ProgressState {
  readonly frames: number;
  readonly total: number | undefined;
  /** Seconds since the work began. */
  readonly elapsed: number;
  /** Frames a second of the source, for the speed in multiples of it. */
  readonly frameRate: number | undefined;
}

const BLOCKS = ' ▏▎▍▌▋▊▉█';

/** One line of at most `width` columns: bar, frames, speed, time left. */
export function progressLine(state: ProgressState, width: number): string {
  const { frames, total, elapsed, frameRate } = state;
  const fps = elapsed > 0 ? frames / elapsed : 0;
  const facts = [
    total === undefined ? `frame ${frames}` : `frame ${frames}/${Math.max(total, frames)}`,
    `${fps.toFixed(1)} fps`,
  ];
  if (frameRate !== undefined && fps > 0) facts.push(`${(fps / frameRate).toFixed(2)}×`);
  if (total !== undefined && fps > 0) facts.push(`${clock(Math.max(0, total - frames) / fps)} left`);
  const text = facts.join('  ');
  if (total === undefined) return text.slice(0, width);
  return barred(Math.min(1, frames / total), text, width);
}

function barred(part: number, text: string, width: number): string {
  const head = `${String(Math.floor(part * 100)).padStart(3)} % `;
  const room = Math.min(40, width - head.length - text.length - 2);
  if (room < 8) return `${head} ${text}`.slice(0, width);
  const eighths = Math.round(part * room * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  const bar = (full + (eighths % 8 ? BLOCKS[eighths % 8] : '')).padEnd(room, '░');
  return `${head}${bar}  ${text}`;
}

/** Seconds as m:ss or h:mm:ss. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [, m, s] = parts.map((part) => String(part).padStart(2, '0'));
  return parts[0] > 0 ? `${parts[0]}:${m}:${s}` : `${Number(m)}:${s}`;
}

/** What is known of work that goes on elsewhere. */
export interface RemoteState {
  readonly state: string;
  readonly stage?: string | undefined;
  /** 0..1 */
  readonly progress: number;
  readonly fps?: number | undefined;
  /** Seconds left. */
  readonly eta?: number | undefined;
}

/** The same line for work that goes on elsewhere. */
export function remoteLine({ state, stage, progress, fps, eta }: RemoteState, width: number): string {
  const facts = [
    state === 'running' ? (stage ?? state) : state,
    ...(fps ? [`${fps.toFixed(1)} fps`] : []),
    ...(eta === undefined ? [] : [`${clock(eta)} left`]),
  ];
  return barred(progress, facts.join('  '), width);
}

export interface Meter {
  update(frames: number, total: number | undefined, frameRate?: number): void;
  /** The same for work that goes on elsewhere. */
  follow(state: RemoteState): void;
  /** Clears the bar; a line that is not overwritten stays. */
  stop(): void;
}

/** A bar on a terminal, redrawn ten times a second at most; elsewhere a line every few seconds. */
export function createMeter(stream: NodeJS.WriteStream): Meter {
  const begun = performance.now();
  const interval = stream.isTTY ? 100 : 5000;
  let shown = stream.isTTY ? Number.NEGATIVE_INFINITY : begun;
  const show = (line: (width: number) => string) => {
    const now = performance.now();
    if (now - shown < interval) return;
    shown = now;
    if (stream.isTTY) stream.write(`\r${line((stream.columns ?? 80) - 1)}\u001b[K`);
    else stream.write(`${line(100)}\n`);
  };
  return {
    update(frames, total, frameRate) {
      const elapsed = (performance.now() - begun) / 1000;
      show((width) => progressLine({ frames, total, elapsed, frameRate }, width));
    },
    follow: (state) => show((width) => remoteLine(state, width)),
    stop() {
      if (stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

interface Stand {
  readonly frames: number;
  readonly total: number | undefined;
  readonly frameRate: number | undefined;
}

/** Runs work that tells how far it is, with a meter on standard error unless `quiet`. */
export async function metered<T>(
  { quiet = false }: { readonly quiet?: boolean },
  work: (progress: (stand: Stand) => void) => Promise<T>,
): Promise<T> {
  const meter = quiet ? undefined : createMeter(process.stderr);
  try {
    return await work(({ frames, total, frameRate }) => meter?.update(frames, total, frameRate));
  } finally {
    meter?.stop();
  }
}

interface Outcome {
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly count: number }[];
}

/** Where remarks go: nowhere if they are not wanted, or would stand beside JSON. */
export const remarks = (io: Io, { quiet, json }: CommonOptions): Io['say'] =>
  quiet || json ? () => {} : io.say;

/** What came of a command: its report as JSON, or for people its warnings, a remark and the files that were made. */
export function printOutcome(
  io: Io,
  options: CommonOptions,
  report: Outcome,
  remark: string,
  files: readonly (string | undefined)[],
): void {
  if (options.json) {
    io.print(JSON.stringify(report, null, 2));
    return;
  }
  const say = remarks(io, options);
  for (const { code, message, count } of report.warnings)
    say(`warning ${code}: ${message}${count > 1 ? ` (${count}×)` : ''}`);
  say(remark);
  for (const file of files) if (file !== undefined) io.print(file);
}
