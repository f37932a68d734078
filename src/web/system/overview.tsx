import { CircleAlert, CircleCheck } from 'lucide-preact';
import { api, asked } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import { text } from '../text/en.ts';
import { Loading, Problem } from '../ui/parts.tsx';
import { agoOf, bytesOf, momentOf } from '../ui/time.ts';
import { Amount } from './amount.tsx';
import { Queues } from './queues.tsx';
import { useWatched } from './use-watched.ts';
import { Workers } from './workers.tsx';

export type System = components['schemas']['System'];

/** Milliseconds between two looks. */
const EVERY = 3000;

/** How the installation stands now. */
export function Overview() {
  const { data, error, again } = useWatched((signal) => asked(api.GET('/v1/system', { signal })), [], EVERY);
  return (
    <div class="stack">
      {error !== undefined && <Problem error={error} onRetry={again} />}
      {!data && error === undefined && <Loading />}
      {data && (
        <>
          <Health system={data} />
          <div class="panels">
            <Queues queues={data.queues} />
            <Disk disk={data.disk} />
            <Redis redis={data.redis} />
            <About system={data} />
          </div>
          <Workers workers={data.workers} version={data.version} />
        </>
      )}
    </div>
  );
}

function Health({ system: { checks, workers } }: { readonly system: System }) {
  const bad = checks.filter(({ ok }) => !ok);
  const t = text.system;
  const ill = bad.length + (workers.length === 0 && bad.length === 0 ? 1 : 0);
  return (
    <section class={`card health ${ill > 0 ? 'bad' : 'good'}`} aria-live="polite">
      {ill > 0 ? <CircleAlert size={32} aria-hidden="true" /> : <CircleCheck size={32} aria-hidden="true" />}
      <div class="grow">
        <h2>{ill > 0 ? t.ill(ill) : t.well}</h2>
        {ill === 0 && <p class="soft">{t.wellBody(workers.length)}</p>}
        {bad.map(({ name, detail }) => (
          <p key={name}>
            <strong>{t.checks[name] ?? name}</strong> {detail ?? t.checkBad}
          </p>
        ))}
        {workers.length === 0 && bad.length === 0 && <p>{t.noWorkers}</p>}
      </div>
    </section>
  );
}

function Disk({ disk: { data, storage, used, limits } }: { readonly disk: System['disk'] }) {
  const t = text.system;
  const { space, kind, reserve } = storage;
  // The two are often one and the same disk.
  const same = space?.total === data.total && Math.abs(space.free - data.free) < data.total / 1000;
  const most = (bytes: number) => (bytes > 0 ? bytesOf(bytes) : undefined);
  const rows = [
    [t.used.jobs, used.jobs, t.kept(limits.jobs.days, most(limits.jobs.bytes))],
    [t.used.recordings, used.recordings, t.kept(limits.recordings.days, most(limits.recordings.bytes))],
    [t.used.clips, used.clips, t.kept(limits.clips.days, undefined)],
  ] as const;
  return (
    <section class="card stack">
      <h2>{t.diskTitle}</h2>
      {!same && <Space name={t.dataDisk} space={data} />}
      <Space name={same ? t.dataDisk : t.storageDisk(kind)} space={space} />
      <dl class="facts">
        {rows.map(([name, bytes, kept]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {bytesOf(bytes)} <span class="soft small">{kept}</span>
            </dd>
          </div>
        ))}
      </dl>
      {reserve > 0 && <p class="small soft">{t.reserve(bytesOf(reserve))}</p>}
    </section>
  );
}

function Space({
  name,
  space,
}: {
  readonly name: string;
  readonly space: { readonly total: number; readonly free: number } | undefined;
}) {
  const t = text.system;
  if (!space) {
    return (
      <p class="small soft">
        {name}: {t.noLimit}
      </p>
    );
  }
  const { total, free } = space;
  const share = total > 0 ? (total - free) / total : 0;
  return <Amount name={name} share={share} value={t.free(bytesOf(free), bytesOf(total))} full={0.9} />;
}

function Redis({ redis }: { readonly redis: System['redis'] }) {
  const t = text.system;
  return (
    <section class="card stack">
      <h2>{t.redisTitle}</h2>
      {redis ? (
        <>
          {redis.memory.most > 0 && (
            <Amount
              name={t.redisMemory}
              share={redis.memory.used / redis.memory.most}
              value={t.memory(bytesOf(redis.memory.used), bytesOf(redis.memory.most))}
              full={0.9}
            />
          )}
          <dl class="facts">
            <Fact name={t.redisVersion}>{redis.version}</Fact>
            <Fact name={t.redisKind}>{t.redisKinds[redis.kind]}</Fact>
            {redis.memory.most === 0 && <Fact name={t.redisMemory}>{bytesOf(redis.memory.used)}</Fact>}
            <Fact name={t.redisLatency}>{redis.latency_ms.toFixed(1)} ms</Fact>
          </dl>
        </>
      ) : (
        <p class="away">{t.redisAway}</p>
      )}
    </section>
  );
}

function About({ system: { version, node, platform, started_at } }: { readonly system: System }) {
  const t = text.system;
  return (
    <section class="card stack">
      <h2>{t.aboutTitle}</h2>
      <dl class="facts">
        <Fact name={t.version}>{version}</Fact>
        <Fact name={t.node}>{node}</Fact>
        <Fact name={t.platform}>{platform}</Fact>
        <Fact name={t.up}>
          <time dateTime={started_at} title={momentOf(started_at)}>
            {agoOf(started_at)}
          </time>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
