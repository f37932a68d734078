import { SidestreamError } from '../core/errors.ts';
import { FfmpegFailure } from './process.ts';

/** What ffmpeg's end means to a person. `name` is the input or output that it was about. */
export function explain(error: unknown, reading: string, writing?: string): unknown {
  if (!(error instanceof FfmpegFailure)) return error;
  const said = error.lines.join('\n');
  const make = (code: SidestreamError['code'], message: string) =>
    new SidestreamError(code, message, { cause: error });
  if (/No space left on device/i.test(said)) {
    return make('DISK_FULL', `no space is left for ${writing ?? 'temporary files'}: free some and run again`);
  }
  if (error.killedBy !== undefined) {
    return make(
      'FFMPEG_FAILED',
      `ffmpeg was ended by ${error.killedBy} while working on ${reading}: run again`,
    );
  }
  if (writing !== undefined && /(Permission denied|Read-only file system|Input\/output error)/i.test(said)) {
    return make('OUTPUT_UNWRITABLE', `${writing} cannot be written: ${lastError(error.lines)}`);
  }
  if (/Unknown encoder|Error initializing output stream|Error while opening encoder/i.test(said)) {
    return make('FFMPEG_FAILED', `ffmpeg cannot encode ${writing}: ${lastError(error.lines)}`);
  }
  // It ended by itself, with an error that has not been seen yet: the input is the likeliest reason.
  return make('INPUT_INVALID', `ffmpeg cannot read all of ${reading}: ${lastError(error.lines)}`);
}

/** What ffmpeg says of itself once something else has gone wrong. */
const AFTERMATH =
  /Error (marking filters|while (decoding|filtering|processing)|submitting)|Conversion failed|Output file is empty|Invalid argument$/;

/** The last line at error level that tells a cause, without ffmpeg's addresses; else the last line. */
export function lastError(lines: readonly string[]): string {
  const errors = lines.filter((text) => /\[(error|fatal)\]/.test(text));
  const line =
    errors.findLast((text) => !AFTERMATH.test(text)) ?? errors.at(-1) ?? lines.at(-1) ?? 'it gave no reason';
  return line
    .replace(/\[[^\]]*@ 0x[0-9a-f]+\]\s*/g, '')
    .replace(/\[(error|fatal|warning)\]\s*/g, '')
    .slice(0, 300);
}
