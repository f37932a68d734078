import { SidestreamError } from '../../../src/core/errors.ts';
import type { AppDeps } from '../../../src/http/settings.ts';
import type { ModelDetails } from '../../../src/system/models.ts';
import type { SystemView } from '../../../src/system/system.ts';
import type { WordQuery } from '../../../src/system/words.ts';

/** What the system tells of itself, in memory. */
export interface FakeSystem {
  view: SystemView;
  readonly models: Map<string, ModelDetails>;
  /** What was asked of the words. */
  readonly asked: WordQuery[];
  readonly ports: Pick<AppDeps, 'system' | 'config' | 'models' | 'words'>;
}

const TIME = '2030-01-02T03:04:05.678Z';

export function fakeSystem(): FakeSystem {
  const models = new Map(
    (['embedded', 'available'] as const).map((state) => [
      state,
      {
        ...{ name: state, title: 'A model', state, default: state === 'embedded', partial: 0 },
        bytes: state === 'embedded' ? 1000 : undefined,
        licence: { code: 'MIT', weights: 'CC0', attribution: 'A, B' },
        ...{ page: 'https://example.org/', short_side: 384, taught: 1, fetching: undefined },
        names: [{ name: 'road', synonyms: ['street'], isthing: false }],
      } satisfies ModelDetails as ModelDetails,
    ]),
  );
  const model = (name: string): ModelDetails => {
    const found = models.get(name as 'embedded');
    if (!found) throw new SidestreamError('NOT_FOUND', `there is no model ${name}`);
    return found;
  };
  const change = (name: string, fetching: ModelDetails['fetching']) => {
    const { names, ...view } = { ...model(name), fetching };
    models.set(name as 'embedded', { ...view, names });
    return view;
  };
  const fake: FakeSystem = {
    view: {
      ...{
        version: '1.2.3',
        node: '20.0.0',
        platform: 'linux-x64',
        started_at: TIME,
        uptime: 12,
        time: TIME,
      },
      checks: [{ name: 'redis', ok: true }],
      queues: [{ name: 'jobs', waiting: 1, delayed: 0, blocked: 2, active: 3, failed: 0, paused: false }],
      workers: [
        {
          ...{ id: 'box-12', host: 'box', pid: 12, version: '1.2.3', queues: ['jobs', 'live'] },
          ...{ since: TIME, seen_at: TIME, working: 2, full: false },
          work: [
            { queue: 'jobs', since: TIME, job: 'job1', step: 'plan' },
            { queue: 'live', since: TIME, stream: 'stream1' },
          ],
          models: [{ name: 'street-tiny', provider: 'cpu', precision: 'fp32' }],
          packs: ['street-tiny'],
          gpus: [{ name: 'NVIDIA H100', total: 8e10, used: 1e9, busy: 0.5 }, { name: 'Intel (/dev/dri)' }],
          ...{ rss: 1e8, cpu: 0.5, cores: 2, load: 0.7, memory: { total: 8e9, free: 4e9 } },
        },
      ],
      disk: {
        data: { total: 1e12, free: 5e11 },
        storage: { kind: 'fs', space: { total: 1e12, free: 5e11 }, reserve: 1e9 },
        used: { jobs: 1, recordings: 2, clips: 3 },
        limits: {
          quota_bytes: 0,
          jobs: { days: 30, bytes: 0 },
          recordings: { days: 7, bytes: 0, stream_bytes: 0 },
          clips: { days: 30 },
        },
      },
      redis: { kind: 'single', version: '7.0.0', memory: { used: 1e6, most: 0 }, latency_ms: 0.2 },
    },
    models,
    asked: [],
    ports: {
      words: {
        async suggest(query) {
          fake.asked.push(query);
          if (query.model !== undefined) model(query.model);
          return [{ name: 'road', source: 'model', isthing: false, taught: true, synonyms: ['street'] }];
        },
      },
      models: {
        list: async () => [...models.values()].map(({ names, ...view }) => view),
        get: async (name) => model(name),
        fetch: async (name) =>
          change(
            name,
            model(name).state === 'available'
              ? { bytes: 0, of: undefined, since: TIME, error: undefined }
              : undefined,
          ),
        cancel: async (name) => change(name, undefined),
        [Symbol.asyncDispose]: async () => {},
      },
      system: { view: async () => fake.view },
      config: new Map([
        ['http.port', { value: 8080, source: 'default', about: 'Where it listens.' }],
        ['http.host', { value: '::', source: '--host', about: 'Address.' }],
        ['s3.secret_key', { value: '***', source: 'SIDESTREAM_S3_SECRET_KEY', about: 'Secret.' }],
      ]),
    },
  };
  return fake;
}
