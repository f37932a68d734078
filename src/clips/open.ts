import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config/load.ts';
import type { Db } from '../jobs/database.ts';
import { repeat } from '../jobs/housekeeping.ts';
import type { Records } from '../jobs/records.ts';
import type { Room } from '../jobs/room.ts';
import { whileAway } from '../queue/connection.ts';
import type { Notices } from '../queue/notices.ts';
import type { Queues } from '../queue/queues.ts';
import type { StreamBoard } from '../queue/stream-board.ts';
import { createSearchIndex } from '../search/index.ts';
import { decodeRuns } from '../search/run-list.ts';
import type { Storage } from '../storage/storage.ts';
import type { StreamRecords } from '../streams/records.ts';
import type { Clips, Events, Recordings, RulePreviews, Search } from './clips.ts';
import { takeEvents, takeReports } from './events/intake.ts';
import type { EventStation } from './events/open.ts';
import { createEventService } from './events/service.ts';
import { keepClips } from './housekeeping.ts';
import { fillPast } from './metrics.ts';
import { createPreviews } from './previewing.ts';
import { type Card, cardOf, millisecondsOf } from './recording/card.ts';
import { createRecordedFiles } from './recording/files.ts';
import { createHoldings } from './recording/holdings.ts';
import { createJobWalk, indexJobs } from './recording/job-indexing.ts';
import { indexLacking } from './recording/search-indexing.ts';
import { createSegments } from './recording/segments.ts';
import { createTimeline } from './recording/timeline.ts';
import { createClipRecords } from './records.ts';
import { createSearching, streamSource } from './searching.ts';
import { createClipService } from './service.ts';
import { createWordBook } from './words.ts';

/** Everything of the server that has to do with recordings. */
export interface Past {
  readonly clips: Clips;
  readonly recordings: Recordings;
  readonly events: Events;
  readonly search: Search;
  readonly previews: RulePreviews;
  /** Bytes that are kept. */
  bytes(): { readonly recordings: number; readonly clips: number };
  /** Adds the metrics of recordings and clips. */
  measure(registry: Registry): void;
  /** What goes on by itself, until `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface PastDeps {
  readonly config: Config;
  /** Folder of the server. */
  readonly folder: string;
  readonly db: Db;
  readonly jobs: Records;
  readonly streams: StreamRecords;
  readonly events: EventStation;
  readonly board: StreamBoard;
  readonly storage: Storage;
  readonly queues: Queues;
  readonly notices: Notices;
  readonly room: Room;
  readonly log: Logger;
}

/** Milliseconds between two looks for what workers say of events, for jobs that are done, and for what cannot be searched. */
const [TAKE, JOBS, LACKING] = [200, 5000, 6 * 3_600_000];

export function openPast(deps: PastDeps): Past {
  const { db, streams, storage, queues, log, jobs } = deps;
  const index = createSearchIndex(join(deps.folder, 'search.sqlite'));
  const segments = createSegments(db);
  const holdings = createHoldings(segments, (stream) => {
    const record = streams.get(stream);
    return record?.wish === 'running' && record.description.record !== null;
  });
  const clips = createClipRecords(db);
  const unclipped = (event: string) => deps.events.records.setClip(event, undefined);
  const service = createClipService({ ...deps, clips, holdings, unclipped });
  const words = createWordBook({ storage, queues });
  const searching = createSearching({ ...deps, index, words, holdings });
  const { records } = deps.events;
  const events = createEventService({ records });
  const intake = { records, streams, clips: service, notices: deps.notices, log };

  async function indexed(key: string, card: Card): Promise<void> {
    await takeReports(card.events, intake);
    await makeSearchable(key, card);
  }

  async function makeSearchable(key: string, { stream, begin, end, analysis, runs }: Card): Promise<void> {
    if (!analysis || runs === null) return;
    const source = streamSource(stream);
    if (index.has(source, key)) return;
    const [from, to] = [Math.floor(millisecondsOf(begin)), Math.ceil(millisecondsOf(end))];
    const part = { source, key, model: analysis.model, from, to, runs: decodeRuns(runs, key).runs };
    await index.add(part).catch((error) => {
      // It is no fault of the others that come behind it.
      if (!(error instanceof RangeError)) throw error;
      log.error({ key, err: error }, 'a segment cannot be searched');
    });
  }

  const isSearchable = (stream: string, key: string) => index.has(streamSource(stream), key);

  async function gone(keys: readonly string[]): Promise<void> {
    const byStream = new Map<string, string[]>();
    for (const key of keys) {
      const stream = cardOf(key)?.stream;
      if (stream !== undefined) byStream.set(stream, [...(byStream.get(stream) ?? []), key]);
    }
    for (const [stream, own] of byStream) await index.removeParts(streamSource(stream), own);
  }

  return {
    clips: service,
    recordings: {
      ...createTimeline({ streams, segments, holdings, events, seenOf: searching.seenOf }),
      ...createRecordedFiles({ streams, segments, holdings, storage }),
    },
    events,
    search: searching,
    previews: createPreviews({ ...deps, holdings }),
    bytes: () => ({ recordings: segments.bytes(), clips: clips.bytes() }),
    measure: (registry) => fillPast(registry, { streams, segments, holdings, clips }),
    async run(signal) {
      const every = repeat(log, signal);
      const walk = createJobWalk();
      await Promise.all([
        keepClips({ ...deps, segments, holdings, clips, service, indexed, gone }, signal),
        deps.events.run((clip) => clips.get(clip)?.view.keep ?? false, signal),
        every(TAKE, 'taking events', async () => {
          while (!signal.aborted && (await takeEvents(intake).catch(whileAway(false))));
        }),
        every(LACKING, 'indexing what cannot be searched', () =>
          indexLacking({ segments, storage, isSearchable, makeSearchable, gone, log }, signal),
        ),
        every(JOBS, 'indexing jobs', () => indexJobs({ index, jobs, storage, walk })),
      ]);
    },
    close: () => index.close(),
  };
}
