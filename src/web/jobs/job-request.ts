import type { paths } from '../api/schema.d.ts';

type JobRequest = paths['/v1/jobs']['post']['requestBody']['content']['application/json'];

/** `default`: as the server is set up. */
type OrDefault<T> = T | 'default';
export type Expand = 'coco-stuff' | 'model' | 'none';
export type Association = 'online' | 'clustered';
export type Labels = 'none' | 'names' | 'ids';
export type Priority = 'low' | 'normal' | 'high';
export type Format = 'mp4' | 'mov' | 'mkv' | 'webm';

/** How videos are to be segmented, beside their words. */
export interface Options {
  /** Empty: the server's. */
  readonly model: string;
  readonly expand: OrDefault<Expand>;
  readonly association: OrDefault<Association>;
  /** As it was typed; empty: as the server is set up. */
  readonly every: string;
  readonly labels: OrDefault<Labels>;
  readonly priority: Priority;
  readonly format: Format;
}

/** What somebody wants of a video. */
export interface Wish extends Options {
  /** `car|vehicle` has a synonym. */
  readonly words: readonly string[];
}

export const DEFAULTS: Options = {
  model: '',
  expand: 'default',
  association: 'default',
  every: '',
  labels: 'default',
  priority: 'normal',
  format: 'mp4',
};

export const MOST_EVERY = 10_000;

/** Whether N of every N-th frame can be sent. */
export const isEvery = (typed: string): boolean =>
  typed === '' || (/^\d{1,5}$/.test(typed) && Number(typed) >= 1 && Number(typed) <= MOST_EVERY);

/** The options that are not as they were at first. */
export const chosenOf = (options: Options): readonly (keyof Options)[] =>
  (Object.keys(DEFAULTS) as (keyof Options)[]).filter((key) => options[key] !== DEFAULTS[key]);

/** The body of POST /v1/jobs. `name`: what the video is called, where its input does not say it. */
export function requestOf(input: JobRequest['input'], name: string | undefined, wish: Wish): JobRequest {
  const { words, model, expand, association, every, labels, priority, format } = wish;
  return {
    input,
    vocabulary: words.map((word) =>
      word
        .split('|')
        .map((synonym) => synonym.trim())
        .filter(Boolean),
    ),
    ...(model === '' ? {} : { model }),
    ...(expand === 'default' ? {} : { expand }),
    ...(association === 'default' ? {} : { association }),
    ...(every === '' ? {} : { every: Number(every) }),
    output: { format, ...(labels === 'default' ? {} : { labels }) },
    priority,
    ...(name === undefined ? {} : { metadata: { name: name.slice(0, LONGEST_NAME) } }),
  };
}

/** Characters that a note of a job may have. */
const LONGEST_NAME = 1000;
