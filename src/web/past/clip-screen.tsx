import {
  ArrowLeft,
  Bookmark,
  BookmarkCheck,
  Download,
  Ellipsis,
  MessageSquarePlus,
  Pencil,
  Trash2,
} from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Link, useLocation, useParams } from 'wouter-preact';
import { api, asked, type Clip, Failure } from '../api/client.ts';
import { onTold } from '../state/feed.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { Empty, Loading, Notice, Problem, Screen } from '../ui/parts.tsx';
import { bytesOf, lengthOf, momentOf } from '../ui/time.ts';
import { attempt, say } from '../ui/toast.tsx';
import { useAsked } from '../ui/use-asked.ts';
import { changeClip, removeClip } from './clip-acts.ts';
import { nameOf, pieceOf, videoOf } from './clip-address.ts';
import { NewClipWords, Rename } from './clip-dialogs.tsx';
import { ClipPlayer } from './clip-player.tsx';
import { type MadeOnDemand, make } from './making.ts';

const t = text.past.clip;

/** One clip. */
export default function ClipScreen() {
  const { id = '' } = useParams<{ id: string }>();
  const { data, error, again, change } = useAsked(
    (signal) => asked(api.GET('/v1/clips/{id}', { params: { path: { id } }, signal })),
    [id],
  );
  const [removed, setRemoved] = useState<string>();
  useEffect(() => {
    const stops = [
      onTold('clip', (told) => told.id === id && change(() => told)),
      onTold('clip-removed', (told) => told.id === id && setRemoved(id)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [id, change]);

  if (removed === id || (error instanceof Failure && error.status === 404)) {
    return (
      <Screen title={data ? nameOf(data) : text.past.tabs.clips}>
        <Empty icon={Trash2} title={t.gone}>
          <p>{t.goneBody}</p>
          <Link class="button primary" href="/recordings?tab=clips">
            {t.toClips}
          </Link>
        </Empty>
      </Screen>
    );
  }
  if (!data) {
    return (
      <Screen title={text.past.tabs.clips}>
        {error === undefined ? <Loading /> : <Problem error={error} onRetry={again} />}
      </Screen>
    );
  }
  return <Shown key={id} clip={data} onClip={(clip) => change(() => clip)} />;
}

function Shown({ clip, onClip }: { readonly clip: Clip; readonly onClip: (clip: Clip) => void }) {
  const { id, keep, state } = clip;
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<'words' | 'rename' | 'remove'>();
  const close = useCallback(() => setDialog(undefined), []);
  const operator = may('operator');
  const downloads = useDownloads(clip);
  const clips = text.past.clips;

  async function remove(): Promise<void> {
    await removeClip(id);
    navigate('/recordings?tab=clips');
  }
  const actions = (
    <>
      {operator && (
        <Button
          icon={keep ? BookmarkCheck : Bookmark}
          aria-pressed={keep}
          title={keep ? clips.isKept : clips.notKept}
          onClick={() => attempt(async () => onClip(await changeClip(id, { keep: !keep })))}
        >
          {keep ? clips.nowKept : clips.keep}
        </Button>
      )}
      {operator && state === 'done' && (
        <Button icon={MessageSquarePlus} onClick={() => setDialog('words')}>
          {t.newWords}
        </Button>
      )}
      {state === 'done' && <Menu named label={text.common.download} icon={Download} items={downloads} />}
      {operator && (
        <Menu
          label={text.common.more}
          icon={Ellipsis}
          items={[
            { label: t.rename, icon: Pencil, onSelect: () => setDialog('rename') },
            { label: text.common.remove, icon: Trash2, danger: true, onSelect: () => setDialog('remove') },
          ]}
        />
      )}
    </>
  );
  return (
    <Screen
      title={
        <span class="clip-title">
          <Link href="/recordings?tab=clips" class="button quiet icon" aria-label={t.back} title={t.back}>
            <ArrowLeft size={20} aria-hidden="true" />
          </Link>
          <span class="cut">{nameOf(clip)}</span>
        </span>
      }
      actions={actions}
    >
      <div class="clip-panes">
        <div class="stack">
          {state === 'done' && <ClipPlayer clip={clip} />}
          {state === 'failed' && (
            <Notice tone="bad">
              <p>
                <strong>{t.failed}.</strong> {clip.error?.message}
              </p>
              <p class="small soft">{clip.error?.code}</p>
            </Notice>
          )}
          {state !== 'done' && state !== 'failed' && (
            <div class="clip-coming" role="status">
              <span class="spinner" />
              {clips.states[state]}
            </div>
          )}
        </div>
        <About clip={clip} />
      </div>
      {dialog === 'words' && <NewClipWords clip={clip} onClose={close} />}
      {dialog === 'rename' && <Rename clip={clip} onClip={onClip} onClose={close} />}
      {dialog === 'remove' && (
        <Confirm
          title={text.common.sure}
          action={text.common.remove}
          onClose={close}
          onConfirm={() => attempt(remove, clips.removed)}
        >
          <p>{clips.removes(nameOf(clip))}</p>
        </Confirm>
      )}
    </Screen>
  );
}

/** What is there is an address; what is made on demand is made first. */
function useDownloads({ id, results }: Clip): readonly (MenuItem | false)[] {
  const gone = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    gone.current = controller;
    return () => controller.abort();
  }, []);
  const label = (name: keyof typeof t.downloads) =>
    results[name] ? `${t.downloads[name]} · ${bytesOf(results[name].bytes)}` : t.downloads[name];
  const there = (name: 'video' | 'thumbnail' | 'preview' | 'analysis') =>
    results[name] !== undefined && {
      label: label(name),
      href: name === 'video' ? videoOf(id, { download: true }) : pieceOf(id, name, true),
      download: true,
    };
  const onDemand = (name: MadeOnDemand): MenuItem | false => {
    if (!results.analysis) return false;
    const href =
      name === 'overlay' ? videoOf(id, { overlay: true, download: true }) : pieceOf(id, name, true);
    if (results[name]) return { label: label(name), href, download: true };
    return {
      label: label(name),
      onSelect: () =>
        void attempt(async () => {
          const { signal } = gone.current;
          say(t.making);
          await make(id, name, signal).catch((error) => {
            if (!signal.aborted) throw error;
          });
          if (!signal.aborted) save(href);
        }),
    };
  };
  return [
    there('video'),
    onDemand('overlay'),
    onDemand('masks'),
    there('preview'),
    there('thumbnail'),
    there('analysis'),
  ];
}

function save(href: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = '';
  link.click();
}

function About({ clip }: { readonly clip: Clip }) {
  const { stream, stream_name, from, to, first, duration, frames, labels, vocabulary, rule, created_at } =
    clip;
  const rows: readonly (readonly [name: string, value: ComponentChildren])[] = [
    [
      t.camera,
      <Link key="camera" href={`/recordings?${new URLSearchParams({ stream, at: first ?? from })}`}>
        {stream_name}
      </Link>,
    ],
    [t.time, momentOf(first ?? from)],
    [t.length, lengthOf(duration ?? (Date.parse(to) - Date.parse(from)) / 1000, true)],
    ...(frames === undefined ? [] : ([[t.frames, frames.toLocaleString()]] as const)),
    ...(labels.length === 0 ? [] : ([[t.names, labels.join(', ')]] as const)),
    ...(vocabulary.length === 0 ? [] : ([[t.words, vocabulary.join(', ')]] as const)),
    ...(rule === undefined
      ? []
      : ([
          [
            t.rule,
            <Link key="rule" href={`/recordings?${new URLSearchParams({ tab: 'events', stream, rule })}`}>
              {rule}
            </Link>,
          ],
        ] as const)),
    [t.made, momentOf(created_at)],
  ];
  return (
    <section class="card clip-about" aria-labelledby="clip-about">
      <h2 id="clip-about">{t.about}</h2>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
