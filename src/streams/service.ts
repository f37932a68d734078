import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import { redactCamera } from '../core/camera-address.ts';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { answered, whileAway } from '../queue/connection.ts';
import type { Queues } from '../queue/queues.ts';
import type { StreamBoard, StreamSituation } from '../queue/stream-board.ts';
import type { Storage } from '../storage/storage.ts';
import { type DescribeDeps, describeChange, describeStream, locate } from './describe.ts';
import { streamKeys } from './description.ts';
import type { StreamRecord, StreamRecords } from './records.ts';
import { askGate } from './relay.ts';
import type { StreamPatch } from './request.ts';
import type { Fault, Streams, StreamView } from './streams.ts';
import { heldBy, refusalOf, viewOf } from './view.ts';

export interface StreamServiceDeps {
  readonly config: Config;
  readonly records: StreamRecords;
  readonly storage: Storage;
  readonly board: StreamBoard;
  readonly queues: Queues;
  /** Of addresses of cameras. */
  readonly guard: DescribeDeps['guard'];
}

/** Milliseconds that a change waits for its worker, and between two looks at whether it has taken it. */
const [PATIENCE, LOOK] = [3000, 50];
const AWAY: Fault = {
  code: 'REDIS_UNREACHABLE',
  message: 'Redis does not answer: nobody knows how it stands',
};

export function createStreamService(deps: StreamServiceDeps): Streams {
  const { config, records, storage, board, queues } = deps;
  const turns = new Map<string, Promise<unknown>>();

  const recordOf = (id: string): StreamRecord => {
    const record = records.get(id);
    if (!record) throw new SidestreamError('STREAM_NOT_FOUND', `there is no stream ${id}`);
    return record;
  };

  async function situationOf(id: string): Promise<StreamSituation | undefined> {
    const [situation] = await answered(board.read([id]));
    return situation;
  }

  /** What is on record can be told without Redis. */
  async function views(found: readonly StreamRecord[]): Promise<readonly StreamView[]> {
    const ids = found.map(({ description }) => description.id);
    const situations = await answered(board.read(ids)).catch(whileAway(undefined));
    return found.map((record, i) => viewOf(record, situations?.[i], situations ? undefined : AWAY));
  }

  async function get(id: string): Promise<StreamView> {
    const [view] = await views([recordOf(id)]);
    return view;
  }

  /** One change of a stream after the other. */
  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const mine = (turns.get(id) ?? Promise.resolve()).then(work, work);
    const settled = mine.then(
      () => {},
      () => {},
    );
    turns.set(id, settled);
    void settled.then(() => {
      if (turns.get(id) === settled) turns.delete(id);
    });
    return mine;
  }

  const describe = ({ description }: StreamRecord) =>
    storage.put(streamKeys(description.id).description(description.revision), JSON.stringify(description));

  /** Keeps a new revision, and tells whoever holds the stream. Throws STREAM_NOT_FOUND where it was removed meanwhile. */
  async function keep(record: StreamRecord): Promise<void> {
    await describe(record);
    if (!records.update(record)) {
      await storage.removeAll(streamKeys(record.description.id).folder);
      recordOf(record.description.id);
    }
    // It is on record: should Redis fail just now, it is told later.
    await tell(record, deps).catch(whileAway(undefined));
  }

  /** Why the worker refused the revision; undefined where it took it, or did not say in time. */
  async function outcome(id: string, revision: number): Promise<Fault | undefined> {
    for (const end = Date.now() + PATIENCE; ; await sleep(LOOK)) {
      const held = heldBy(await situationOf(id));
      if (!held) return undefined;
      const refusal = refusalOf(held, revision);
      if (refusal) return refusal;
      if (held.applied >= revision) {
        // Whoever goes by the new one reads the old one no more.
        await storage.remove(streamKeys(id).description(revision - 1));
        return undefined;
      }
      if (Date.now() > end) return undefined;
    }
  }

  async function change(id: string, patch: StreamPatch): Promise<StreamView> {
    const before = recordOf(id);
    await answered(queues.ping());
    const now = Date.now();
    const wish = patch.state ?? before.wish;
    const moved = patch.url === undefined ? {} : { url: await locate(patch.url, deps) };
    const description = describeChange(before.description, { ...patch, ...moved }, config);
    const { revision } = description;
    await keep({
      ...before,
      description,
      wish,
      wished: wish === before.wish ? before.wished : now,
      updated: now,
      shown: {
        url: patch.url === undefined ? before.shown.url : redactCamera(patch.url),
        metadata: patch.metadata ?? before.shown.metadata,
      },
    });
    const refused = await outcome(id, revision).catch(whileAway(undefined));
    if (!refused) return await get(id);
    await keep({ ...before, description: { ...before.description, revision: revision + 1 } });
    throw new SidestreamError(refused.code, redact(refused.message));
  }

  return {
    get,
    async create(request, { id: submitter }) {
      await answered(queues.ping());
      const description = await describeStream(request, deps);
      const now = Date.now();
      const record: StreamRecord = {
        description,
        wish: request.state,
        wished: now,
        created: now,
        updated: now,
        submitter,
        shown: { url: redactCamera(request.url), metadata: request.metadata ?? {} },
      };
      // A record without its description could not be worked on.
      await describe(record);
      try {
        records.add(record);
      } catch (error) {
        await storage.removeAll(streamKeys(description.id).folder);
        throw error;
      }
      // From here on the stream is ours: should Redis fail just now, it is told later.
      await tell(record, deps).catch(whileAway(undefined));
      return await get(description.id);
    },
    list: () => views(records.list()),
    change: (id, patch) => inTurn(id, () => change(id, patch)),
    async remove(id) {
      if (!records.get(id)) return;
      await answered(board.remove(id));
      records.remove(id);
      // Whoever looked after it just now may have begun its board again.
      await answered(board.remove(id));
      await answered(queues.remove('live', id)).catch(() => {}); // It ends by itself: there is no board.
      await storage.removeAll(streamKeys(id).folder);
    },
    async relay(id, path, signal) {
      recordOf(id);
      const held = heldBy(await situationOf(id));
      if (held) return await askGate(held.gate, `${id}/${path}`, signal);
      const { state, reason } = await get(id);
      const why = reason ? `${reason.code}: ${reason.message}` : 'no worker holds it yet';
      throw new SidestreamError(
        'STREAM_NOT_LIVE',
        `stream ${id} is ${state}${state === 'stopped' ? '' : `: ${why}`}`,
      );
    },
  };
}

/** Says on the board what is asked of a stream, and sees to it that somebody works on it. */
export async function tell(
  { description: { id, revision }, wish, submitter }: StreamRecord,
  { board, queues }: Pick<StreamServiceDeps, 'board' | 'queues'>,
): Promise<void> {
  await answered(board.want(id, revision, wish));
  if (wish === 'stopped') return;
  await answered(queues.add('live', [{ stream: id }], { submitter, priority: 'normal' }));
}
