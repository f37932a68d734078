import { Bookmark, BookmarkCheck, Download, Ellipsis, Film, Trash2 } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Clip } from '../api/client.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu } from '../ui/menu.tsx';
import { Badge } from '../ui/parts.tsx';
import { lengthOf, momentOf } from '../ui/time.ts';
import { attempt } from '../ui/toast.tsx';
import { changeClip } from './clip-acts.ts';
import { nameOf, pieceOf, videoOf } from './clip-address.ts';

const t = text.past.clips;

/** A clip in a list: its best moment, which moves while one points at it. */
export function ClipCard({
  clip,
  picked,
  onPick,
  onClip,
  onRemove,
}: {
  readonly clip: Clip;
  readonly picked: boolean;
  readonly onPick: (event: MouseEvent) => void;
  readonly onClip: (clip: Clip) => void;
  readonly onRemove: () => void;
}) {
  const { id, state, keep, from, to, labels, stream_name, rule, duration } = clip;
  const name = nameOf(clip);
  const done = state === 'done';
  const length = duration ?? (Date.parse(to) - Date.parse(from)) / 1000;
  const turnKeep = () =>
    attempt(async () => onClip(await changeClip(id, { keep: !keep })), keep ? t.notKept : t.nowKept);
  return (
    <article class={`clip-card${picked ? ' picked' : ''}`} aria-label={name}>
      <Picture clip={clip} name={name} />
      <label class="pick">
        <input type="checkbox" checked={picked} aria-label={t.pick(name)} onClick={onPick} />
      </label>
      <h3 class="cut">
        <Link href={`/clips/${id}`}>{name}</Link>
      </h3>
      <div class="acts">
        {!done && <Badge tone={state === 'failed' ? 'bad' : 'accent'}>{t.states[state]}</Badge>}
        {may('operator') ? (
          <IconButton
            label={keep ? t.unkeep : t.keep}
            icon={keep ? BookmarkCheck : Bookmark}
            aria-pressed={keep}
            onClick={turnKeep}
          />
        ) : (
          keep && <BookmarkCheck size={20} role="img" aria-label={t.isKept} />
        )}
        <Menu
          label={t.actions(name)}
          icon={Ellipsis}
          items={[
            done && {
              label: text.common.download,
              icon: Download,
              href: videoOf(id, { download: true }),
              download: true,
            },
            may('operator') && {
              label: text.common.remove,
              icon: Trash2,
              danger: true,
              onSelect: onRemove,
            },
          ]}
        />
      </div>
      <div class="about small soft">
        <p class="cut">
          <time dateTime={from}>{momentOf(from)}</time> · {lengthOf(length)}
        </p>
        <p class="cut">{[stream_name, rule !== name && rule].filter(Boolean).join(' · ')}</p>
        <p class="cut">{labels.join(', ')}</p>
        {state === 'failed' && <p class="wrong">{clip.error?.message}</p>}
      </div>
    </article>
  );
}

/** Milliseconds that one points at a picture until it moves. */
const PAUSE = 200;

function Picture({ clip, name }: { readonly clip: Clip; readonly name: string }) {
  const { id, results } = clip;
  const [pointed, setPointed] = useState(false);
  const [moves, setMoves] = useState(false);
  useEffect(() => {
    setMoves(false);
    if (!pointed || !results.preview || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const timer = setTimeout(setMoves, PAUSE, true);
    return () => clearTimeout(timer);
  }, [pointed, results.preview]);
  const end = () => setPointed(false);
  const begin = () => setPointed(true);
  return (
    <Link
      class="thumb"
      href={`/clips/${id}`}
      aria-label={t.open(name)}
      onPointerEnter={begin}
      onPointerLeave={end}
      onFocus={begin}
      onBlur={end}
    >
      {results.thumbnail ? (
        <img src={pieceOf(id, 'thumbnail')} alt="" loading="lazy" />
      ) : (
        <Film size={32} aria-hidden="true" />
      )}
      {moves && <img class="moving" src={pieceOf(id, 'preview')} alt="" />}
    </Link>
  );
}
