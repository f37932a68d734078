/**
 * The one table of error codes. A code is what a person sees (`error CODE: …`), what a script matches, what the
 * process exits with and what the HTTP API answers. `docs/errors.md` lists the same rows; a test compares them.
 */

/** `exit`: sysexits-like process status. `http`: status of the API. `retryable`: the same call may pass later. */
export const ERRORS = {
  USAGE: { exit: 2, http: 400, retryable: false, text: 'the command, option or value is not understood' },
  CONFIG: { exit: 2, http: 500, retryable: false, text: 'a configuration key or value is wrong' },
  INPUT_NOT_FOUND: { exit: 66, http: 404, retryable: false, text: 'the input does not exist' },
  INPUT_UNREADABLE: { exit: 66, http: 403, retryable: false, text: 'the input may not be read' },
  INPUT_UNREACHABLE: {
    exit: 66,
    http: 502,
    retryable: true,
    text: 'the address of the input does not answer',
  },
  INPUT_INVALID: { exit: 65, http: 422, retryable: false, text: 'the input is not media that can be read' },
  INPUT_NO_VIDEO: { exit: 65, http: 422, retryable: false, text: 'the input has no video stream' },
  INPUT_NO_FRAMES: { exit: 65, http: 422, retryable: false, text: 'no frame of the input can be decoded' },
  OUTPUT_EXISTS: {
    exit: 2,
    http: 409,
    retryable: false,
    text: 'the output exists and may not be overwritten',
  },
  OUTPUT_IS_INPUT: { exit: 2, http: 409, retryable: false, text: 'output and input are the same file' },
  OUTPUT_FORMAT: { exit: 2, http: 400, retryable: false, text: 'the output format is not supported' },
  OUTPUT_UNWRITABLE: { exit: 69, http: 500, retryable: false, text: 'the output cannot be written' },
  DISK_FULL: { exit: 69, http: 507, retryable: true, text: 'no space is left where the output goes' },
  FFMPEG_MISSING: { exit: 69, http: 503, retryable: false, text: 'ffmpeg or ffprobe is not installed' },
  FFMPEG_FAILED: { exit: 70, http: 500, retryable: true, text: 'ffmpeg ended before its work was done' },
  ENCODER_MISSING: { exit: 69, http: 503, retryable: false, text: 'ffmpeg lacks the encoder asked for' },
  MODEL_MISSING: { exit: 69, http: 503, retryable: false, text: 'the model or its weights are not here' },
  MODEL_INVALID: {
    exit: 65,
    http: 422,
    retryable: false,
    text: 'the model pack or its architecture does not fit',
  },
  CHECKPOINT_INVALID: {
    exit: 65,
    http: 422,
    retryable: false,
    text: 'the checkpoint is damaged or not understood',
  },
  CHECKPOINT_UNSAFE: { exit: 65, http: 422, retryable: false, text: 'the checkpoint asks to run code' },
  TOKENIZER_INVALID: { exit: 65, http: 422, retryable: false, text: 'the tokenizer cannot be used' },
  CHECKSUM_MISMATCH: { exit: 65, http: 502, retryable: true, text: 'a file is not what its checksum says' },
  DOWNLOAD_FAILED: { exit: 69, http: 502, retryable: true, text: 'a download did not finish' },
  PROVIDER_UNAVAILABLE: {
    exit: 69,
    http: 503,
    retryable: false,
    text: 'the execution provider asked for is not usable',
  },
  INFERENCE_FAILED: { exit: 70, http: 500, retryable: true, text: 'the model could not be run' },
  ANALYSIS_INVALID: {
    exit: 65,
    http: 422,
    retryable: false,
    text: 'the analysis cannot be read, or does not fit',
  },
  TRUTH_INVALID: { exit: 65, http: 422, retryable: false, text: 'the masks or truth file cannot be used' },
  ADDRESS_REFUSED: {
    exit: 66,
    http: 422,
    retryable: false,
    text: 'the address is one that may not be asked',
  },
  INPUT_TOO_LARGE: { exit: 65, http: 413, retryable: false, text: 'the input is larger than allowed' },
  JOB_NOT_FOUND: { exit: 66, http: 404, retryable: false, text: 'there is no such job' },
  STREAM_NOT_FOUND: { exit: 66, http: 404, retryable: false, text: 'there is no such stream' },
  STREAM_NOT_LIVE: { exit: 69, http: 503, retryable: true, text: 'the stream shows nothing at present' },
  CAMERA_AWAY: { exit: 69, http: 502, retryable: true, text: 'the camera does not answer, or has gone' },
  CAMERA_REFUSED: {
    exit: 69,
    http: 502,
    retryable: true,
    text: 'the camera does not let anyone in, or has no such stream',
  },
  CAMERA_SILENT: { exit: 69, http: 502, retryable: true, text: 'the camera answers and sends no picture' },
  RESULT_NOT_FOUND: { exit: 66, http: 404, retryable: true, text: 'the job has no such result, or not yet' },
  CLIP_NOT_FOUND: { exit: 66, http: 404, retryable: false, text: 'there is no such clip' },
  CLIP_NOT_READY: {
    exit: 69,
    http: 503,
    retryable: true,
    text: 'the clip, or this part of it, is still made',
  },
  EVENT_NOT_FOUND: { exit: 66, http: 404, retryable: false, text: 'there is no such event' },
  NOT_RECORDED: { exit: 66, http: 404, retryable: false, text: 'nothing was recorded in that time' },
  RULES_INVALID: {
    exit: 2,
    http: 400,
    retryable: false,
    text: 'the rules are not understood, or can never hold',
  },
  OBJECT_NOT_FOUND: { exit: 66, http: 404, retryable: false, text: 'the storage has no such object' },
  STORAGE_UNREACHABLE: { exit: 69, http: 503, retryable: true, text: 'the storage does not answer' },
  REDIS_UNREACHABLE: { exit: 69, http: 503, retryable: true, text: 'Redis does not answer' },
  SERVER_UNREACHABLE: { exit: 69, http: 502, retryable: true, text: 'the server does not answer' },
  KEY_REQUIRED: { exit: 77, http: 401, retryable: false, text: 'a key is needed' },
  KEY_FORBIDDEN: { exit: 77, http: 403, retryable: false, text: 'the role of the key does not allow this' },
  TOO_MANY_REQUESTS: {
    exit: 69,
    http: 429,
    retryable: true,
    text: 'more was asked than is allowed in this time',
  },
  QUOTA_EXCEEDED: { exit: 69, http: 507, retryable: true, text: 'the submitter has used up its storage' },
  CONFLICT: { exit: 65, http: 409, retryable: false, text: 'the request contradicts an earlier one' },
  NOT_FOUND: { exit: 66, http: 404, retryable: false, text: 'there is nothing at this address' },
  NO_WORKER: { exit: 69, http: 503, retryable: true, text: 'no worker answers in time' },
  WORKER_LOST: { exit: 70, http: 500, retryable: false, text: 'the workers ended over this, time and again' },
  WEBHOOK_FAILED: { exit: 69, http: 502, retryable: true, text: 'the webhook was not taken' },
  INTERRUPTED: { exit: 130, http: 499, retryable: true, text: 'the work was stopped' },
  INTERNAL: { exit: 70, http: 500, retryable: false, text: 'this is a defect of the program' },
} as const satisfies Record<string, { exit: number; http: number; retryable: boolean; text: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error that a person can act on: one line saying what happened, where, and what to do. */
export class SidestreamError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SidestreamError';
    this.code = code;
  }

  get exit(): number {
    return ERRORS[this.code].exit;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Any thrown value as a SidestreamError; what is not one of ours becomes INTERNAL with the original as cause. */
export function asSidestreamError(thrown: unknown): SidestreamError {
  if (thrown instanceof SidestreamError) return thrown;
  if (isErrno(thrown, 'ENOSPC')) {
    return new SidestreamError('DISK_FULL', `${thrown.message}: free some space and run again`, {
      cause: thrown,
    });
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new SidestreamError('INTERRUPTED', 'interrupted', { cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SidestreamError('INTERNAL', `${message}; please report this`, { cause: thrown });
}

/** True for Node's system errors, of one `code` (such as `ENOENT`) where given. */
export function isErrno(thrown: unknown, code?: string): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && 'code' in thrown && (code === undefined || thrown.code === code);
}
