import { z } from 'zod';

/** What the settings may be. `config/default.yaml` says what they mean and what they are by default. */

const path = z.string().min(1, 'must be a path');
const address = (protocol: RegExp, what: string) =>
  z.url({ protocol, error: `must be an address that starts with ${what}` });

const topic = z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/, 'must be words parted by /');

export const configSchema = z.strictObject({
  model: z.strictObject({
    name: z.string().min(1, 'must be the name or folder of a model pack'),
    directories: z.array(path),
    provider: z.enum(['auto', 'cuda', 'webgpu', 'coreml', 'dml', 'cpu']),
    precision: z.enum(['auto', 'fp32', 'fp16', 'int8']),
    threads: z.int().min(0).max(256),
    short_side: z.int().min(32).max(4096).nullable(),
    sessions: z.int().min(1).max(64),
  }),
  segment: z.strictObject({
    expand: z.enum(['coco-stuff', 'model', 'none']),
    association: z.enum(['online', 'clustered', 'none']),
    every: z.int().min(1).max(10_000),
    opacity: z.number().min(0).max(1),
    outline: z.number().min(0).max(2),
    labels: z.enum(['none', 'names', 'ids']),
    color_by: z.enum(['name', 'track']),
    paint_side: z.int().min(64).max(4096),
    encoder: z
      .string()
      .regex(/^[\w-]+$/, "must be ffmpeg's name of an encoder, such as libx264")
      .nullable(),
    crf: z.int().min(0).max(63),
    preset: z.enum([
      'ultrafast',
      'superfast',
      'veryfast',
      'faster',
      'fast',
      'medium',
      'slow',
      'slower',
      'veryslow',
    ]),
  }),
  ffmpeg: z.strictObject({ ffmpeg: path, ffprobe: path }),
  cache: z.strictObject({ directory: path.nullable() }),
  fetch: z.strictObject({
    proxy: z
      .union([z.literal('none'), z.url('must be an address such as http://proxy:3128, or none')])
      .nullable(),
    no_proxy: z.string().nullable(),
    mirror: address(/^https?$/, 'http:// or https://').nullable(),
    retries: z.int().min(0).max(100),
    timeout_ms: z.int().min(100).max(3_600_000),
  }),
  redis: z.strictObject({
    url: z
      .string()
      .regex(
        /^(rediss?(\+(sentinel|cluster))?|unix):\/\/./,
        'must be an address that starts with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://',
      ),
    prefix: z.string().regex(/^[\w.-]{1,60}$/, 'must be a word'),
  }),
  http: z.strictObject({
    host: z.string().min(1, 'must be a host name or address'),
    port: z.int().min(0).max(65_535),
    keys: z.enum(['auto', 'always']),
    hosts: z.array(z.string().min(1, 'must be a host name')),
    rate_limit: z.int().min(1).max(1_000_000),
    body_bytes: z.int().min(1024).max(100_000_000),
    request_timeout_ms: z.int().min(1000).max(3_600_000),
    redirect: z.boolean(),
    session_hours: z.number().min(0.1).max(8760),
  }),
  data: z.strictObject({ directory: path.nullable() }),
  storage: z.strictObject({
    kind: z.enum(['fs', 's3']),
    directory: path.nullable(),
    reserve_bytes: z.int().min(0).max(1e15),
    quota_bytes: z.number().min(0).max(1e18),
  }),
  s3: z.strictObject({
    endpoint: address(/^https?$/, 'http:// or https://').nullable(),
    region: z.string().min(1, 'must be a region'),
    bucket: z.string().min(1, 'must be the name of a bucket').nullable(),
    prefix: z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/, 'must be words with slashes between them'),
    access_key: z.string().min(1, 'must be a key').nullable(),
    secret_key: z.string().min(1, 'must be a key').nullable(),
    path_style: z.boolean(),
    cache_bytes: z.int().min(0).max(1e15),
  }),
  jobs: z.strictObject({
    roots: z.array(path),
    allow_addresses: z.array(z.string().min(1, 'must be an address')),
    max_bytes: z.int().min(1).max(1e15),
    max_pixels: z.int().min(1024).max(1_000_000_000),
    chunk_seconds: z.number().min(1).max(600),
    attempts: z.int().min(1).max(100),
    analyse_concurrency: z.int().min(0).max(10_000),
    render_concurrency: z.int().min(0).max(10_000),
  }),
  retention: z.strictObject({
    days: z.number().min(0).max(36_500),
    max_bytes: z.number().min(0).max(1e18),
    upload_hours: z.number().min(1).max(87_600),
    redis_hours: z.number().min(1).max(8760),
  }),
  webhooks: z.strictObject({
    secret: z
      .string()
      .regex(/^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 bytes in base64')
      .nullable(),
    attempts: z.int().min(1).max(100),
    timeout_ms: z.int().min(100).max(600_000),
  }),
  workers: z.strictObject({ scratch: path.nullable() }),
  live: z.strictObject({
    policy: z.string().regex(/^(latest|all|every:[1-9]\d{0,3})$/, 'must be latest, all or every:N'),
    between: z.enum(['hold', 'move']),
    first_frame_seconds: z.number().min(1).max(600),
    stall_seconds: z.number().min(1).max(600),
    backlog_seconds: z.number().min(0.2).max(30),
    hls_seconds: z.number().min(0.5).max(30),
    hls_segments: z.int().min(2).max(1000),
    state_seconds: z.number().min(0.5).max(60),
    streams: z.int().min(1).max(1000),
    listen: z.string().regex(/^.+:\d{1,5}$/, 'must be an address and a port, such as 127.0.0.1:0'),
    advertise: z
      .string()
      .regex(/^.+:\d{1,5}$/, 'must be an address and a port, such as gpu-1:7070')
      .nullable(),
    allow_addresses: z.array(z.string().min(1, 'must be an address')),
  }),
  record: z.strictObject({
    seconds: z.number().min(2).max(60),
    days: z.number().min(0).max(36_500),
    stream_bytes: z.int().min(0).max(1e18),
    max_bytes: z.int().min(0).max(1e18),
  }),
  clips: z.strictObject({
    days: z.number().min(0).max(36_500),
    event_days: z.number().min(1).max(36_500),
    most_seconds: z.number().min(1).max(86_400),
    tolerance: z.number().min(0).max(60),
    gap_seconds: z.number().min(0.1).max(60),
    preview_width: z.int().min(64).max(1920),
    preview_seconds: z.number().min(1).max(3600),
  }),
  events: z.strictObject({
    webhooks: z.array(address(/^https?$/, 'http:// or https://')),
    message_days: z.number().min(1).max(3650),
  }),
  mqtt: z.strictObject({
    url: z
      .string()
      .regex(/^(mqtts?|wss?):\/\/./, 'must begin with mqtt://, mqtts://, ws:// or wss://')
      .nullable(),
    prefix: topic,
    discovery: topic.nullable(),
  }),
  client: z.strictObject({
    server: address(/^https?$/, 'http:// or https://'),
    key: z.string().min(1, 'must be a key').nullable(),
  }),
});

export type Settings = z.infer<typeof configSchema>;

/** The settings as written: `model.name`, `http.port`, …, each with the schema of its value. */
export const LEAVES: ReadonlyMap<string, z.ZodType> = new Map(leavesOf(configSchema, []));

/** Settings that are folders: a relative one in a file is meant from that file's folder. */
export const FOLDER_KEYS: ReadonlySet<string> = new Set([
  'model.directories',
  'cache.directory',
  'data.directory',
  'storage.directory',
  'jobs.roots',
  'workers.scratch',
]);

function* leavesOf(schema: z.ZodType, path: readonly string[]): Generator<[string, z.ZodType]> {
  if (!(schema instanceof z.ZodObject)) {
    yield [path.join('.'), schema];
    return;
  }
  for (const [key, child] of Object.entries<z.ZodType>(schema.shape)) yield* leavesOf(child, [...path, key]);
}

/**
 * Checks one value. Returns what is wrong with it as the end of a sentence that starts with the key's name
 * ("must be …"), or undefined.
 */
export function faultOf(schema: z.ZodType, value: unknown): string | undefined {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return undefined;
  // Of a union's branches the last one says what a value looks like, the others are words such as none.
  const [issue] = result.error.issues;
  const deepest = issue.code === 'invalid_union' ? issue.errors.at(-1)?.at(0) : issue;
  return deepest?.message ?? issue.message;
}

const describe: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_value':
      return `must be ${listed(issue.values.map(String))}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    default:
      return undefined;
  }
};

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  array: 'a list',
  boolean: 'true or false',
};

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
