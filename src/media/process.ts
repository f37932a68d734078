import { ChildProcess } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { execa } from 'execa';
import ffmpeg from 'fluent-ffmpeg';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';

/**
 * The only place that starts ffmpeg and ffprobe. fluent-ffmpeg drives ffmpeg; what it leaves open is settled here: a
 * stream that ends is not yet a success, a killed process is followed up, what ffmpeg says is kept in bounds and
 * without passwords, and ffmpeg's capabilities are not asked for in a way that fails on its newer versions.
 */

export interface FfmpegPaths {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

export interface FfmpegInput {
  /** A URL, or a path with `file:` before it; or a stream that is fed to standard input. */
  readonly source: string | Readable;
  /** Arguments before `-i`. */
  readonly options: readonly string[];
}

export interface FfmpegJob {
  readonly inputs: readonly FfmpegInput[];
  /** Arguments after the inputs. */
  readonly outputOptions: readonly string[];
  /** A path, or a stream that standard output goes to. */
  readonly output: string | Writable;
}

export interface FfmpegEnd {
  /** The last lines that ffmpeg wrote, progress apart. */
  readonly lines: readonly string[];
  /** Number of lines at error level, also of those that are no longer kept. */
  readonly errors: number;
  /** Frames written, by ffmpeg's last progress report. */
  readonly frames: number;
}

export interface FfmpegRun {
  /**
   * Settles when the process is gone: with what it said, or rejected with `FfmpegFailure`. A stream of output may end
   * before that, also when ffmpeg failed.
   */
  readonly ended: Promise<FfmpegEnd>;
  /** Ends the process: asked first, killed when it does not listen. */
  kill(): void;
}

/** ffmpeg ended with an error, or was ended. */
export class FfmpegFailure extends Error {
  readonly lines: readonly string[];
  readonly exitCode: number | undefined;
  /** The signal that ended it, if one did. */
  readonly killedBy: string | undefined;

  constructor(message: string, lines: readonly string[], exitCode?: number, killedBy?: string) {
    super(message);
    this.name = 'FfmpegFailure';
    this.lines = lines;
    this.exitCode = exitCode;
    this.killedBy = killedBy;
  }
}

/** Lines of ffmpeg's output that are kept. */
const KEPT_LINES = 60;
/** Milliseconds from asking ffmpeg to end to killing it. */
const PATIENCE = 800;
const MEGABYTE = 1 << 20;

/** A pipe to or from ffmpeg. It never closes by itself: fluent-ffmpeg takes a closed output for a failure. */
export function pipe(): PassThrough {
  return new PassThrough({ autoDestroy: false, emitClose: false, highWaterMark: MEGABYTE });
}

export function runFfmpeg(job: FfmpegJob, paths: FfmpegPaths, signal: AbortSignal): FfmpegRun {
  const command = ffmpeg({ stdoutLines: KEPT_LINES });
  command.setFfmpegPath(paths.ffmpeg);
  // It would list all formats and encoders first, twice a job, and misses device formats from ffmpeg 7 on. A format
  // that is not there fails soon enough.
  Object.assign(command, { _checkCapabilities: (done: () => void) => done() });
  for (const { source, options } of job.inputs) command.input(source).inputOptions([...options]);
  command
    .output(job.output)
    .outputOptions(['-hide_banner', '-nostats', '-progress', 'pipe:2', '-v', 'level+warning']);
  command.outputOptions([...job.outputOptions]);

  const lines: string[] = [];
  let errors = 0;
  let frames = 0;
  command.on('stderr', (line: string) => {
    const progress = /^(\w+)=\s*(\S*)$/.exec(line);
    if (progress) {
      if (progress[1] === 'frame') frames = Number(progress[2]);
      return;
    }
    if (/\[(error|fatal|panic)\]/.test(line)) errors++;
    if (line.trim() === '') return;
    lines.push(redact(line));
    if (lines.length > KEPT_LINES) lines.shift();
  });

  let running = false;
  let over = false;
  let escalation: NodeJS.Timeout | undefined;
  const kill = () => {
    if (over || escalation) return;
    // Before it runs there is nothing to kill; its start looks at `signal`.
    if (running) command.kill('SIGTERM');
    escalation = setTimeout(() => command.kill('SIGKILL'), PATIENCE);
  };

  const ended = new Promise<FfmpegEnd>((resolve, reject) => {
    const settle = () => {
      over = true;
      clearTimeout(escalation);
      signal.removeEventListener('abort', kill);
    };
    command.once('end', () => {
      settle();
      resolve({ lines, errors, frames });
    });
    command.once('error', (error: Error) => {
      settle();
      reject(failure(error, lines, paths));
    });
    command.once('start', () => {
      running = true;
      // A program that cannot be started would end ours: fluent-ffmpeg fails while it reports that.
      const child: unknown = Reflect.get(command, 'ffmpegProc');
      if (child instanceof ChildProcess) {
        child.removeAllListeners('error').once('error', () => {
          settle();
          reject(missing(paths.ffmpeg));
        });
      }
      if (signal.aborted) command.kill('SIGKILL');
    });
  });
  ended.catch(() => {}); // Whoever runs the job awaits it; until then a failure must not end the program.
  signal.addEventListener('abort', kill, { once: true });
  command.run();
  return { ended, kill };
}

/** What fluent-ffmpeg says of a failure, taken apart again. */
function failure(error: Error, lines: readonly string[], paths: FfmpegPaths): Error {
  if (/Cannot find ffmpeg|ENOENT/.test(error.message)) return missing(paths.ffmpeg);
  const exit = /exited with code (\d+)/.exec(error.message);
  const killed = /killed with signal (\w+)/.exec(error.message);
  return new FfmpegFailure(redact(error.message), lines, exit ? Number(exit[1]) : undefined, killed?.[1]);
}

export function missing(path: string): SidestreamError {
  return new SidestreamError(
    'FFMPEG_MISSING',
    `${path} cannot be started: install ffmpeg, or set ffmpeg.ffmpeg and ffmpeg.ffprobe`,
  );
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly failed: boolean;
}

/** Runs a short command to its end. `timeout` in milliseconds. */
export async function runShort(
  path: string,
  args: readonly string[],
  { timeout, signal }: { timeout: number; signal: AbortSignal },
): Promise<Output & { readonly timedOut: boolean }> {
  const result = await execa(path, args, {
    reject: false,
    stdin: 'ignore',
    timeout,
    cancelSignal: signal,
    forceKillAfterDelay: PATIENCE,
    maxBuffer: 64 * MEGABYTE,
  });
  if (result.code === 'ENOENT' || result.code === 'EACCES') throw missing(path);
  signal.throwIfAborted();
  const { stdout, failed, timedOut } = result;
  return { stdout: stdout ?? '', stderr: redact(result.stderr ?? ''), failed, timedOut };
}
