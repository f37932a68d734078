import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAnalysis } from '../../../src/analysis/file/reader.ts';
import { createAnalysisWriter } from '../../../src/analysis/file/writer.ts';
import { tryRules } from '../../../src/cli/run-rules.ts';
import type { EventPreview, RulePreviewView } from '../../../src/clips/clips.ts';
import { createPreviews } from '../../../src/clips/previewing.ts';
import { segmentKeys } from '../../../src/clips/recording/card.ts';
import { createHoldings, type Holdings } from '../../../src/clips/recording/holdings.ts';
import { createSegments } from '../../../src/clips/recording/segments.ts';
import type { RuleEvent } from '../../../src/clips/rules/engine.ts';
import { rulesFrom } from '../../../src/clips/rules/read-rules.ts';
import { type Config, loadConfig } from '../../../src/config/load.ts';
import { pts } from '../../../src/core/time.ts';
import { type Db, openDatabase } from '../../../src/jobs/database.ts';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { making } from '../../../src/queue/making.ts';
import { keyPrefix, openQueues, type Queues } from '../../../src/queue/queues.ts';
import { readyModel } from '../../../src/ready-model.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import type { StreamRecord } from '../../../src/streams/records.ts';
import { createModels, type Models } from '../../../workers/models.ts';
import { previewWork } from '../../../workers/previews.ts';
import { startRedis, type TestRedis } from '../../fixtures/redis.ts';
import { type Recorded, recordTown, STREAM, TICKS } from './recorded-town.ts';

/** Rules over what was recorded: against what they said live, and what `rules test` says. */

const YAML = `zones:
  near: [[0.25, 0.5], [0.75, 0.5], [0.75, 1], [0.25, 1]]
lines:
  kerb: [[0, 0.6], [1, 0.6]]
rules:
  - { name: car comes near, when: { object: car, enters: near, min_size: 0.2 % } }
  - { name: over the kerb, when: { object: car, crosses: kerb, direction: right } }
  - { name: someone stays, when: { object: pedestrian, min_size: 0.1 %, for: 1 s } }
  - { name: dark, when: { stuff: sky, share: "< 50 %", for: 3 s } }
`;
const RULES = rulesFrom((await import('yaml')).parse(YAML));
const WORDS = {
  names: [['road'], ['car'], ['pedestrian'], ['tree'], ['sky'], ['building']],
  ...{ expand: 'none' as const, things: [], stuff: [] },
};
const BEGIN = Date.parse('2030-01-02T03:59:57.000Z');
const prefix = keyPrefix('test');
let folder: string;
let redis: TestRedis;
let client: RedisClient;
let connection: RedisClient;
let queues: Queues;
let storage: Storage;
let config: Config;
let db: Db;
let holdings: Holdings;
let models: Models;
let worker: Worker;
let town: Recorded;
const stopping = new AbortController();
const failures: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-preview-'));
  redis = await startRedis();
  [client, connection] = [0, 1].map(() => connectRedis(parseRedisUrl(redis.url), () => {}));
  queues = openQueues(client, { prefix, attempts: 3, keepSeconds: 60 });
  const loaded = loadConfig({ flags: { 'data.directory': join(folder, 'data') } });
  ({ config } = loaded);
  storage = await openStorage(config, join(folder, 'scratch'));
  db = openDatabase(':memory:');
  const segments = createSegments(db);
  holdings = createHoldings(segments, () => false);
  {
    await using ready = await readyModel(loaded, () => {});
    const about = { ready, storage, segments, rules: RULES, words: WORDS, begin: BEGIN };
    town = await recordTown(folder, about);
  }
  models = createModels(config, { say: () => {}, loaded: () => {} });
  const failed = (_: unknown, error: Error) => failures.push(error.message);
  const make = making('previews', { stopping: stopping.signal, failed }, (payload, stop) =>
    previewWork(payload, { storage, models }, stop),
  );
  worker = new Worker('previews', make, { connection, prefix, skipVersionCheck: true });
}, 180_000);
afterAll(async () => {
  stopping.abort();
  await worker?.close();
  expect(await readdir(join(folder, 'data', 'storage'))).not.toContain('asked');
  await models?.[Symbol.asyncDispose]();
  await queues[Symbol.asyncDispose]();
  for (const one of [client, connection]) one.disconnect();
  await storage[Symbol.asyncDispose]();
  db.close();
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Asked {
  readonly from?: number;
  readonly to?: number;
  readonly rules?: typeof RULES;
  readonly vocabulary?: string;
  readonly holdings?: Partial<Holdings>;
  readonly seconds?: number;
  readonly signal?: AbortSignal;
}

/** `from`, `to`: seconds from the first picture. */
function preview({ from = 0, to = 6, rules = RULES, vocabulary, signal, ...more }: Asked = {}) {
  const streams = {
    get: (id: string) =>
      id === STREAM
        ? ({ description: { model: config.model.name, words: WORDS } } as unknown as StreamRecord)
        : undefined,
  };
  const clips = { ...config.clips, preview_seconds: more.seconds ?? 120 };
  const deps = { streams, storage, queues, holdings: { ...holdings, ...more.holdings } };
  const iso = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString();
  return createPreviews({ ...deps, config: { ...config, clips } }).preview(
    STREAM,
    { rules, from: iso(from), to: iso(to), vocabulary },
    { id: 'me' },
    signal ?? AbortSignal.timeout(120_000),
  );
}

interface Comparable extends Pick<RuleEvent, 'rule' | 'began' | 'names' | 'tracks'> {
  readonly ended?: number | undefined;
  readonly best: {
    readonly seconds: number;
    readonly track?: number | undefined;
    readonly score: number;
    readonly share: number;
    readonly box?: readonly number[] | undefined;
  };
}

/** What can be compared of an event; seconds from the first picture, as far as milliseconds tell. */
const brief = ({ rule, began, ended, names, tracks, best }: Comparable) => ({
  ...{ rule, began: began.toFixed(2), ended: ended?.toFixed(2), names, tracks },
  best: [best.seconds.toFixed(2), best.track, best.score, best.share, best.box],
});
const secondsOf = (time: string) => (Date.parse(time) - BEGIN) / 1000;
const briefOf = ({ rule, began_at, ended_at, names, tracks, best }: EventPreview) =>
  brief({
    ...{ rule, began: secondsOf(began_at), ended: ended_at === undefined ? undefined : secondsOf(ended_at) },
    ...{ names, tracks },
    best: { ...best, seconds: secondsOf(best.time) },
  });

/** What `sidestream rules test` says of an analysis: each event as it was told of last. */
async function tested(file: string, rules = YAML): Promise<readonly RuleEvent[]> {
  const path = join(folder, 'rules.yaml');
  await writeFile(path, rules);
  const events = new Map<string, RuleEvent>();
  const print = (line: string) => {
    const event = JSON.parse(line) as RuleEvent;
    events.set(event.id, event);
  };
  const io = { signal: AbortSignal.timeout(60_000), print, say: () => {}, takeTime: () => {} };
  const options = {
    json: true,
    quiet: true,
    vocabulary: 'road, car, pedestrian, tree, sky, building',
    expand: 'none',
  };
  await tryRules(io, path, [file], options as Parameters<typeof tryRules>[3]);
  return [...events.values()].sort((a, b) => a.began - b.began);
}

/** All segments in one analysis, as a clip of them has it. */
async function joined(): Promise<string> {
  const output = join(folder, 'whole.analysis');
  let writer: Awaited<ReturnType<typeof createAnalysisWriter>> | undefined;
  let index = 0;
  for (const { begin, token } of holdings.segments(STREAM, town.from, town.to)) {
    await using file = await storage.borrow(segmentKeys(STREAM, begin, token).analysis);
    await using analysis = await openAnalysis(file.path);
    writer ??= await createAnalysisWriter(output, analysis.header);
    for await (const frame of analysis.analysed())
      await writer.add({ ...frame, index: index++, pts: pts(frame.pts) });
  }
  await writer?.finish();
  await writer?.[Symbol.asyncDispose]();
  return output;
}

describe('a preview of rules', () => {
  let whole: RulePreviewView;
  beforeAll(async () => {
    whole = await preview();
  }, 120_000);

  it('is of all that was recorded', () => {
    expect(whole).toMatchObject({
      ...{
        from: '2030-01-02T03:59:57.000Z',
        to: '2030-01-02T04:00:03.000Z',
        until: '2030-01-02T04:00:03.000Z',
      },
      ...{ seconds_recorded: 6, gaps: [], truncated: false },
    });
    expect(new Set(whole.events.map(({ rule }) => rule))).toEqual(
      new Set(['car comes near', 'over the kerb', 'someone stays', 'dark']),
    );
  });

  it('is what "rules test" says of the same analysis', async () => {
    const events = await tested(await joined());
    // There a file ends, and with it what goes on; here it goes on.
    const open = events.map(({ ended, why, ...event }) =>
      why === undefined && ended !== undefined ? { ...event, ended } : event,
    );
    expect(whole.events.map(briefOf)).toEqual(open.map(brief));
  });

  it('is what the rules said live, as nearly as recordings can tell', () => {
    // A recording has the mean of eight looks at a thing, where live each look counted as it came.
    const [told, found] = [town.events.map(brief), whole.events.map(briefOf)];
    const named = ({ rule, names, tracks }: ReturnType<typeof brief>) => ({ rule, names, tracks });
    expect(found.map(named)).toEqual(told.map(named));
    for (const [i, { began, ended, best }] of found.entries()) {
      const near = (one: string | undefined, other: string | undefined) =>
        expect(Math.abs(Number(one ?? 0) - Number(other ?? 0))).toBeLessThanOrEqual(0.2);
      near(began, told[i]?.began);
      near(ended, told[i]?.ended);
      expect(Math.abs(Number(best[2]) - Number(told[i]?.best[2]))).toBeLessThan(0.1);
    }
  });

  it('is of a part, from wherever it begins', async () => {
    const { events, ...part } = await preview({ from: 1.1, to: 3.3 });
    expect(part).toMatchObject({ seconds_recorded: 2.2, gaps: [], truncated: false });
    for (const { began_at, ended_at } of events) {
      expect(secondsOf(began_at)).toBeGreaterThanOrEqual(1.1);
      expect(secondsOf(ended_at ?? began_at)).toBeLessThan(3.3);
    }
    const kerb = ({ rule }: EventPreview) => rule === 'over the kerb';
    expect(events.filter(kerb).map(briefOf)).toEqual(
      whole.events.filter((event) => kerb(event) && secondsOf(event.began_at) < 3.3).map(briefOf),
    );
  });

  it('needs to follow nothing where nothing is followed', async () => {
    const stuff = { ...RULES, rules: RULES.rules.filter(({ name }) => name === 'dark') };
    const { events } = await preview({ rules: stuff });
    expect(events.map(briefOf)).toEqual(whole.events.filter(({ rule }) => rule === 'dark').map(briefOf));
  });

  it('goes by the clock on the wall', async () => {
    const dark = (from: string, to: string) =>
      rulesFrom({ rules: [{ name: 'd', when: { stuff: 'sky', share: '< 50 %' }, schedule: { from, to } }] });
    const [event] = (await preview({ rules: dark('04:00', '05:00') })).events;
    expect(event?.began_at).toBe('2030-01-02T04:00:00.000Z');
    expect((await preview({ rules: dark('05:00', '06:00') })).events).toEqual([]);
  });

  it('knows words that nobody had asked for, and refuses what cannot be', async () => {
    const rules = rulesFrom({ rules: [{ name: 'a', when: { object: ['lorry|truck', 'car'] } }] });
    const { events } = await preview({ rules, vocabulary: 'street|road, sky' });
    expect(new Set(events.flatMap(({ names }) => names))).toContain('car');
    const sky = rulesFrom({ rules: [{ name: 'a', when: { object: 'sky' } }] });
    await expect(preview({ rules: sky })).rejects.toMatchObject({
      ...{ code: 'RULES_INVALID', message: expect.stringMatching(/sky.*is stuff/) },
    });
    await expect(preview({ from: 3, to: 3 })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(preview({ from: 0, to: 86_401 })).rejects.toMatchObject({ code: 'USAGE' });
    expect(failures.splice(0)).toHaveLength(1);
  });
});

describe('what is missing', () => {
  const at = (seconds: number) => town.from + seconds * TICKS;
  /** As if nothing had been recorded in [2 s, 4 s). */
  const without = (reason: string): Partial<Holdings> => ({
    parts: (...asked) => holdings.parts(...asked).filter(({ from }) => from !== at(2)),
    gaps: () => [{ from: at(2), to: at(4), reason }],
  });
  const dark = { ...RULES, rules: RULES.rules.filter(({ name }) => name === 'dark') };
  const spans = (view: RulePreviewView) =>
    view.events.map(({ began_at, ended_at, why }) => [
      secondsOf(began_at).toFixed(1),
      ended_at && secondsOf(ended_at).toFixed(1),
      why,
    ]);

  it('is a gap as live: what has not been seen for long enough has ended', async () => {
    const soon = { ...dark, rules: dark.rules.map((rule) => ({ ...rule, when: { ...rule.when, for: 1 } })) };
    const view = await preview({ rules: soon, holdings: without('CAMERA_AWAY') });
    expect(view.seconds_recorded).toBe(4);
    expect(view.gaps).toEqual([
      { from: '2030-01-02T03:59:59.000Z', to: '2030-01-02T04:00:01.000Z', reason: 'CAMERA_AWAY' },
    ]);
    expect(spans(view)).toEqual([
      ['0.0', '1.9', undefined],
      ['4.0', undefined, undefined],
    ]);
    // Long patience gets over it.
    const patient = { ...soon, rules: soon.rules.map((rule) => ({ ...rule, linger: 5 })) };
    const over = await preview({ rules: patient, holdings: without('CAMERA_AWAY') });
    expect(spans(over)).toEqual([['0.0', undefined, undefined]]);
  });

  it('ends events, where the stream was paused or stopped', async () => {
    const patient = {
      ...dark,
      rules: dark.rules.map((rule) => ({ ...rule, linger: 5, when: { ...rule.when, for: 1 } })),
    };
    for (const [reason, why] of [
      ['PAUSED', 'the stream was paused'],
      ['STOPPED', 'the stream was stopped'],
    ] as const) {
      const view = await preview({ rules: patient, holdings: without(reason) });
      expect(spans(view), reason).toEqual([
        ['0.0', '1.9', why],
        ['4.0', undefined, undefined],
      ]);
    }
  });

  it('may be that it goes on to be recorded, or has long ended', async () => {
    const soon = { ...dark, rules: dark.rules.map((rule) => ({ ...rule, when: { ...rule.when, for: 1 } })) };
    const knownUntil = () => at(6.5);
    const on = await preview({ rules: soon, to: 60, holdings: { knownUntil } });
    expect(spans(on)).toEqual([['0.0', undefined, undefined]]);
    const forEver = { knownUntil: () => Number.MAX_SAFE_INTEGER };
    const ended = await preview({ rules: soon, to: 60, holdings: forEver });
    expect(spans(ended)).toEqual([['0.0', '5.9', undefined]]);
  });

  it('is what cannot be read, or what another model has seen: the rest is looked at', async () => {
    const keys = segmentKeys(STREAM, at(2), 1);
    const bytes = await storage.read(keys.analysis);
    const soon = { ...dark, rules: dark.rules.map((rule) => ({ ...rule, when: { ...rule.when, for: 1 } })) };
    const gap = { from: '2030-01-02T03:59:59.000Z', to: '2030-01-02T04:00:01.000Z' };
    try {
      await storage.remove(keys.analysis);
      const gone = await preview({ rules: soon });
      expect(gone.gaps).toEqual([{ ...gap, reason: 'UNREADABLE' }]);
      expect(spans(gone)).toHaveLength(2);
      // Cut in its middle, and with a bit that is another one.
      const damaged = Buffer.from(bytes);
      damaged[Math.floor(bytes.length / 2)] ^= 1;
      await storage.put(keys.analysis, damaged);
      const broken = await preview({ rules: soon });
      expect(broken.gaps).toEqual([
        { from: expect.stringMatching(/^2030-01-02T03:59:59|04:00:0/), to: gap.to, reason: 'UNREADABLE' },
      ]);
    } finally {
      await storage.put(keys.analysis, bytes);
    }
    const other = (...asked: Parameters<Holdings['parts']>) =>
      holdings
        .parts(...asked)
        .map((part) =>
          part.from === at(2) ? { ...part, segment: { ...part.segment, model: 'other' } } : part,
        );
    const view = await preview({ rules: soon, holdings: { parts: other } });
    expect(view.gaps).toEqual([{ ...gap, reason: 'NOT_ANALYSED' }]);
    expect(await preview({ holdings: { parts: () => [] } })).toMatchObject({
      ...{ events: [], seconds_recorded: 0, truncated: false },
    });
  });
});

describe('a preview that takes long', () => {
  it('gives what was found so far', async () => {
    const view = await preview({ seconds: 0.001 });
    expect(view.truncated).toBe(true);
    expect(secondsOf(view.until)).toBeLessThan(1);
    expect(view.seconds_recorded).toBeCloseTo(secondsOf(view.until), 2);
    expect(view.events.every(({ began_at }) => began_at <= view.until)).toBe(true);
  });

  it('ends when nobody waits for it', async () => {
    // The same hour over and over.
    const parts = (...asked: Parameters<Holdings['parts']>) => {
      const all = holdings.parts(...asked);
      return Array.from({ length: 2000 }, () => all).flat();
    };
    const gone = new AbortController();
    const asked = preview({ holdings: { parts }, signal: gone.signal });
    asked.catch(() => {});
    const active = async () => (await queues.counts('previews')).active;
    for (const end = Date.now() + 20_000; (await active()) === 0 && Date.now() < end; ) await sleep(50);
    expect(await active()).toBe(1);
    await sleep(1500);
    gone.abort();
    await expect(asked).rejects.toThrow();
    const begun = Date.now();
    while ((await active()) > 0 && Date.now() - begun < 20_000) await sleep(50);
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(failures).toEqual([]);
  });
});
