import { randomBytes } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, resolve, sep } from 'node:path';
import { parseVocabulary } from '../analysis/vocabulary.ts';
import type { Config } from '../config/load.ts';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import type { Guard } from '../net/address-guard.ts';
import { type JobDescription, type Location, uploadKey } from './description.ts';
import type { JobView, Submitter } from './jobs.ts';
import type { JobRequest, LabelRequest } from './request.ts';
import type { UploadStore } from './uploads.ts';

/** From what was asked for to what is done: everything is decided here, so that it can be refused at once. */

export interface DescribeDeps {
  readonly config: Config;
  readonly uploads: UploadStore;
  readonly guard: Guard;
}

/** Ids grow with time, so that their order is that of the jobs. */
export const newJobId = (now = Date.now()): string =>
  now.toString(36).padStart(9, '0') +
  BigInt(`0x${randomBytes(10).toString('hex')}`)
    .toString(36)
    .padStart(16, '0');

export async function describeJob(
  request: JobRequest,
  submitter: Submitter,
  deps: DescribeDeps,
): Promise<JobDescription> {
  const { model, segment } = deps.config;
  const association = request.association ?? segment.association;
  return {
    id: newJobId(),
    kind: 'segment',
    submitter: submitter.id,
    priority: request.priority,
    input: await locate(request, submitter, deps),
    words: wordsOf(request, deps.config),
    see: {
      model: request.model ?? model.name,
      // Names of frames each for itself cannot be followed over chunks.
      association: association === 'none' ? 'online' : association,
      every: request.every ?? segment.every,
      short_side: request.short_side ?? model.short_side,
      deinterlace: request.deinterlace,
    },
    output: outputOf(request, deps.config),
  };
}

/** New words for the analysis of a job. */
export function describeLabel(
  request: LabelRequest,
  submitter: Submitter,
  of: JobDescription,
  config: Config,
): JobDescription {
  return {
    id: newJobId(),
    kind: 'label',
    of: of.of ?? of.id,
    submitter: submitter.id,
    priority: request.priority,
    input: of.input,
    words: wordsOf(request, config),
    see: of.see,
    output: outputOf(request, config),
  };
}

export interface WordsAsked {
  readonly vocabulary?: LabelRequest['vocabulary'] | undefined;
  readonly expand?: LabelRequest['expand'] | undefined;
  readonly things?: string[] | undefined;
  readonly stuff?: string[] | undefined;
}

/** Throws USAGE where there is nothing to name, or nobody could tell what. */
export function wordsOf(
  { vocabulary, expand, things = [], stuff = [] }: WordsAsked,
  { segment }: Config,
): JobDescription['words'] {
  // Lists go the way of the text, so that names are tidied and merged alike.
  const escaped = (word: string) => word.replace(/[\\,|]/g, '\\$&');
  const text = Array.isArray(vocabulary)
    ? vocabulary.map((one) => (Array.isArray(one) ? one.map(escaped).join('|') : escaped(one))).join(',')
    : vocabulary;
  const names = text === undefined || text.trim() === '' ? [] : parseVocabulary(text);
  if (names.length === 0 && (expand ?? segment.expand) === 'none') {
    throw new SidestreamError(
      'USAGE',
      'there is nothing to name: give vocabulary, or expand other than none',
    );
  }
  return { names, expand: expand ?? segment.expand, things, stuff };
}

function outputOf({ output }: LabelRequest, config: Config): JobDescription['output'] {
  const { video, masks, panoptic, format } = output;
  if (!video && !masks && !panoptic) {
    throw new SidestreamError(
      'USAGE',
      'there is nothing to make: ask for output.video, output.masks or output.panoptic',
    );
  }
  return { video, masks, panoptic, format, ...pictureOf(output, config) };
}

export type PictureAsked = Pick<
  LabelRequest['output'],
  'opacity' | 'outline' | 'labels' | 'color_by' | 'colors' | 'encoder' | 'crf' | 'preset'
>;

/** How the picture is painted and coded. */
export function pictureOf(
  output: PictureAsked,
  { segment }: Config,
): Pick<JobDescription['output'], 'encoder' | 'style' | 'paint_side'> {
  return {
    encoder: {
      encoder: output.encoder ?? segment.encoder,
      crf: output.crf ?? segment.crf,
      preset: output.preset ?? segment.preset,
    },
    style: {
      opacity: output.opacity ?? segment.opacity,
      outline: output.outline ?? segment.outline,
      labels: output.labels ?? segment.labels,
      color_by: output.color_by ?? segment.color_by,
      colors: output.colors ?? {},
    },
    paint_side: segment.paint_side,
  };
}

async function locate({ input }: JobRequest, { id }: Submitter, deps: DescribeDeps): Promise<Location> {
  if ('url' in input) {
    deps.guard.judgeUrl(input.url);
    return { kind: 'url', url: input.url, name: redact(input.url) };
  }
  if ('upload' in input) {
    const upload = deps.uploads.find(input.upload);
    // Whose it is matters as well: ids of uploads are no secrets.
    if (!upload || upload.submitter !== id) {
      throw new SidestreamError(
        'INPUT_NOT_FOUND',
        `there is no upload ${input.upload}, or it is not finished`,
      );
    }
    return { kind: 'object', key: uploadKey(upload.id), name: upload.name };
  }
  return { kind: 'path', path: await below(input.path, deps.config.jobs.roots), name: input.path };
}

/**
 * The real path, which lies below one of `roots`. Who asks learns nothing of what lies elsewhere. Throws INPUT_UNREADABLE,
 * INPUT_NOT_FOUND, INPUT_INVALID.
 */
export async function below(path: string, roots: readonly string[]): Promise<string> {
  const refused = new SidestreamError(
    'INPUT_UNREADABLE',
    `${path} is not below a folder of jobs.roots: give a path that is, or upload the file`,
  );
  if (!isAbsolute(path) || path.includes('\0') || roots.length === 0) throw refused;
  const within = (file: string, root: string) => file.startsWith(root.endsWith(sep) ? root : root + sep);
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => resolve(root))));
  const named =
    roots.some((root) => within(resolve(path), resolve(root))) ||
    real.some((root) => within(resolve(path), root));
  if (!named) throw refused;
  const file = await realpath(path).catch((error) => {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR'))
      throw new SidestreamError('INPUT_NOT_FOUND', `${path} does not exist: check the path`);
    throw refused;
  });
  if (!real.some((root) => within(file, root))) throw refused;
  if (!(await stat(file)).isFile())
    throw new SidestreamError('INPUT_INVALID', `${path} is no file: give a video file`);
  return file;
}

/** A job as it is seen before anything was done for it. */
export function firstView(
  description: JobDescription,
  request: { readonly metadata?: JobView['metadata'] | undefined },
  now = Date.now(),
): JobView {
  const { id, kind, priority, input, words, see, of } = description;
  return {
    id,
    kind,
    state: 'queued',
    stage: undefined,
    progress: 0,
    frames: undefined,
    frames_done: 0,
    fps: undefined,
    eta: undefined,
    error: undefined,
    created_at: new Date(now).toISOString(),
    started_at: undefined,
    finished_at: undefined,
    priority,
    input: shownOf(input),
    vocabulary: words.names.map(([name]) => name),
    model: see.model,
    metadata: request.metadata ?? {},
    of,
    retry_of: undefined,
    results: {},
  };
}

/** The input as it was asked for; the name of an address is one without secrets. */
function shownOf(input: Location): JobView['input'] {
  if (input.kind === 'object') return { upload: basename(input.key) };
  return input.kind === 'path' ? { path: input.name } : { url: input.name };
}
