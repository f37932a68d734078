import type { ErrorCode } from '../core/errors.ts';
import type { ResultObject } from '../jobs/jobs.ts';
import type { ClipRequest, RecordedFilesRequest, RulePreviewRequest, TimelineRequest } from './request.ts';
import type { Rules } from './rules/rules.ts';

/** Recordings, clips, events and questions about the past, as seen from the outside. Times are ISO 8601, in UTC. */

/**
 * `waiting`: the recording has not come to its end yet; `queued`, `running`: it is being cut; `done`; `failed`: `error`
 * says why.
 */
export const CLIP_STATES = ['waiting', 'queued', 'running', 'done', 'failed'] as const;
export type ClipState = (typeof CLIP_STATES)[number];
export const isCut = (state: ClipState): boolean => state === 'done' || state === 'failed';

/** `overlay`: the video with names painted over it; that and `masks` are made when they are first asked for. */
export const CLIP_RESULTS = ['video', 'overlay', 'masks', 'thumbnail', 'preview', 'analysis'] as const;
export type ClipResultName = (typeof CLIP_RESULTS)[number];

/** A stretch without pictures. */
export interface Gap {
  readonly from: string;
  readonly to: string;
  /** A code of `docs/clips.md`: why there are none. */
  readonly reason: string;
}

export interface ClipView {
  readonly id: string;
  readonly stream: string;
  readonly stream_name: string;
  readonly state: ClipState;
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined;
  readonly title: string | undefined;
  /** As asked for; half-open. */
  readonly from: string;
  readonly to: string;
  /** Times of its first and last picture; undefined before it is cut. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** Seconds. */
  readonly duration: number | undefined;
  readonly frames: number | undefined;
  /** With where the gap is in the clip, in seconds, and how long it is shown there. */
  readonly gaps: readonly (Gap & { readonly at: number; readonly shown: number })[];
  /** Names that are seen in it, longest first. */
  readonly labels: readonly string[];
  /** The event that it was cut for, and the event's rule. */
  readonly event: string | undefined;
  readonly rule: string | undefined;
  /** Not to be removed by retention. */
  readonly keep: boolean;
  /** Names that overlay and masks go by: the first of each one's synonyms. */
  readonly vocabulary: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly finished_at: string | undefined;
  /** What is there; `overlay` and `masks` may be asked for before. */
  readonly results: Readonly<
    Partial<
      Record<ClipResultName, { readonly bytes: number; readonly type: string; readonly sha256: string }>
    >
  >;
}

export interface ClipQuery {
  readonly stream?: string | undefined;
  /** A name that is seen in it. */
  readonly label?: string | undefined;
  readonly rule?: string | undefined;
  readonly event?: string | undefined;
  readonly keep?: boolean | undefined;
  readonly state?: ClipState | undefined;
  /** Clips that have any of this time, in milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface Clips {
  /**
   * Cuts a clip; it may end in the future, or now. Throws STREAM_NOT_FOUND, USAGE, NOT_RECORDED, DISK_FULL,
   * QUOTA_EXCEEDED.
   */
  create(stream: string, request: ClipRequest, submitter: { readonly id: string }): Promise<ClipView>;
  /** Throws CLIP_NOT_FOUND. */
  get(id: string): Promise<ClipView>;
  /** Newest first. Throws USAGE on a cursor that no page gave. */
  list(query: ClipQuery): Promise<{ readonly clips: readonly ClipView[]; readonly next: string | undefined }>;
  /** Throws CLIP_NOT_FOUND. */
  change(
    id: string,
    patch: { readonly keep?: boolean | undefined; readonly title?: string | undefined },
  ): Promise<ClipView>;
  /** Idempotent. Also what is kept. */
  remove(id: string): Promise<void>;
  /**
   * What a clip has; makes what is made only when asked for, and waits for it up to `patience` milliseconds. Throws
   * CLIP_NOT_FOUND, CLIP_NOT_READY where it takes longer, RESULT_NOT_FOUND, and why it failed.
   */
  result(id: string, name: ClipResultName, patience: number, signal: AbortSignal): Promise<ResultObject>;
}

export interface TimelineView {
  readonly stream: string;
  readonly from: string;
  readonly to: string;
  /** Stretches with pictures. */
  readonly recorded: readonly { readonly from: string; readonly to: string }[];
  readonly gaps: readonly Gap[];
  /** Milliseconds of a bucket. */
  readonly step: number;
  /** Names in the order of `names` below. */
  readonly names: readonly string[];
  /** Buckets in which anything is seen, in order. */
  readonly buckets: readonly {
    readonly time: string;
    readonly seen: readonly {
      /** Index in `names`. */
      readonly name: number;
      /** Seconds in which it is seen. */
      readonly seconds: number;
      /** Largest share of the picture, 0..1. */
      readonly share: number;
      /** Most objects at a time; 0 for stuff. */
      readonly count: number;
    }[];
  }[];
  readonly events: readonly EventView[];
}

/** A segment of a recording, as an MP4. */
export interface RecordedFile {
  /** What of it counts; half-open. */
  readonly from: string;
  readonly to: string;
  /** Time of its first picture: its second 0. */
  readonly begin: string;
  /** Address below the server. */
  readonly url: string;
  readonly bytes: number;
}

export interface Recordings {
  /** What was recorded and seen when. With other words than at the time: from what regions looked like. Throws STREAM_NOT_FOUND, USAGE. */
  timeline(stream: string, request: TimelineRequest, signal: AbortSignal): Promise<TimelineView>;
  /** Segments in order. `next`: where those begin that were too many. Throws STREAM_NOT_FOUND, USAGE. */
  files(
    stream: string,
    request: RecordedFilesRequest,
  ): Promise<{ readonly files: readonly RecordedFile[]; readonly next: string | undefined }>;
  /** One of them, by the last part of its address. Throws NOT_RECORDED, also when it is opened. */
  file(stream: string, name: string): Promise<ResultObject>;
}

/** An event as rules would have made it. */
export interface EventPreview
  extends Pick<EventView, 'rule' | 'began_at' | 'ended_at' | 'names' | 'tracks' | 'best' | 'why'> {}

export interface RulePreviewView {
  /** By when they began; what goes on at the end has no end. */
  readonly events: readonly EventPreview[];
  /** What was asked for, and up to when it was looked at. */
  readonly from: string;
  readonly to: string;
  readonly until: string;
  /** Seconds with pictures up to there. */
  readonly seconds_recorded: number;
  /** Stretches that could not be looked at: as on the timeline, and `NOT_ANALYSED`, where no model or another one has seen it. */
  readonly gaps: readonly Gap[];
  readonly took_ms: number;
  /** It took too long, or there were too many events: `until` is where it ended. */
  readonly truncated: boolean;
}

export interface RulePreviews {
  /**
   * The events that rules would have made over what is recorded. Throws STREAM_NOT_FOUND, USAGE, RULES_INVALID where they
   * take stuff for objects, NO_WORKER.
   */
  preview(
    stream: string,
    request: RulePreviewRequest & { readonly rules: Rules },
    submitter: { readonly id: string },
    signal: AbortSignal,
  ): Promise<RulePreviewView>;
}

/** Something that a rule was waiting for. */
export interface EventView {
  readonly id: string;
  readonly stream: string;
  readonly rule: string;
  readonly state: 'open' | 'closed';
  readonly began_at: string;
  readonly ended_at: string | undefined;
  readonly updated_at: string;
  /** Names and tracks that took part. */
  readonly names: readonly string[];
  readonly tracks: readonly number[];
  /** The moment that shows it best. `box`: x0, y0, x1, y1 as shares of the picture. */
  readonly best: {
    readonly time: string;
    readonly track: number | undefined;
    readonly score: number;
    readonly share: number;
    readonly box: readonly number[] | undefined;
  };
  /** The clip that was cut for it. */
  readonly clip: string | undefined;
  /** Why it ended, where not by itself. */
  readonly why: string | undefined;
}

export interface EventQuery {
  readonly stream?: string | undefined;
  readonly rule?: string | undefined;
  readonly label?: string | undefined;
  readonly state?: 'open' | 'closed' | undefined;
  /** Events that have any of this time, in milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** One message about an event. */
export interface EventMessage {
  /** Grows; what `Last-Event-ID` resumes from. */
  readonly id: string;
  readonly event: 'event.opened' | 'event.updated' | 'event.closed';
  readonly data: EventView;
}

export interface Events {
  /** Throws EVENT_NOT_FOUND. */
  get(id: string): Promise<EventView>;
  /** Newest first. */
  list(
    query: EventQuery & { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ readonly events: readonly EventView[]; readonly next: string | undefined }>;
  /** What happens after the message `after`, oldest first; without it, from now on. Goes on until `signal` is aborted. */
  follow(
    query: Pick<EventQuery, 'stream' | 'rule'>,
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<EventMessage>;
}

export interface SearchQuery {
  /** The words, other words for the same between `|`. */
  readonly q: string;
  readonly stream?: string | undefined;
  readonly job?: string | undefined;
  /** Milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Least score, 0..1, and least share of the picture. */
  readonly threshold?: number | undefined;
  readonly share?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface Found {
  /** Either a stream, with times on the clock, or a job, with seconds from its video's beginning. */
  readonly stream: string | undefined;
  readonly job: string | undefined;
  readonly from: string | number;
  readonly to: string | number;
  /** The moment that fits best. */
  readonly at: string | number;
  /** 0..1; 0.5: as good as the best other name. */
  readonly score: number;
  readonly track: number;
  readonly share: number;
  /** Addresses below the server: a picture of the moment, and what to POST `clip` to, or where the video is. */
  readonly thumbnail: string | undefined;
  readonly video: string | undefined;
  readonly clip: { readonly url: string; readonly body: ClipRequest } | undefined;
}

export interface Search {
  /** Best first. Throws USAGE, and INTERRUPTED where the words are not compared in time. */
  search(
    query: SearchQuery,
    signal: AbortSignal,
  ): Promise<{
    readonly found: readonly Found[];
    readonly next: string | undefined;
    readonly took_ms: number;
  }>;
  /** A picture of a moment of a recording, as JPEG. Throws STREAM_NOT_FOUND, NOT_RECORDED. */
  picture(stream: string, time: number, signal: AbortSignal): Promise<Uint8Array>;
}
