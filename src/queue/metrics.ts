import { Counter, Gauge, Registry } from 'prom-client';
import { answered } from './connection.ts';
import type { Counters } from './counters.ts';
import { QUEUES } from './names.ts';
import type { Queues } from './queues.ts';

/** Names of metrics by the counters that they are made of: `seconds:decode` is `…_stage_seconds_total{stage="decode"}`. */
const METRICS = {
  frames: { name: 'sidestream_frames_total', label: 'stage', help: 'Frames that went through a stage.' },
  seconds: { name: 'sidestream_stage_seconds_total', label: 'stage', help: 'Seconds spent in a stage.' },
  loads: { name: 'sidestream_model_loads_total', label: 'part', help: 'Parts of models loaded into memory.' },
  load_seconds: {
    name: 'sidestream_model_load_seconds_total',
    label: 'part',
    help: 'Seconds spent on loading parts of models.',
  },
  failures: { name: 'sidestream_failures_total', label: 'code', help: 'Failed tries by error code.' },
} as const;

/** Metrics of the whole installation, in Prometheus' text format: what workers count is summed up in Redis. */
export function createMetrics(deps: {
  readonly counters: Counters;
  readonly queues: Queues;
  readonly jobs: () => Readonly<Record<string, number>>;
  /** Adds the metrics of recordings and clips. */
  readonly past: (registry: Registry) => void;
  /** Adds the metrics of streams. */
  readonly streams: (registry: Registry) => Promise<void>;
}): () => Promise<{ readonly contentType: string; readonly body: string }> {
  return async () => {
    const registry = new Registry();
    const up = new Gauge({
      name: 'sidestream_redis_up',
      help: 'Whether Redis answers.',
      registers: [registry],
    });
    const jobs = new Gauge({
      name: 'sidestream_jobs',
      help: 'Jobs on record by state.',
      labelNames: ['state'],
      registers: [registry],
    });
    for (const [state, count] of Object.entries(deps.jobs())) jobs.set({ state }, count);
    deps.past(registry);
    try {
      await answered(fill(registry, deps));
      await answered(deps.streams(registry));
      up.set(1);
    } catch {
      // That Redis is away is the very thing to be told.
      up.set(0);
    }
    return { contentType: registry.contentType, body: await registry.metrics() };
  };
}

async function fill(
  registry: Registry,
  { counters, queues }: { readonly counters: Counters; readonly queues: Queues },
): Promise<void> {
  const depth = new Gauge({
    name: 'sidestream_queue_depth',
    help: 'Entries of a queue by state.',
    labelNames: ['queue', 'state'],
    registers: [registry],
  });
  for (const name of QUEUES) {
    for (const [state, count] of Object.entries(await queues.counts(name)))
      depth.set({ queue: name, state }, count);
  }
  const made = Object.fromEntries(
    Object.entries(METRICS).map(([kind, { name, help, label }]) => [
      kind,
      { label, counter: new Counter({ name, help, labelNames: [label], registers: [registry] }) },
    ]),
  );
  for (const [field, value] of await counters.read()) {
    const [kind, which] = field.split(':');
    const metric = made[kind];
    if (metric && which) metric.counter.inc({ [metric.label]: which }, value);
  }
}
