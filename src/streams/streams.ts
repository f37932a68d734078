import type { Readable } from 'node:stream';
import type { Rules } from '../clips/rules/rules.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { StreamPatch, StreamRequest } from './request.ts';

/** Streams as seen from the outside. */

/**
 * `starting`: no worker has it yet; `connecting`: the camera is away, `reason` says why, and it is tried for ever; `live`:
 * pictures come; `paused`: a worker holds it and reads nothing; `stopped`: no worker holds it.
 */
export const STREAM_STATES = ['starting', 'connecting', 'live', 'paused', 'stopped'] as const;
export type StreamState = (typeof STREAM_STATES)[number];

/** What a user asks of a stream. */
export const WISHES = ['running', 'paused', 'stopped'] as const;
export type Wish = (typeof WISHES)[number];

/** What a worker tells of a stream that it holds. Counts are of the worker's own time with it. */
export interface StreamStats {
  /** Of the camera's picture; 0 before the first one. */
  readonly width: number;
  readonly height: number;
  /** As ffmpeg calls it: h264, hevc, mjpeg. */
  readonly codec: string;
  /** Frames a second of late: as they come, and as they go through the model. */
  readonly fps: number;
  readonly analysed_fps: number;
  /** Milliseconds from a frame's arrival to its leaving the encoder, over the last minute. */
  readonly latency_ms: { readonly median: number; readonly p95: number };
  /** Milliseconds of that in which the model had it. */
  readonly inference_ms: { readonly median: number; readonly p95: number };
  /** decoded = emitted + Σ dropped + what is under way. */
  readonly frames: {
    readonly decoded: number;
    readonly analysed: number;
    readonly emitted: number;
    readonly dropped: readonly { readonly reason: string; readonly count: number }[];
  };
  readonly reconnects: number;
  /** Outputs by name (`hls`, `rtsp`): whether they go on, else why not. */
  readonly outputs: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
}

export interface Fault {
  readonly code: ErrorCode;
  /** Without credentials. */
  readonly message: string;
}

export interface StreamView {
  readonly id: string;
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  readonly transport: 'tcp' | 'udp' | 'multicast' | 'http';
  /** Which of its video tracks, from 0. */
  readonly track: number;
  readonly wish: Wish;
  readonly state: StreamState;
  /** Why it is connecting, or paused by itself. */
  readonly reason: Fault | undefined;
  /** ISO 8601: when it came to be in this state. */
  readonly since: string;
  /** Names looked for: the first of each one's synonyms. */
  readonly vocabulary: readonly string[];
  /** The same, each with all of its synonyms. */
  readonly words: readonly (readonly string[])[];
  readonly model: string;
  readonly policy: string;
  readonly between: 'hold' | 'move';
  /** Null: nothing is recorded. `days`, `max_bytes`: that recordings are kept; 0: no limit. */
  readonly record: {
    readonly audio: boolean;
    readonly seconds: number;
    readonly days: number;
    readonly max_bytes: number;
  } | null;
  /** What is waited for, with all that was left out filled in; null: nothing. */
  readonly rules: Rules | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Grows with each change; `applied` is the one that its worker goes by. */
  readonly revision: number;
  readonly applied: number | undefined;
  readonly created_at: string;
  readonly updated_at: string;
  /** Name of the worker that holds it. */
  readonly worker: string | undefined;
  readonly stats: StreamStats | undefined;
}

/** An answer of the worker that holds the stream, handed through as it comes. */
export interface Relayed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

export interface Streams {
  /** Throws USAGE, ADDRESS_REFUSED, INPUT_NOT_FOUND, REDIS_UNREACHABLE. */
  create(request: StreamRequest, submitter: { readonly id: string }): Promise<StreamView>;
  /** Throws STREAM_NOT_FOUND. */
  get(id: string): Promise<StreamView>;
  /** By name. */
  list(): Promise<readonly StreamView[]>;
  /**
   * Changes a stream while it runs. Words that its worker refuses leave it as it was: throws what the worker says. Waits for
   * the worker a short while; `applied` of the answer tells whether it has taken the change. Throws STREAM_NOT_FOUND.
   */
  change(id: string, patch: StreamPatch): Promise<StreamView>;
  /** Ends and forgets it. Idempotent. */
  remove(id: string): Promise<void>;
  /**
   * Asks the worker that holds the stream: `path` is `hls/index.m3u8`, `mjpeg`, `snapshot.jpg`, `events`…, with its query.
   * Throws STREAM_NOT_FOUND, STREAM_NOT_LIVE.
   */
  relay(id: string, path: string, signal: AbortSignal): Promise<Relayed>;
}
