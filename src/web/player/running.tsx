import { RotateCcw, X } from 'lucide-preact';
import { api, asked, type Job } from '../api/client.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Meter, Notice } from '../ui/parts.tsx';
import { lengthOf } from '../ui/time.ts';
import { attempt } from '../ui/toast.tsx';

/** A job that is under way, or has not come to its end. */
export function Running({ job, onRetry }: { readonly job: Job; readonly onRetry: () => Promise<void> }) {
  const { id, state, stage, progress, frames, frames_done, fps, eta, error } = job;
  const t = text.player;
  const again = may('operator') && (
    <p>
      <Button icon={RotateCcw} onClick={() => attempt(onRetry)}>
        {text.player.again}
      </Button>
    </p>
  );
  if (state === 'failed') {
    return (
      <Notice tone="bad">
        <h2>{t.failed}</h2>
        <p>{error?.message}</p>
        <p class="small soft">{error?.code}</p>
        {again}
      </Notice>
    );
  }
  if (state === 'cancelled') {
    return (
      <Notice tone="warn">
        <h2>{t.cancelled}</h2>
        {again}
      </Notice>
    );
  }
  const figures = [
    frames !== undefined && stage ? t.framesOf(frames_done, frames) : undefined,
    fps !== undefined ? text.units.fps(fps) : undefined,
    eta !== undefined ? text.units.left(lengthOf(eta)) : undefined,
  ].filter(Boolean);
  return (
    <div class="card stack" aria-live="off">
      <div class="row">
        <h2 class="grow">{state === 'queued' ? t.queued : t.stages[stage ?? 'plan']}</h2>
        <span class="soft">{text.units.percent(progress)}</span>
        {may('operator') && (
          <Button
            small
            icon={X}
            onClick={() =>
              attempt(() => asked(api.POST('/v1/jobs/{id}/cancel', { params: { path: { id } } })))
            }
          >
            {text.common.cancel}
          </Button>
        )}
      </div>
      <Meter share={progress} label={t.progress} />
      <p class="soft">{figures.join(' · ') || t.soon}</p>
    </div>
  );
}
