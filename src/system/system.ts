import type { QueueName } from '../queue/names.ts';
import type { WorkerSighting } from '../queue/worker-board.ts';

/** How the installation stands, as seen from the outside. Times are ISO 8601, in UTC. */

export interface System {
  /** At most a second old. What cannot be told, since Redis is away, is absent. */
  view(): Promise<SystemView>;
}

export interface SystemView {
  readonly version: string;
  /** Of Node. */
  readonly node: string;
  /** As in `linux-x64`. */
  readonly platform: string;
  readonly started_at: string;
  /** Seconds since then. */
  readonly uptime: number;
  /** The server's clock. */
  readonly time: string;
  /** As in `/readyz`. */
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
  readonly queues: readonly QueueView[];
  /** Workers that are alive, on any machine. */
  readonly workers: readonly WorkerView[];
  readonly disk: DiskView;
  readonly redis: RedisView | undefined;
}

export interface QueueView {
  readonly name: QueueName;
  /** Entries that may be taken up at once. */
  readonly waiting: number;
  /** Those that wait for another try, or for room. */
  readonly delayed: number;
  /** Those that wait for their own chunks. */
  readonly blocked: number;
  readonly active: number;
  readonly failed: number;
  readonly paused: boolean;
}

export interface WorkerView extends Omit<WorkerSighting, 'since' | 'seen' | 'work'> {
  readonly since: string;
  readonly seen_at: string;
  readonly work: readonly (Omit<WorkerSighting['work'][number], 'since'> & { readonly since: string })[];
}

/** Bytes. */
export interface DiskView {
  /** Where the server's data folder lies. */
  readonly data: Space;
  /** `space`: absent where no limit is known. `reserve`: what stays free. */
  readonly storage: {
    readonly kind: 'fs' | 's3';
    readonly space: Space | undefined;
    readonly reserve: number;
  };
  /** `jobs`: with uploads. */
  readonly used: { readonly jobs: number; readonly recordings: number; readonly clips: number };
  /** As the settings have them; 0: none. */
  readonly limits: {
    readonly quota_bytes: number;
    readonly jobs: { readonly days: number; readonly bytes: number };
    readonly recordings: { readonly days: number; readonly bytes: number; readonly stream_bytes: number };
    readonly clips: { readonly days: number };
  };
}

export interface Space {
  readonly total: number;
  readonly free: number;
}

export interface RedisView {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly version: string;
  /** Bytes of all its servers; `most`: 0 where there is no limit. */
  readonly memory: { readonly used: number; readonly most: number };
  /** Milliseconds of one question and its answer. */
  readonly latency_ms: number;
}
