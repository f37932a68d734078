import { Link } from 'wouter-preact';
import type { components } from '../api/schema.d.ts';
import { text } from '../text/en.ts';
import { Badge } from '../ui/parts.tsx';
import { agoOf, bytesOf } from '../ui/time.ts';
import { Amount } from './amount.tsx';

type Worker = components['schemas']['Worker'];

/** Pieces of work of one worker that are listed. */
const SHOWN = 5;

/** Who does the work, on any machine. `version`: the server's. */
export function Workers({
  workers,
  version,
}: {
  readonly workers: readonly Worker[];
  readonly version: string;
}) {
  const t = text.system;
  return (
    <section class="stack">
      <h2>{t.workersTitle}</h2>
      {workers.length === 0 && <p class="soft">{t.workerNone}</p>}
      <ul class="workers">
        {workers.map((worker) => (
          <li key={worker.id} class="card stack">
            <Alone worker={worker} version={version} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Alone({ worker, version }: { readonly worker: Worker; readonly version: string }) {
  const { host, pid, since, queues, work, working, full, models, gpus, rss, cpu, cores, load, memory } =
    worker;
  const t = text.system;
  const shown = work.slice(0, SHOWN);
  return (
    <>
      <div class="row">
        <h3 class="grow cut">{t.worker(host, pid)}</h3>
        {worker.version !== version && <Badge tone="warn">{t.other(worker.version)}</Badge>}
        {full && <Badge tone="bad">{t.full}</Badge>}
      </div>
      <ul class="doing">
        {shown.map((piece, i) => (
          <li key={`${piece.job ?? piece.stream ?? piece.clip}-${piece.part}-${i}`}>
            <Doing piece={piece} />
          </li>
        ))}
        {working > shown.length && <li class="soft">{t.doingMore(working - shown.length)}</li>}
        {working === 0 && <li class="soft">{t.doingNothing}</li>}
      </ul>
      <div class="amounts">
        <Amount name={t.cpu} share={cores > 0 ? cpu / cores : 0} value={t.cores(cpu.toFixed(1), cores)} />
        <Amount
          name={t.memoryTitle}
          share={memory.total > 0 ? 1 - memory.free / memory.total : 0}
          value={t.memory(bytesOf(memory.total - memory.free), bytesOf(memory.total))}
          full={0.95}
        />
        {gpus.map(({ name, total, used, busy }, i) => (
          <Amount
            key={`${name}-${i}`}
            name={name}
            share={total && used !== undefined ? used / total : (busy ?? 0)}
            value={[
              busy !== undefined && t.gpuBusy(text.units.percent(busy)),
              total !== undefined && used !== undefined && t.memory(bytesOf(used), bytesOf(total)),
            ]
              .filter(Boolean)
              .join(' · ')}
          />
        ))}
      </div>
      <p class="small soft">
        {[
          ...models.map((model) => t.model(model.name, model.provider, model.precision)),
          t.own(bytesOf(rss)),
          t.load(load.toFixed(1)),
          t.since(agoOf(since)),
          queues.length < Object.keys(t.queues).length && t.takes(queues.map((queue) => t.queues[queue])),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </>
  );
}

function Doing({
  piece: { queue, job, stream, clip, part, step },
}: {
  readonly piece: Worker['work'][number];
}) {
  const t = text.system.doing;
  if (job) return <Link href={`/jobs/${job}`}>{t.job(text.system.steps[step ?? queue], part)}</Link>;
  if (stream) return <Link href={`/live/${stream}`}>{t.stream}</Link>;
  if (clip) return <Link href={`/clips/${clip}`}>{t.clip}</Link>;
  return <span>{t.recordings}</span>;
}
