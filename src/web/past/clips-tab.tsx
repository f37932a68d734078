import { FileArchive, Film, Trash2 } from 'lucide-preact';
import { useCallback, useRef, useState } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import { api, asked, type Clip } from '../api/client.ts';
import { pickedAfter } from '../jobs/picked.ts';
import { useStreams } from '../live/use-streams.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Empty, Loading, Problem } from '../ui/parts.tsx';
import { attempt } from '../ui/toast.tsx';
import { removeClip } from './clip-acts.ts';
import { nameOf } from './clip-address.ts';
import { ClipCard } from './clip-card.tsx';
import {
  type ClipFilter,
  clipFilterOf,
  clipQueryOf,
  isFiltered,
  isInClips,
  searchOfClips,
} from './clip-filter.ts';
import { ClipFilters } from './clip-filters.tsx';
import { usePages } from './use-pages.ts';

const t = text.past.clips;
const PAGE = 60;
const NONE: ClipFilter = {
  ...{
    stream: undefined,
    label: undefined,
    rule: undefined,
    keep: undefined,
    from: undefined,
    to: undefined,
  },
};

/** All clips, newest first, as they are made and removed. What is chosen of them is in the address. */
export function ClipsTab() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filter = clipFilterOf(search);
  const { streams } = useStreams();
  const query = clipQueryOf(filter);
  const { pages, error, loading, more, put, forget } = usePages<Clip, 'clip'>({
    kind: 'clip',
    about: JSON.stringify(query),
    ask: async (cursor, signal) => {
      const asking = { params: { query: { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) } }, signal };
      const page = await asked(api.GET('/v1/clips', asking));
      return { items: page.clips, next: page.next };
    },
    isIn: (clip) => isInClips(clip, filter),
    isBefore: (a, b) => a.id > b.id,
  });
  const change = (to: ClipFilter) => {
    const next = new URLSearchParams({ tab: 'clips', ...searchOfClips(to) });
    navigate(`/recordings?${next}`, { replace: true });
  };
  const clips = pages?.items;
  const filtered = isFiltered(filter);
  return (
    <div class="stack">
      {streams && !(clips?.length === 0 && !filtered) && (
        <ClipFilters filter={filter} streams={streams} onFilter={change} />
      )}
      {!clips && error === undefined && <Loading />}
      {clips?.length === 0 && (
        <Empty icon={Film} title={filtered ? t.noneFound : t.none}>
          <p>{filtered ? t.noneFoundBody : t.noneBody}</p>
          {filtered && <Button onClick={() => change(NONE)}>{t.all}</Button>}
        </Empty>
      )}
      {clips && clips.length > 0 && (
        <ClipGrid
          clips={clips}
          onClip={put}
          onForget={forget}
          all={`/v1/clips/archive?${new URLSearchParams(query)}`}
        />
      )}
      {error !== undefined && <Problem error={error} onRetry={more} />}
      {pages?.next !== undefined && (
        <Button disabled={loading} onClick={more}>
          {text.common.loadMore}
        </Button>
      )}
    </div>
  );
}

function ClipGrid({
  clips,
  all,
  onClip,
  onForget,
}: {
  readonly clips: readonly Clip[];
  /** Address of all of them in one file. */
  readonly all: string;
  readonly onClip: (clip: Clip) => void;
  readonly onForget: (id: string) => void;
}) {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [removing, setRemoving] = useState<readonly Clip[]>();
  const last = useRef<string>();
  const chosen = clips.filter(({ id }) => picked.has(id));
  const close = useCallback(() => setRemoving(undefined), []);

  function pick(id: string, { shiftKey }: MouseEvent): void {
    const ids = clips.map((clip) => clip.id);
    setPicked(pickedAfter(ids, picked, id, shiftKey ? last.current : undefined));
    last.current = id;
  }
  /** One after the other: hundreds at once would be refused. */
  async function remove(all: readonly Clip[]): Promise<void> {
    for (const { id } of all) {
      await removeClip(id);
      onForget(id);
    }
    setPicked(new Set());
  }
  const ready = chosen.filter(({ state }) => state === 'done');
  const zip = `/v1/clips/archive?${new URLSearchParams({ id: ready.map(({ id }) => id).join(',') })}`;

  return (
    <>
      <div class="clips-bar" role="region" aria-label={t.picked(chosen.length)}>
        {chosen.length === 0 ? (
          <>
            <span class="grow" />
            <LinkButton small kind="quiet" icon={FileArchive} href={all} download>
              {t.zipAll}
            </LinkButton>
          </>
        ) : (
          <>
            <span class="grow">{t.picked(chosen.length)}</span>
            {ready.length > 0 && (
              <LinkButton small icon={FileArchive} href={zip} download>
                {t.zip}
              </LinkButton>
            )}
            {may('operator') && (
              <Button small kind="danger" icon={Trash2} onClick={() => setRemoving(chosen)}>
                {text.common.remove}
              </Button>
            )}
            <Button small kind="quiet" onClick={() => setPicked(new Set())}>
              {t.unpick}
            </Button>
          </>
        )}
      </div>
      <ul class="clip-grid" aria-label={t.list}>
        {clips.map((clip) => (
          <li key={clip.id}>
            <ClipCard
              clip={clip}
              picked={picked.has(clip.id)}
              onPick={(event) => pick(clip.id, event)}
              onClip={onClip}
              onRemove={() => setRemoving([clip])}
            />
          </li>
        ))}
      </ul>
      {removing && (
        <Confirm
          title={text.common.sure}
          action={text.common.remove}
          onClose={close}
          onConfirm={() => attempt(() => remove(removing), t.removed)}
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
