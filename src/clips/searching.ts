import { setTimeout as sleep } from 'node:timers/promises';
import { USUAL_LIMITS } from '../analysis/search.ts';
import { parseVocabulary } from '../analysis/vocabulary.ts';
import type { Config } from '../config/load.ts';
import { SidestreamError } from '../core/errors.ts';
import type { Records } from '../jobs/records.ts';
import { answered } from '../queue/connection.ts';
import type { Queues } from '../queue/queues.ts';
import type { SearchIndex } from '../search/index.ts';
import type { Hit, Place } from '../search/search.ts';
import type { Storage } from '../storage/storage.ts';
import type { StreamRecords } from '../streams/records.ts';
import type { Found, Search } from './clips.ts';
import { isoOf, segmentKeys, TICKS, TICKS_A_MS, ticksOf } from './recording/card.ts';
import type { Holdings } from './recording/holdings.ts';
import type { SeenIn, TimelineDeps } from './recording/timeline.ts';
import type { WordBook } from './words.ts';

/** Words over all that was recorded, and over all jobs. */

export interface SearchingDeps {
  readonly config: Config;
  readonly index: SearchIndex;
  readonly words: WordBook;
  readonly streams: StreamRecords;
  readonly jobs: Pick<Records, 'get'>;
  readonly holdings: Holdings;
  readonly storage: Storage;
  readonly queues: Queues;
}

/** What the index calls them. */
export const streamSource = (id: string): string => `stream:${id}`;
export const jobSource = (id: string): string => `job:${id}`;

/** Milliseconds before and after what was found, in the clip that is offered. */
const AROUND = 3000;
/** Milliseconds that a picture is waited for, and between two looks. */
const [PATIENCE, LOOK] = [15_000, 50];

export function createSearching(deps: SearchingDeps): Search & Pick<TimelineDeps, 'seenOf'> {
  const { config, index, words, streams, holdings, storage, queues } = deps;
  const { expand } = config.segment;

  /** Names of the models that may have seen something. */
  const models = (): string[] => [
    ...new Set([config.model.name, ...streams.list().map(({ description }) => description.model)]),
  ];

  function viewOf({ source, from, to, at, score, track, share }: Hit): Found {
    const colon = source.indexOf(':');
    const [kind, id] = [source.slice(0, colon), source.slice(colon + 1)];
    const about = { score, track, share };
    if (kind === 'job') {
      const results = deps.jobs.get(id)?.view.results ?? {};
      return {
        ...{ stream: undefined, job: id, from: from / 1000, to: to / 1000, at: at / 1000, ...about },
        thumbnail: results.thumbnail ? `/v1/jobs/${id}/thumbnail` : undefined,
        video: results.video ? `/v1/jobs/${id}/video` : undefined,
        clip: undefined,
      };
    }
    const iso = (ms: number) => new Date(ms).toISOString();
    return {
      ...{ stream: id, job: undefined, from: iso(from), to: iso(to), at: iso(at), ...about },
      thumbnail: `/v1/streams/${id}/recordings/picture.jpg?at=${iso(at)}`,
      video: undefined,
      clip: { url: `/v1/streams/${id}/clips`, body: { from: iso(from - AROUND), to: iso(to + AROUND) } },
    };
  }

  /** Until a worker has made the picture. */
  async function made(key: string, video: string, seconds: number, signal: AbortSignal): Promise<void> {
    const entry = { step: 'picture', key, video, seconds } as const;
    const id = queues.entryOf('clips', entry);
    for (const end = Date.now() + PATIENCE; !(await storage.stat(key)); ) {
      const state = await answered(queues.stateOf('clips', id));
      if (state === 'failed') {
        await answered(queues.remove('clips', id));
        throw new SidestreamError('NOT_RECORDED', 'the picture cannot be made: the recording may be gone');
      }
      if (state === 'unknown')
        await answered(queues.add('clips', [entry], { submitter: 'pictures', priority: 'high' }));
      if (Date.now() > end)
        throw new SidestreamError(
          'CLIP_NOT_READY',
          'no worker for clips makes the picture: see whether one runs',
        );
      await sleep(LOOK, undefined, { signal });
    }
  }

  return {
    async search({ q, stream, job, from, to, cursor, limit, ...asking }, signal) {
      const { threshold = USUAL_LIMITS.threshold, share = USUAL_LIMITS.share } = asking;
      const asked = parseVocabulary(q);
      if (asked.length !== 1)
        throw new SidestreamError(
          'USAGE',
          'q: one thing, in other words for the same between |: "car|vehicle"',
        );
      const begun = performance.now();
      const named = [
        ...(stream === undefined ? [] : [streamSource(stream)]),
        ...(job === undefined ? [] : [jobSource(job)]),
      ];
      const common = {
        from,
        to,
        threshold,
        share,
        limit: limit + 1,
        after: cursor === undefined ? undefined : placeOf(cursor),
      };
      const found: Hit[] = [];
      for (const model of models()) {
        const query = await words.query({ model, words: [...asked[0]], expand }, signal);
        const request = {
          ...common,
          sources: named.length > 0 ? named : undefined,
          query,
          model: query.model,
        };
        found.push(...(await index.search(request, signal)).hits);
      }
      found.sort((a, b) => b.score - a.score || b.share - a.share || a.from - b.from);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        found: page.map(viewOf),
        next: found.length > limit && last ? cursorOf(last) : undefined,
        took_ms: Math.round((performance.now() - begun) * 10) / 10,
      };
    },

    async picture(stream, time, signal) {
      const ticks = ticksOf(time);
      // The last picture before the moment, where there is none just then. Times of pictures are told in whole milliseconds.
      const segment = holdings.segments(stream, ticks - TICKS, ticks + TICKS_A_MS).at(-1);
      if (!segment) {
        if (!streams.get(stream))
          throw new SidestreamError('STREAM_NOT_FOUND', `there is no stream ${stream}`);
        throw new SidestreamError(
          'NOT_RECORDED',
          `nothing of stream ${stream} was recorded at ${isoOf(ticks)}`,
        );
      }
      const { video } = segmentKeys(stream, segment.begin, segment.token);
      const seconds = Math.max(0, Math.min(ticks, segment.end - TICKS / 25) - segment.begin) / TICKS;
      const key = `${video.slice(0, -'.mp4'.length)}.${Math.round(seconds * 1000)}.jpg`;
      await made(key, video, seconds, signal);
      return await storage.read(key, signal);
    },

    async seenOf(stream, vocabulary, { from, to, step }, signal) {
      const names = parseVocabulary(vocabulary);
      if (names.length === 0) throw new SidestreamError('USAGE', 'vocabulary: give at least one name');
      const model = streams.get(stream)?.description.model ?? config.model.name;
      const answer = await words.names({ model, names: names.map((one) => [...one]), expand }, signal);
      const request = {
        source: streamSource(stream),
        model: answer.model,
        from,
        to,
        step,
        share: USUAL_LIMITS.share,
      };
      const timeline = await index.timeline({ ...request, names: answer.classifier }, signal);
      return timeline.names.flatMap(({ seen, share, tracks }, i): SeenIn[] => {
        const name = answer.labels[i];
        if (name === null || name === undefined) return [];
        return seen.flatMap((ms, at) =>
          ms > 0 ? [{ bucket: from + at * step, name, ms, share: share[at], count: tracks[at] }] : [],
        );
      });
    },
  };
}

const cursorOf = ({ score, share, from, source }: Place): string =>
  Buffer.from(JSON.stringify([score, share, from, source])).toString('base64url');

function placeOf(cursor: string): Place {
  const unknown = new SidestreamError('USAGE', `cursor ${cursor} is not one that a page gave`);
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw unknown;
  }
  const [score, share, from, source] = Array.isArray(parts) ? parts : [];
  if (![score, share, from].every(Number.isFinite) || typeof source !== 'string') throw unknown;
  return { score, share, from, source };
}
