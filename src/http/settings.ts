import type { Logger } from 'pino';
import type { Clips, Events, Recordings, RulePreviews, Search } from '../clips/clips.ts';
import type { Jobs, Keys, Uploads } from '../jobs/jobs.ts';
import type { Sessions } from '../jobs/sessions.ts';
import type { Cameras } from '../streams/cameras.ts';
import type { Streams } from '../streams/streams.ts';
import type { Models } from '../system/models.ts';
import type { System } from '../system/system.ts';
import type { Words } from '../system/words.ts';

export const MINUTE = 60_000;
/**
 * So many times as many requests for what a page full of pictures asks for, or a player every other second: that is not
 * counted with what else is asked.
 */
export const BROWSING = 10;

/** How the API is served. */
export interface AppSettings {
  /** Address that is listened on; what is open without a key depends on it. */
  readonly host: string;
  /** `auto`: on a loopback host no key is needed as long as there is none. */
  readonly keys: 'auto' | 'always';
  /** Requests a minute of one key, or of one address where no key is needed. */
  readonly rateLimit: number;
  /** Bytes of a JSON body at most. */
  readonly bodyBytes: number;
  /** Milliseconds in which a request must have arrived; for uploads: in which the next byte must. */
  readonly requestTimeoutMs: number;
  /** Host names beside the loopback ones by which a server without keys may be asked. */
  readonly hosts: readonly string[];
  /** Downloads are redirected to the storage where it can be asked directly. */
  readonly redirect: boolean;
  /** Hours that an unfinished upload is kept. */
  readonly uploadHours: number;
}

/** One thing that the server cannot do without. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail?: string;
}

/** A setting, who said so, and what it means. */
export interface ShownSetting {
  readonly value: unknown;
  readonly source: string;
  readonly about: string;
}

export interface AppDeps {
  readonly jobs: Jobs;
  readonly streams: Streams;
  readonly cameras: Cameras;
  readonly clips: Clips;
  readonly recordings: Recordings;
  readonly events: Events;
  readonly search: Search;
  readonly previews: RulePreviews;
  readonly keys: Keys;
  readonly sessions: Sessions;
  /** Folder of the page that was built; it may be absent. */
  readonly page: string;
  readonly uploads: Uploads;
  readonly system: System;
  readonly models: Models;
  readonly words: Words;
  /** The settings in force by key, such as `http.port`, with nothing secret in them. */
  readonly config: ReadonlyMap<string, ShownSetting>;
  readonly health: { ready(): Promise<readonly Check[]> };
  /** Measurements as Prometheus reads them. */
  readonly metrics: () => Promise<{ contentType: string; body: string }>;
  readonly logger: Logger;
  readonly version: string;
  readonly settings: AppSettings;
}
