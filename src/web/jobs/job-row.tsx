import { Ban, Download, Ellipsis, Film, RotateCcw, Trash2, X } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Job } from '../api/client.ts';
import { nameOf } from '../player/job-name.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu } from '../ui/menu.tsx';
import { Badge, Meter } from '../ui/parts.tsx';
import { agoOf, lengthOf, momentOf } from '../ui/time.ts';
import { attempt } from '../ui/toast.tsx';
import { cancelJob, retryJob } from './job-acts.ts';

const TONES = {
  queued: undefined,
  running: 'accent',
  done: 'good',
  failed: 'bad',
  cancelled: 'warn',
} as const;

/** A job in the list. */
export function JobRow({
  job,
  now,
  picked,
  onPick,
  onRemove,
}: {
  readonly job: Job;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined: it cannot be selected. */
  readonly picked: boolean | undefined;
  readonly onPick: (event: MouseEvent) => void;
  readonly onRemove: () => void;
}) {
  const { id, state, vocabulary, created_at } = job;
  const name = nameOf(job);
  const t = text.jobs;
  return (
    <article class={`job${picked ? ' picked' : ''}`} data-state={state} data-id={id}>
      {picked !== undefined && (
        <label class="pick">
          <input type="checkbox" aria-label={t.pick(name)} checked={picked} onClick={onPick} />
        </label>
      )}
      <Thumbnail job={job} />
      <div class="about">
        <h2 class="cut">
          <Link href={`/jobs/${id}`} title={name}>
            {name}
          </Link>
        </h2>
        <p class="cut soft small" title={vocabulary.join(', ')}>
          {vocabulary.join(', ')}
        </p>
        <Course job={job} name={name} />
      </div>
      <div class="stand">
        <Badge tone={TONES[state]}>{t.states[state]}</Badge>
        <time class="small soft" dateTime={created_at} title={momentOf(created_at)}>
          {agoOf(created_at, Math.max(now, Date.parse(created_at)))}
        </time>
      </div>
      <Acts job={job} name={name} onRemove={onRemove} />
    </article>
  );
}

function Thumbnail({ job: { id, results, state } }: { readonly job: Job }) {
  const [broken, setBroken] = useState(false);
  return (
    <div class="thumb">
      {results.thumbnail && !broken ? (
        <img
          src={`/v1/jobs/${encodeURIComponent(id)}/thumbnail`}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setBroken(true)}
        />
      ) : state === 'failed' || state === 'cancelled' ? (
        <Ban size={24} aria-hidden="true" />
      ) : (
        <Film size={24} aria-hidden="true" />
      )}
    </div>
  );
}

/** How it goes, or went. */
function Course({ job, name }: { readonly job: Job; readonly name: string }) {
  const { state, stage, progress, frames, frames_done, fps, eta, error, started_at, finished_at } = job;
  const t = text.jobs;
  if (state === 'failed' && error) {
    return (
      <p class="fault small" title={error.message}>
        {t.failures[error.code] ?? error.message} <span class="code">{error.code}</span>
      </p>
    );
  }
  if (state === 'done') {
    const took = started_at && finished_at && (Date.parse(finished_at) - Date.parse(started_at)) / 1000;
    const parts = [frames !== undefined && text.units.frames(frames), took && t.took(lengthOf(took))];
    return <p class="cut soft small">{parts.filter(Boolean).join(' · ')}</p>;
  }
  if (state !== 'running') return null;
  const parts = [
    text.player.stages[stage ?? 'plan'],
    frames !== undefined && stage !== 'plan' && t.framesOf(frames_done, frames),
    fps !== undefined && fps > 0 && text.units.fps(fps),
    eta !== undefined && text.units.left(lengthOf(eta)),
  ];
  return (
    <>
      <Meter share={progress} label={t.progress(name)} />
      <p class="cut soft small">{parts.filter(Boolean).join(' · ')}</p>
    </>
  );
}

function Acts({
  job: { id, state, results },
  name,
  onRemove,
}: {
  readonly job: Job;
  readonly name: string;
  readonly onRemove: () => void;
}) {
  const t = text.jobs;
  const ends = state === 'queued' || state === 'running';
  const downloads = (['video', 'masks', 'report', 'panoptic', 'source'] as const)
    .filter((result) => results[result])
    .map((result) => ({
      label: text.player.downloads[result],
      href: `/v1/jobs/${encodeURIComponent(id)}/${result}?download=1`,
      download: true,
    }));
  const operator = may('operator');
  return (
    <div class="acts">
      {downloads.length > 0 && <Menu label={t.download(name)} icon={Download} items={downloads} />}
      {operator && ends && (
        <IconButton label={t.cancel(name)} icon={X} onClick={() => attempt(() => cancelJob(id))} />
      )}
      {operator && (state === 'failed' || state === 'cancelled') && (
        <IconButton label={t.again(name)} icon={RotateCcw} onClick={() => attempt(() => retryJob(id))} />
      )}
      {operator && (
        <Menu
          label={t.actions(name)}
          icon={Ellipsis}
          items={[
            !ends && { label: t.run, icon: RotateCcw, onSelect: () => attempt(() => retryJob(id)) },
            { label: text.common.remove, icon: Trash2, danger: true, onSelect: onRemove },
          ]}
        />
      )}
    </div>
  );
}
