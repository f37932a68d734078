import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { explain, lastError } from '../../../src/media/failures.ts';
import { FfmpegFailure } from '../../../src/media/process.ts';

const failure = (line: string, killedBy?: string) => new FfmpegFailure('ffmpeg exited', [line], 1, killedBy);

describe('what ffmpeg failed with', () => {
  it.each([
    ['[error] av_interleaved_write_frame(): No space left on device', 'DISK_FULL'],
    ['[error] /out/a.mp4: Permission denied', 'OUTPUT_UNWRITABLE'],
    ['[error] /out/a.mp4: Read-only file system', 'OUTPUT_UNWRITABLE'],
    ["[fatal] Unknown encoder 'h264_magic'", 'FFMPEG_FAILED'],
    ['[mov @ 0x55] [error] moov atom not found', 'INPUT_INVALID'],
  ])('%s is %s', (line, code) => {
    expect(explain(failure(line), 'in.mp4', '/out/a.mp4')).toMatchObject({ code });
  });

  it('is a kill, not the input, when a signal ended it', () => {
    expect(explain(failure('[error] Invalid data', 'SIGKILL'), 'in.mp4')).toMatchObject({
      code: 'FFMPEG_FAILED',
      message: expect.stringContaining('SIGKILL'),
    });
  });

  it('is told in one line', () => {
    const error = explain(failure('[error] bad'), 'in.mp4');
    expect(error).toBeInstanceOf(SidestreamError);
    expect(String(error)).not.toContain('\n');
  });

  it('is nothing but ffmpeg: other errors pass as they are', () => {
    const other = new TypeError('ours');
    expect(explain(other, 'in.mp4')).toBe(other);
    expect(explain(undefined, 'in.mp4')).toBeUndefined();
  });
});

describe('the line to show', () => {
  it('is the last error, without addresses and levels', () => {
    expect(lastError(['[h264 @ 0x5581] [error] no frame!', '[warning] later'])).toBe('no frame!');
  });
  it('is the cause rather than what follows from it', () => {
    const lines = ['[vp9 @ 0x1] [error] Invalid sync code', '[error] Error marking filters as finished'];
    expect(lastError(lines)).toBe('Invalid sync code');
    expect(lastError(lines.slice(1))).toBe('Error marking filters as finished');
  });
  it('is the last one of any kind where none is an error', () => {
    expect(lastError(['[warning] a', '[warning] b'])).toBe('b');
    expect(lastError([])).toBe('it gave no reason');
  });
});
