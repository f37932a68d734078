import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import { ERRORS, type ErrorCode, SidestreamError } from '../core/errors.ts';
import { newJobId, pictureOf, wordsOf } from '../jobs/describe.ts';
import { resultObject } from '../jobs/result-object.ts';
import type { Room } from '../jobs/room.ts';
import { answered, whileAway } from '../queue/connection.ts';
import type { Queues } from '../queue/queues.ts';
import type { Storage } from '../storage/storage.ts';
import type { StreamRecords } from '../streams/records.ts';
import { CLIP_RESULTS, type ClipResultName, type Clips, type ClipView, isCut } from './clips.ts';
import { type ClipDescription, clipKeys, cutSchema, paintedSchema, type SegmentList } from './description.ts';
import { clipFile } from './file-name.ts';
import { isoOf, segmentKeys, ticksOf } from './recording/card.ts';
import type { Holdings } from './recording/holdings.ts';
import type { ClipRecord, ClipRecords } from './records.ts';
import { type ClipRequest, timeOf } from './request.ts';
import { withWordsOf } from './rules/words.ts';
import { shownGaps } from './shown-gaps.ts';

export interface ClipServiceDeps {
  readonly config: Config;
  readonly clips: ClipRecords;
  readonly streams: Pick<StreamRecords, 'get'>;
  readonly holdings: Holdings;
  readonly storage: Storage;
  readonly queues: Queues;
  readonly room: Room;
  /** Told of clips of events that are gone. */
  readonly unclipped?: (event: string) => void;
}

/** What a clip is cut for. */
export interface ClipOccasion {
  readonly event: string;
  readonly rule: string;
  /** Milliseconds since 1970: the moment that shows it best. */
  readonly moment: number;
}

export interface ClipService extends Clips {
  /** Cuts the clip of an event, once. `from`, `to`: milliseconds since 1970. */
  createFor(occasion: ClipOccasion, stream: string, from: number, to: number): Promise<ClipView | undefined>;
  /** Does what is next for a clip that is not cut yet. */
  advance(record: ClipRecord): Promise<void>;
}

/** Milliseconds after its end in which a recording that goes on must have come to it. */
const SETTLE = 30_000;
/** Milliseconds between two looks at what somebody waits for. */
const LOOK = 150;
/** Bytes that a clip takes at least, before it is known. */
const LEAST_ROOM = 10_000_000;
const FILES: Readonly<Record<ClipResultName, string>> = {
  ...{ video: 'mp4', overlay: 'mp4', masks: 'json', thumbnail: 'jpg', preview: 'webp', analysis: 'analysis' },
};

export function createClipService(deps: ClipServiceDeps): ClipService {
  const { config, clips, streams, holdings, storage, queues, room } = deps;

  const recordOf = (id: string): ClipRecord => {
    const record = clips.get(id);
    if (!record) throw new SidestreamError('CLIP_NOT_FOUND', `there is no clip ${id}`);
    return record;
  };

  /** What will be cut, decided now. Throws STREAM_NOT_FOUND, USAGE. */
  function describe(
    id: string,
    stream: string,
    request: ClipRequest,
    from: number,
    to: number,
  ): ClipDescription {
    const known = streams.get(stream)?.description;
    if (!known) throw new SidestreamError('STREAM_NOT_FOUND', `there is no stream ${stream}`);
    const { vocabulary, expand, things, stuff, output, audio, tolerance } = request;
    const asked = vocabulary !== undefined || expand !== undefined || things || stuff;
    return {
      id,
      stream,
      from: ticksOf(from),
      to: ticksOf(to),
      audio: audio ?? true,
      tolerance: tolerance ?? config.clips.tolerance,
      gap_seconds: config.clips.gap_seconds,
      preview_width: config.clips.preview_width,
      moment: null,
      model: known.model,
      words: asked
        ? wordsOf({ vocabulary: vocabulary ?? known.words.names, expand, things, stuff }, config)
        : known.rules && known.words.names.length > 0
          ? withWordsOf(known.rules, known.words)
          : known.words,
      ...pictureOf(output ?? {}, config),
    };
  }

  async function accept(
    description: ClipDescription,
    request: Pick<ClipRequest, 'title' | 'keep' | 'metadata'>,
    submitter: string,
    occasion?: ClipOccasion,
  ): Promise<ClipView | undefined> {
    const { id, stream, from, to, words } = description;
    await storage.put(clipKeys(id).description, JSON.stringify(description));
    const view: ClipView = {
      id,
      stream,
      stream_name: streams.get(stream)?.description.name ?? stream,
      state: 'waiting',
      error: undefined,
      title: request.title,
      from: isoOf(from),
      to: isoOf(to),
      ...{ first: undefined, last: undefined, duration: undefined, frames: undefined, gaps: [], labels: [] },
      event: occasion?.event,
      rule: occasion?.rule,
      keep: request.keep ?? false,
      vocabulary: words.names.map(([first]) => first),
      metadata: request.metadata ?? {},
      created_at: new Date().toISOString(),
      finished_at: undefined,
      results: {},
    };
    let added = false;
    try {
      added = clips.add({ view, submitter, bytes: 0 });
    } finally {
      if (!added) await storage.removeAll(clipKeys(id).folder);
    }
    if (!added) return undefined;
    await advance(recordOf(id)).catch(whileAway(undefined));
    return clips.get(id)?.view ?? view;
  }

  async function advance(record: ClipRecord): Promise<void> {
    const { view } = record;
    if (view.state === 'waiting') await begin(record);
    else if (!isCut(view.state)) await follow(record);
  }

  /** Once the recording has come to its end, the clip is cut of what there is. */
  async function begin(record: ClipRecord): Promise<void> {
    const { id, stream, from, to } = record.view;
    const [begin, end, now] = [Date.parse(from), Date.parse(to), Date.now()];
    const late = now > end + SETTLE;
    if (!late && !(now >= end && holdings.knownUntil(stream) >= ticksOf(end))) return;
    const segments = holdings.segments(stream, ticksOf(begin), ticksOf(end));
    if (segments.length === 0)
      return fail(record, 'NOT_RECORDED', `nothing of stream ${stream} was recorded from ${from} to ${to}`);
    const list: SegmentList = segments.map(({ begin, end, token, model }) => {
      const keys = segmentKeys(stream, begin, token);
      return { begin, end, video: keys.video, analysis: model === null ? null : keys.analysis };
    });
    await storage.put(clipKeys(id).segments, JSON.stringify(list));
    update(record, { state: 'queued' });
    await enqueue(record, 'cut');
  }

  const enqueue = async ({ view: { id: clip }, submitter }: ClipRecord, step: 'cut' | 'paint') =>
    answered(queues.add('clips', [{ step, clip }], { submitter, priority: 'normal' }));

  async function follow(record: ClipRecord): Promise<void> {
    const { id, stream, from, to, state } = record.view;
    const keys = clipKeys(id);
    if (await storage.stat(keys.cut)) {
      const cut = cutSchema.parse(JSON.parse(String(await storage.read(keys.cut))));
      const { first, last, duration, frames, files } = cut;
      const [begin, end] = [ticksOf(Date.parse(from)), ticksOf(Date.parse(to))];
      update(
        record,
        {
          state: 'done',
          ...{ first: isoOf(first), last: isoOf(last), duration, frames },
          gaps: shownGaps(cut, holdings.gaps(stream, first, last)),
          labels: [...holdings.names(stream, begin, end)],
          finished_at: new Date().toISOString(),
          results: resultsOf(files),
        },
        bytesOf(files),
      );
      await storage.remove(keys.segments);
      return;
    }
    const entry = await answered(queues.stateOf('clips', `${id}-cut`));
    if (entry === 'failed') {
      const [code, message] = await whyFailed(`${id}-cut`);
      fail(record, code, message);
    } else if (entry === 'unknown' && !(await storage.stat(keys.cut))) await enqueue(record, 'cut');
    else if (entry === 'active' && state !== 'running') update(record, { state: 'running' });
  }

  async function whyFailed(entry: string): Promise<[ErrorCode, string]> {
    const why = (await answered(queues.failureOf('clips', entry))) ?? '';
    const [, code, message] = /^([A-Z_]+): (.*)$/s.exec(why) ?? [];
    return code !== undefined && code in ERRORS
      ? [code as ErrorCode, message]
      : ['WORKER_LOST', why || 'its workers are gone'];
  }

  function update({ view, bytes }: ClipRecord, change: Partial<ClipView>, now = bytes): void {
    clips.update({ ...(clips.get(view.id)?.view ?? view), ...change }, now);
  }

  const fail = (record: ClipRecord, code: ErrorCode, message: string) =>
    update(record, { state: 'failed', error: { code, message }, finished_at: new Date().toISOString() });

  /** Waits for what is made only when it is asked for. */
  async function painted(record: ClipRecord, patience: number, signal: AbortSignal): Promise<void> {
    const { id } = record.view;
    const keys = clipKeys(id);
    const entry = `${id}-paint`;
    const end = Date.now() + patience;
    let asked = false;
    for (;;) {
      signal.throwIfAborted();
      if (await storage.stat(keys.painted)) break;
      const { view } = recordOf(id);
      const state = await answered(queues.stateOf('clips', entry));
      if (state === 'failed' && asked) {
        const [code, message] = await whyFailed(entry);
        throw new SidestreamError(code, message);
      }
      if (state === 'failed' || state === 'unknown') {
        if (state === 'failed') await answered(queues.remove('clips', entry));
        await enqueue({ ...record, view }, 'paint');
        asked = true;
      }
      if (Date.now() > end)
        throw new SidestreamError('CLIP_NOT_READY', `clip ${id} is being painted: ask again in a moment`);
      await sleep(LOOK, undefined, { signal });
    }
    const { files } = paintedSchema.parse(JSON.parse(String(await storage.read(keys.painted))));
    const now = recordOf(id);
    if (now.view.results.overlay) return;
    update(now, { results: { ...now.view.results, ...resultsOf(files) } }, now.bytes + bytesOf(files));
  }

  return {
    advance,
    async create(stream, request, submitter) {
      const now = Date.now();
      const [from, to] = [timeOf(request.from, now), timeOf(request.to ?? 'now', now)];
      const most = config.clips.most_seconds;
      if (!(from < to)) throw new SidestreamError('USAGE', 'from: must be before to');
      if (to - from > most * 1000)
        throw new SidestreamError('USAGE', `to: a clip has at most ${most} seconds, see clips.most_seconds`);
      const description = describe(newJobId(), stream, request, from, to);
      const isKnown = now > to + SETTLE || (now >= to && holdings.knownUntil(stream) >= description.to);
      if (isKnown && holdings.segments(stream, description.from, description.to).length === 0) {
        const when = `from ${isoOf(description.from)} to ${isoOf(description.to)}`;
        throw new SidestreamError(
          'NOT_RECORDED',
          `nothing of stream ${stream} was recorded ${when}: see its timeline`,
        );
      }
      await room.check(LEAST_ROOM, submitter.id);
      return (await accept(description, request, submitter.id))!;
    },
    async createFor(occasion, stream, from, to) {
      const end = Math.min(to, from + config.clips.most_seconds * 1000);
      const description = describe(newJobId(), stream, { from: '' }, from, end);
      const moment = Math.min(Math.max(ticksOf(occasion.moment), description.from), description.to);
      return await accept({ ...description, moment }, {}, 'rules', occasion);
    },
    get: async (id) => recordOf(id).view,
    async list(query) {
      if (query.cursor !== undefined && !/^[a-z0-9]{10,40}$/.test(query.cursor))
        throw new SidestreamError('USAGE', `cursor ${query.cursor} is not one that a page gave`);
      const found = clips.list({ ...query, limit: query.limit + 1 });
      const page = found.slice(0, query.limit).map(({ view }) => view);
      return { clips: page, next: found.length > query.limit ? page.at(-1)?.id : undefined };
    },
    async change(id, { keep, title }) {
      const record = recordOf(id);
      update(record, { ...(keep === undefined ? {} : { keep }), ...(title === undefined ? {} : { title }) });
      return recordOf(id).view;
    },
    async remove(id) {
      const record = clips.get(id);
      if (!record) return;
      clips.remove(id);
      if (record.view.event !== undefined) deps.unclipped?.(record.view.event);
      await storage.removeAll(clipKeys(id).folder);
      for (const step of ['cut', 'paint']) {
        await answered(queues.remove('clips', `${id}-${step}`)).catch(() => {}); // It ends by itself: there is no clip.
      }
    },
    async result(id, name, patience, signal) {
      const record = recordOf(id);
      const { state, error } = record.view;
      if (state === 'failed') throw new SidestreamError(error!.code, error!.message);
      if (state !== 'done')
        throw new SidestreamError('CLIP_NOT_READY', `clip ${id} is ${state}: ask again in a moment`);
      if (name === 'overlay' || name === 'masks') {
        if (!record.view.results.analysis)
          throw new SidestreamError(
            'RESULT_NOT_FOUND',
            `clip ${id} has no ${name}: nothing was analysed then`,
          );
        await painted(record, patience, signal);
      }
      const found = await storage.stat(clipKeys(id)[name]);
      const { view } = recordOf(id);
      if (!found) throw new SidestreamError('RESULT_NOT_FOUND', `clip ${id} has no ${name}`);
      return resultObject(found, clipFile(view, name).name, storage);
    },
  };
}

/** By the names of files in the storage. */
function resultsOf(
  files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>,
): ClipView['results'] {
  const types = {
    mp4: 'video/mp4',
    json: 'application/json',
    jpg: 'image/jpeg',
    webp: 'image/webp',
  } as const;
  const results: { -readonly [N in ClipResultName]?: ClipView['results'][N] } = {};
  for (const name of CLIP_RESULTS) {
    const file = files[name];
    const extension = FILES[name];
    const type = extension in types ? types[extension as keyof typeof types] : 'application/octet-stream';
    if (file) results[name] = { ...file, type };
  }
  return results;
}

const bytesOf = (files: Readonly<Record<string, { readonly bytes: number }>>): number =>
  Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
