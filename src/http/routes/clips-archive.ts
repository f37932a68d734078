import { z } from 'zod';
import type { ClipQuery, Clips, ClipView } from '../../clips/clips.ts';
import { clipFile } from '../../clips/file-name.ts';
import { type ErrorCode, SidestreamError } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import { signalOf } from '../client-gone.ts';
import { filters, flag, span, spanOf, toClip } from '../clip-schemas.ts';
import { contentDisposition } from '../disposition.ts';
import { answer, problems } from '../schemas.ts';
import { begun, STALLED } from '../send-result.ts';
import type { AppDeps } from '../settings.ts';
import { cutOffStalled } from '../slow-clients.ts';
import { type ArchivedFile, zipOf } from '../zip.ts';

/** Milliseconds that one clip's painted video may take to be made; nothing is sent meanwhile. */
const PATIENCE = 120_000;
/** Clips that are asked for at a time, and that one archive has at most: its list of them is in memory. */
const [PAGE, MOST] = [100, 10_000];
/** Errors that are about one clip; with any other the archive breaks off. */
const OF_CLIP: readonly ErrorCode[] = [
  'CLIP_NOT_FOUND',
  'CLIP_NOT_READY',
  'RESULT_NOT_FOUND',
  'OBJECT_NOT_FOUND',
  'ANALYSIS_INVALID',
  'FFMPEG_FAILED',
];

const querySchema = z.strictObject({
  ...filters,
  id: z
    .string()
    .regex(/^[\w-]{1,64}(,[\w-]{1,64}){0,299}$/, 'must be ids of clips with commas between, 300 at most')
    .optional()
    .describe('these clips, whatever else is asked for; commas between'),
  keep: flag.optional().describe('1: only what is kept; 0: only what is not'),
  overlay: flag.optional().describe('1: videos with names painted over them'),
  ...span,
});

/** All clips that a query finds, as one file. */
export function clipArchiveRoutes(app: App, { clips }: Pick<AppDeps, 'clips'>): void {
  app.get(
    '/v1/clips/archive',
    {
      config: { access: 'viewer' },
      // A HEAD would make what nobody reads.
      exposeHeadRoute: false,
      schema: {
        operationId: 'getClipArchive',
        summary:
          'Videos of clips as one ZIP; its last file, manifest.json, says what is in it and what is not',
        tags: ['clips'],
        querystring: querySchema,
        response: {
          200: answer('the archive, as it is made', 'application/zip'),
          ...problems('USAGE', 'STORAGE_UNREACHABLE', 'REDIS_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const { overlay, keep, id, ...query } = request.query;
      const result = overlay === '1' ? 'overlay' : 'video';
      const wanted = {
        ...query,
        ...spanOf(query),
        keep: keep === undefined ? undefined : keep === '1',
        state: 'done',
        limit: PAGE,
      } as const;
      const signal = signalOf(reply);
      // Asked for before anything is sent, so that what is wrong can still be told.
      const { first, left } =
        id === undefined ? { first: await clips.list(wanted), left: [] } : await chosen(id, clips);
      const made = new Date();
      const archive = zipOf(archived({ clips, wanted, first, left, result, made, signal }));
      cutOffStalled(reply.raw, STALLED);
      const name = `clips-${made.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z.zip`;
      return reply
        .type('application/zip')
        .header('content-disposition', contentDisposition('attachment', name))
        .send(archive);
    },
  );
}

interface LeftOut {
  readonly id: string;
  readonly code: ErrorCode;
  readonly message: string;
}

interface Archive {
  readonly clips: Pick<Clips, 'list' | 'get' | 'result'>;
  readonly wanted: ClipQuery;
  readonly first: Awaited<ReturnType<Clips['list']>>;
  /** What is left out from the beginning. */
  readonly left: readonly LeftOut[];
  readonly result: 'video' | 'overlay';
  readonly made: Date;
  readonly signal: AbortSignal;
}

/** The videos, one by one, and then what there is to say of them. */
async function* archived({ made, ...archive }: Archive): AsyncGenerator<ArchivedFile> {
  const { result, signal } = archive;
  const names = new Set<string>();
  const held: object[] = [];
  const left: LeftOut[] = [...archive.left];
  let complete = true;
  for await (const view of listed(archive)) {
    if (held.length + left.length === MOST) {
      complete = false;
      break;
    }
    try {
      const { file, clip } = await fileOf(view, archive, names);
      yield file;
      const { bytes, sha256 } = clip.results[result] ?? {};
      held.push({ file: file.name, bytes, sha256, clip: toClip(clip) });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SidestreamError) || !OF_CLIP.includes(error.code)) throw error;
      left.push({ id: view.id, code: error.code, message: error.message });
    }
  }
  const manifest = { made_at: made.toISOString(), result, complete, clips: held, left_out: left };
  yield {
    name: 'manifest.json',
    modified: made,
    content: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
  };
}

/** Clips by their ids, in that order. What is gone meanwhile is left out. */
async function chosen(ids: string, clips: Pick<Clips, 'get'>): Promise<Pick<Archive, 'first' | 'left'>> {
  const found: ClipView[] = [];
  const left: LeftOut[] = [];
  for (const id of new Set(ids.split(','))) {
    try {
      found.push(await clips.get(id));
    } catch (error) {
      if (!(error instanceof SidestreamError) || error.code !== 'CLIP_NOT_FOUND') throw error;
      left.push({ id, code: error.code, message: error.message });
    }
  }
  return { first: { clips: found, next: undefined }, left };
}

async function* listed({
  clips,
  wanted,
  first,
}: Pick<Archive, 'clips' | 'wanted' | 'first'>): AsyncGenerator<ClipView> {
  for (let page = first; ; page = await clips.list({ ...wanted, cursor: page.next })) {
    yield* page.clips;
    if (page.next === undefined) return;
  }
}

/** A clip's video, opened, under a name that no other one has. */
async function fileOf(
  view: ClipView,
  { clips, result, signal }: Pick<Archive, 'clips' | 'result' | 'signal'>,
  names: Set<string>,
): Promise<{ readonly file: ArchivedFile; readonly clip: ClipView }> {
  const object = await clips.result(view.id, result, PATIENCE, signal);
  // What is made on demand was not in the list yet.
  const clip = view.results[result] ? view : await clips.get(view.id);
  const stream = await begun(await object.open());
  const [name = ''] = [false, true]
    .map((distinct) => clipFile(clip, result, { distinct }))
    .map((place) => `${place.folder}/${place.name}`)
    .filter((place) => !names.has(place));
  names.add(name);
  return { clip, file: { name, modified: object.modified, content: { stream, bytes: object.bytes } } };
}
