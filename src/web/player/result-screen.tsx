import { Download, Ellipsis, MessageSquarePlus, RotateCcw, Trash2 } from 'lucide-preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Link, useLocation, useParams } from 'wouter-preact';
import { api, asked, Failure, type Job } from '../api/client.ts';
import { onTold } from '../state/feed.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Help } from '../ui/help.tsx';
import { Menu } from '../ui/menu.tsx';
import { Loading, Notice, Problem, Screen } from '../ui/parts.tsx';
import { attempt } from '../ui/toast.tsx';
import { useAsked } from '../ui/use-asked.ts';
import { nameOf } from './job-name.ts';
import { NewWords } from './new-words.tsx';
import { Player } from './player.tsx';
import { Report } from './report.tsx';
import { Running } from './running.tsx';
import { usePanoptic } from './use-panoptic.ts';

/** A job: how it goes, and what has become of it. `?t=` says at which second. */
export default function ResultScreen() {
  const { id = '' } = useParams<{ id: string }>();
  const {
    data: job,
    error,
    again,
    change,
  } = useAsked((signal) => asked(api.GET('/v1/jobs/{id}', { params: { path: { id } }, signal })), [id]);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    setGone(false);
    const stops = [
      onTold('job', (told) => told.id === id && change(() => told)),
      onTold('job-removed', (told) => told.id === id && setGone(true)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [id, change]);

  if (gone || (error instanceof Failure && error.status === 404)) {
    return (
      <Screen title={text.player.gone}>
        <Link href="/">{text.app.toJobs}</Link>
      </Screen>
    );
  }
  if (!job) {
    return (
      <Screen title={text.app.jobs}>{error ? <Problem error={error} onRetry={again} /> : <Loading />}</Screen>
    );
  }
  return <Result key={job.id} job={job} />;
}

function Result({ job }: { readonly job: Job }) {
  const { id, results } = job;
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<'words' | 'remove' | 'help'>();
  const close = useCallback(() => setDialog(undefined), []);
  const { panoptic, error } = usePanoptic(id, results.panoptic !== undefined);
  const t = text.player;
  const at = (name: string, query = '') => `/v1/jobs/${encodeURIComponent(id)}/${name}${query}`;
  const done = job.state === 'done';

  /** The second stays in the address, so that it can be shared and gone on from. */
  function rest(seconds: number): void {
    history.replaceState(history.state, '', `${location.pathname}?t=${seconds.toFixed(2)}`);
  }
  async function retry(): Promise<void> {
    const again = await asked(api.POST('/v1/jobs/{id}/retry', { params: { path: { id } } }));
    navigate(`/jobs/${again.id}`);
  }
  async function remove(): Promise<void> {
    await asked(api.DELETE('/v1/jobs/{id}', { params: { path: { id } } }));
    navigate('/');
  }

  const downloads = (['video', 'masks', 'report', 'panoptic', 'source'] as const)
    .filter((name) => results[name])
    .map((name) => ({ label: t.downloads[name], href: at(name, '?download=1'), download: true }));
  const actions = (
    <>
      {done && may('operator') && (
        <Button kind="primary" icon={MessageSquarePlus} onClick={() => setDialog('words')}>
          {t.newWords}
        </Button>
      )}
      {downloads.length > 0 && <Menu named label={text.common.download} icon={Download} items={downloads} />}
      {may('operator') && (
        <Menu
          label={text.common.more}
          icon={Ellipsis}
          items={[
            { label: t.again, icon: RotateCcw, onSelect: () => attempt(retry) },
            { label: text.common.remove, icon: Trash2, danger: true, onSelect: () => setDialog('remove') },
          ]}
        />
      )}
    </>
  );

  return (
    <Screen title={<span class="cut">{nameOf(job)}</span>} actions={actions}>
      <div class="stack">
        <p class="soft">
          {job.of && (
            <>
              <Link href={`/jobs/${job.of}`}>{t.ofOther}</Link> ·{' '}
            </>
          )}
          {t.words(job.vocabulary)}
        </p>
        {!done && <Running job={job} onRetry={retry} />}
        {error !== undefined && <Problem error={error} />}
        {done && results.panoptic === undefined && <Notice>{t.noNames}</Notice>}
        {done && (panoptic || results.panoptic === undefined || error !== undefined) && (
          <Player
            panoptic={panoptic}
            source={results.source && at('source')}
            painted={results.video && at('video', '?redirect=0')}
            at={Number(new URLSearchParams(location.search).get('t')) || 0}
            onRest={rest}
            onHelp={() => setDialog('help')}
          />
        )}
        {results.report && <Report job={id} />}
      </div>
      {dialog === 'words' && <NewWords job={job} onClose={close} />}
      {dialog === 'help' && <Help title={t.keys} keys={t.keyList} onClose={close} />}
      {dialog === 'remove' && (
        <Confirm
          title={text.common.sure}
          action={text.common.remove}
          onClose={close}
          onConfirm={() => attempt(remove, t.removed)}
        >
          <p>{t.removes(nameOf(job))}</p>
        </Confirm>
      )}
    </Screen>
  );
}
