import { RotateCcw, Trash2, X } from 'lucide-preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Job } from '../api/client.ts';
import { nameOf } from '../player/job-name.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Problem } from '../ui/parts.tsx';
import { attempt } from '../ui/toast.tsx';
import { VirtualList } from '../ui/virtual-list.tsx';
import { cancelJob, removeJob, retryJob } from './job-acts.ts';
import { JobRow } from './job-row.tsx';
import { pickedAfter } from './picked.ts';
import type { Listed } from './use-jobs.ts';

/** Pixels of a row, about. */
const HEIGHT = 108;
/** Milliseconds after which ages are looked at again. */
const AGE = 20_000;

export function JobList({ listed: { pages, error, more, forget } }: { readonly listed: Listed }) {
  const [removing, setRemoving] = useState<readonly Job[]>();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string>();
  const now = useNow();
  const operator = may('operator');
  const jobs = pages?.jobs ?? [];
  const chosen = jobs.filter(({ id }) => picked.has(id));
  const t = text.jobs;
  const close = useCallback(() => setRemoving(undefined), []);

  function pick(id: string, { shiftKey }: MouseEvent): void {
    setPicked(
      pickedAfter(
        jobs.map((job) => job.id),
        picked,
        id,
        shiftKey ? last.current : undefined,
      ),
    );
    last.current = id;
  }
  /** One after the other: hundreds at once would be refused. */
  async function forAll(all: readonly Job[], work: (id: string) => Promise<unknown>): Promise<void> {
    for (const { id } of all) await work(id);
    setPicked(new Set());
  }
  const remove = async (id: string) => {
    await removeJob(id);
    forget(id);
  };

  return (
    <>
      {chosen.length > 0 && (
        <div class="picked-bar" role="region" aria-label={t.picked(chosen.length)}>
          <span class="grow">{t.picked(chosen.length)}</span>
          <Button small icon={X} onClick={() => attempt(() => forAll(chosen, cancelJob))}>
            {t.cancelAll}
          </Button>
          <Button
            small
            icon={RotateCcw}
            onClick={() =>
              attempt(() =>
                forAll(
                  chosen.filter(({ state }) => state !== 'queued' && state !== 'running'),
                  retryJob,
                ),
              )
            }
          >
            {t.againAll}
          </Button>
          <Button small kind="danger" icon={Trash2} onClick={() => setRemoving(chosen)}>
            {text.common.remove}
          </Button>
          <Button small kind="quiet" onClick={() => setPicked(new Set())}>
            {t.unpick}
          </Button>
        </div>
      )}
      {jobs.length > 0 && (
        <VirtualList items={jobs} keyOf={idOf} height={HEIGHT} label={t.list} onEnd={more}>
          {(job) => (
            <JobRow
              job={job}
              now={now}
              picked={operator ? picked.has(job.id) : undefined}
              onPick={(event) => pick(job.id, event)}
              onRemove={() => setRemoving([job])}
            />
          )}
        </VirtualList>
      )}
      {error !== undefined && <Problem error={error} onRetry={more} />}
      {removing && (
        <Confirm
          title={text.common.sure}
          action={text.common.remove}
          onClose={close}
          onConfirm={() => attempt(() => forAll(removing, remove), t.removed)}
        >
          <p>
            {removing.length === 1 && removing[0]
              ? t.removes(nameOf(removing[0]))
              : t.removesMany(removing.length)}
          </p>
        </Confirm>
      )}
    </>
  );
}

const idOf = ({ id }: Job): string => id;

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), AGE);
    return () => clearInterval(timer);
  }, []);
  return now;
}
