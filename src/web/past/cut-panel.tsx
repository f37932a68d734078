import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, asked, type Clip } from '../api/client.ts';
import { onTold } from '../state/feed.ts';
import { text } from '../text/en.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { Switch, TextField } from '../ui/field.tsx';
import { Badge, Problem } from '../ui/parts.tsx';
import { lengthOf } from '../ui/time.ts';
import { WordsField } from '../ui/words-field.tsx';
import { videoOf } from './clip-address.ts';
import { clockAt, timeOfClock } from './days.ts';
import { gapsIn } from './recorded.ts';
import { spokenLength } from './spoken-length.ts';
import type { Desk } from './use-desk.ts';

const t = text.past.cut;

/** Cuts what is chosen on the timeline. What is typed stays until the clip is accepted. */
export function CutPanel({
  desk,
  stream,
  onMade,
}: {
  readonly desk: Desk;
  readonly stream: string;
  readonly onMade: (clip: Clip) => void;
}) {
  const [title, setTitle] = useState('');
  const [words, setWords] = useState<readonly string[]>([]);
  const [keep, setKeep] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const range = desk.range.value;
  if (!range) return null;
  const gaps = gapsIn(desk.recorded.value?.gaps ?? [], range);
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from, 0) / 1000;
  const ordered = range.from < range.to;

  async function make(): Promise<void> {
    if (!range) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = {
        from: new Date(range.from).toISOString(),
        to: new Date(range.to).toISOString(),
        ...(title.trim() ? { title: title.trim() } : {}),
        ...(words.length > 0 ? { vocabulary: words.map((word) => word.split('|')) } : {}),
        ...(keep ? { keep } : {}),
      };
      onMade(await asked(api.POST('/v1/streams/{id}/clips', { params: { path: { id: stream } }, body })));
      setTitle('');
      desk.obey({ does: 'escape' });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      class="card cut-panel"
      aria-labelledby="cut-title"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <header>
        <h2 id="cut-title">{t.title}</h2>
        <p class="soft small">{t.hint}</p>
      </header>
      <div class="times">
        <Time desk={desk} end="from" />
        <Time desk={desk} end="to" />
        <TextField label={t.name} value={title} maxLength={200} onText={setTitle} />
      </div>
      <p class="small" role="status">
        {ordered ? t.long(lengthOf((range.to - range.from) / 1000, true)) : t.order}
        {gaps.length > 0 && <span class="soft">, {t.gapsIn(gaps.length, spokenLength(missing))}</span>}
      </p>
      <details>
        <summary>{t.more}</summary>
        <div class="stack">
          <WordsField label={t.words} hint={t.wordsHint} words={words} onWords={setWords} />
          <Switch label={t.keep} checked={keep} onSwitch={setKeep} />
        </div>
      </details>
      {error !== undefined && <Problem error={error} />}
      <div class="row end">
        <Button onClick={() => desk.obey({ does: 'escape' })}>{text.common.cancel}</Button>
        <Button kind="primary" type="submit" disabled={busy || !ordered}>
          {t.make}
        </Button>
      </div>
    </form>
  );
}

/** One end of the range as a time. What is not one yet stays as it is typed. */
function Time({ desk, end }: { readonly desk: Desk; readonly end: 'from' | 'to' }) {
  const range = desk.range.value;
  const time = range?.[end] ?? 0;
  const [typed, setTyped] = useState<string>();
  useEffect(() => setTyped(undefined), [time]);
  const value = typed ?? clockAt(time, 1);
  const meant = timeOfClock(value, desk.day.value, time);
  const take = (to: number | undefined) => {
    if (range && to !== undefined && to !== time) desk.range.value = { ...range, [end]: to };
    setTyped(undefined);
  };
  return (
    <div class="time">
      <TextField
        label={t[end]}
        value={value}
        inputMode="decimal"
        wrong={meant === undefined ? t.wrong : undefined}
        onText={setTyped}
        onBlur={() => typed !== undefined && meant !== undefined && take(meant)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && meant !== undefined) take(meant);
        }}
      />
      <Button
        small
        kind="quiet"
        aria-label={end === 'from' ? t.fromHere : t.toHere}
        title={end === 'from' ? t.fromHere : t.toHere}
        onClick={() => desk.obey({ does: end === 'from' ? 'in' : 'out' })}
      >
        {t.here}
      </Button>
    </div>
  );
}

const TONES = {
  done: 'good',
  failed: 'bad',
  waiting: undefined,
  queued: undefined,
  running: 'accent',
} as const;

/** What was cut here, as it comes to be. */
export function MadeClips({
  clips,
  onClips,
}: {
  readonly clips: readonly Clip[];
  readonly onClips: (change: (clips: readonly Clip[]) => readonly Clip[]) => void;
}) {
  useEffect(() => {
    const stops = [
      onTold('clip', (told) => onClips((before) => before.map((one) => (one.id === told.id ? told : one)))),
      onTold('clip-removed', ({ id }) => onClips((before) => before.filter((one) => one.id !== id))),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [onClips]);
  if (clips.length === 0) return null;
  return (
    <section class="card made" aria-labelledby="made-title">
      <h2 id="made-title">{t.made}</h2>
      <ul aria-live="polite">
        {clips.map((clip) => (
          <li key={clip.id} class="row made-clip">
            <Link class="grow cut" href={`/clips/${clip.id}`}>
              {clip.title ?? text.past.clips.untitled(clip.stream_name, clockAt(Date.parse(clip.from)))}
            </Link>
            <Badge tone={TONES[clip.state]}>{t.states[clip.state]}</Badge>
            {clip.error && <span class="small">{clip.error.message}</span>}
            {clip.state === 'done' && (
              <LinkButton small href={videoOf(clip.id, { download: true })} download>
                {text.common.download}
              </LinkButton>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
