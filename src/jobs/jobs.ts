import type { Readable } from 'node:stream';
import type { ErrorCode } from '../core/errors.ts';
import type { JobRequest, LabelRequest } from './request.ts';

/** Jobs as seen from the outside. */

export const STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof STATES)[number];
export const isFinal = (state: JobState): boolean => state !== 'queued' && state !== 'running';

/** What is being done, in this order. A `label` job has no `analyse`. */
export const STAGES = ['plan', 'analyse', 'associate', 'render', 'join'] as const;
export type Stage = (typeof STAGES)[number];

export const RESULTS = ['video', 'masks', 'panoptic', 'report', 'thumbnail', 'source'] as const;
export type ResultName = (typeof RESULTS)[number];

export interface JobView {
  readonly id: string;
  readonly kind: 'segment' | 'label';
  readonly state: JobState;
  readonly stage: Stage | undefined;
  /** 0..1, never less than before. */
  readonly progress: number;
  /** Frames of the video; undefined before they are counted. */
  readonly frames: number | undefined;
  /** Frames that the present stage has done. */
  readonly frames_done: number;
  /** Frames a second, of late. */
  readonly fps: number | undefined;
  /** Seconds left, as far as can be told. */
  readonly eta: number | undefined;
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined;
  /** ISO 8601. */
  readonly created_at: string;
  readonly started_at: string | undefined;
  readonly finished_at: string | undefined;
  readonly priority: 'low' | 'normal' | 'high';
  /** As it was asked for, without credentials. */
  readonly input: { readonly url: string } | { readonly upload: string } | { readonly path: string };
  /** Names looked for: the first of each one's synonyms. */
  readonly vocabulary: readonly string[];
  readonly model: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The job whose analysis this one names anew. */
  readonly of: string | undefined;
  /** The job that this one is once more. */
  readonly retry_of: string | undefined;
  /** What can be downloaded, by name; `source`, the video itself, as it was when the job ended. */
  readonly results: Readonly<Partial<Record<ResultName, { readonly bytes: number; readonly type: string }>>>;
}

/** One thing that happened to a job. `progress` carries what `JobView` says of it. */
export interface JobEvent {
  /** Grows; what `Last-Event-ID` resumes from. */
  readonly id: string;
  readonly event: 'progress' | 'stage' | 'done' | 'failed' | 'cancelled';
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Submitter {
  /** Id of the key; `local` where none is needed. Fair share and quotas are by this. */
  readonly id: string;
}

export interface ResultObject {
  readonly bytes: number;
  readonly type: string;
  /** Strong, without quotes. */
  readonly etag: string;
  readonly modified: Date;
  /** Suggested to whoever saves it; any characters. */
  readonly fileName: string;
  /** Bytes `start` to `end`, both inclusive; all where left out. */
  open(range?: { readonly start: number; readonly end: number }): Promise<Readable>;
  /** An address to be redirected to; undefined where the storage has none. */
  presign(): Promise<string | undefined>;
}

export interface Jobs {
  /**
   * Accepts a job. With an idempotency key the same request gives the job of the first time, another one CONFLICT.
   * Throws USAGE, INPUT_NOT_FOUND, INPUT_UNREADABLE, ADDRESS_REFUSED, QUOTA_EXCEEDED, DISK_FULL, REDIS_UNREACHABLE.
   */
  submit(request: JobRequest, submitter: Submitter, idempotencyKey?: string): Promise<JobView>;
  /** As `submit`, for the analysis of a job that is done. Throws JOB_NOT_FOUND, RESULT_NOT_FOUND. */
  label(id: string, request: LabelRequest, submitter: Submitter, idempotencyKey?: string): Promise<JobView>;
  /**
   * The same once more, for a job that has ended. Throws JOB_NOT_FOUND, CONFLICT, and as `submit` and `label` where what it
   * was about is gone.
   */
  retry(id: string, submitter: Submitter, idempotencyKey?: string): Promise<JobView>;
  /** Throws JOB_NOT_FOUND. */
  get(id: string): Promise<JobView>;
  /** Newest first. `cursor`: where the page before ended. Throws USAGE on a cursor that is none. */
  list(query: {
    readonly state?: JobState | undefined;
    readonly label?: string | undefined;
    readonly cursor?: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly jobs: readonly JobView[]; readonly next: string | undefined }>;
  /** Idempotent: a job that has ended stays as it is. Throws JOB_NOT_FOUND. */
  cancel(id: string): Promise<JobView>;
  /** Cancels what still runs and removes the job and all of its results. Idempotent. */
  remove(id: string): Promise<void>;
  /**
   * What happened after the event `after`, oldest first; waits for it. Ends after the job's end has been told, and at once
   * where `after` is that end.
   */
  events(id: string, after: string | undefined, signal: AbortSignal): AsyncGenerator<JobEvent>;
  /** Throws JOB_NOT_FOUND, RESULT_NOT_FOUND. */
  result(id: string, name: ResultName): Promise<ResultObject>;
}

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly created_at: string;
  readonly revoked_at: string | undefined;
}

export interface Keys {
  /** How many keys are in force. */
  count(): number;
  list(): readonly Key[];
  /** `secret` is the whole key, shown this once: `ssk_<id>_<random>`. Only its hash is kept. */
  create(name: string, role: Role): { readonly key: Key; readonly secret: string };
  /** False where there is no such key in force. */
  revoke(id: string): boolean;
  /** The key in force that `secret` is; compared in constant time. */
  find(secret: string): Key | undefined;
}

export interface Uploads {
  /**
   * Takes a file that lies in the upload folder whole, by renaming it where possible. `fileName`: as its owner calls it,
   * any characters. Throws QUOTA_EXCEEDED, DISK_FULL.
   */
  take(
    path: string,
    file: { readonly fileName: string; readonly submitter: Submitter; readonly id?: string },
  ): Promise<{ readonly id: string; readonly bytes: number }>;
  /** Throws QUOTA_EXCEEDED, DISK_FULL where `bytes` more cannot be taken. */
  check(bytes: number, submitter: Submitter): Promise<void>;
  /** Folder for uploads that are not whole yet, on this machine. */
  readonly folder: string;
  /** Bytes of one upload at most. */
  readonly maxBytes: number;
}
