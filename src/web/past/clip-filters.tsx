import { useEffect, useState } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Segments, SelectField, TextField } from '../ui/field.tsx';
import type { ClipFilter } from './clip-filter.ts';

const t = text.past.clips;
/** Milliseconds after a key until the list is asked for. */
const PAUSE = 300;

export function ClipFilters({
  filter,
  streams,
  onFilter,
}: {
  readonly filter: ClipFilter;
  readonly streams: readonly Stream[];
  readonly onFilter: (filter: ClipFilter) => void;
}) {
  return (
    <search class="past-filters">
      <Cameras
        stream={filter.stream}
        streams={streams}
        onSelect={(stream) => onFilter({ ...filter, stream })}
      />
      <Word
        label={t.name}
        placeholder={t.namePlaceholder}
        value={filter.label}
        onWord={(label) => onFilter({ ...filter, label })}
      />
      <Word
        label={t.rule}
        placeholder={t.rulePlaceholder}
        value={filter.rule}
        onWord={(rule) => onFilter({ ...filter, rule })}
      />
      <Days filter={filter} onDays={(days) => onFilter({ ...filter, ...days })} />
      <Segments
        label={t.kept}
        value={filter.keep === undefined ? 'all' : filter.keep ? 'kept' : 'other'}
        options={[
          ['all', t.keptKinds.all],
          ['kept', t.keptKinds.kept],
          ['other', t.keptKinds.other],
        ]}
        onSelect={(kept) => onFilter({ ...filter, keep: kept === 'all' ? undefined : kept === 'kept' })}
      />
    </search>
  );
}

export function Cameras({
  stream,
  streams,
  onSelect,
}: {
  readonly stream: string | undefined;
  readonly streams: readonly Stream[];
  readonly onSelect: (stream: string | undefined) => void;
}) {
  const known = stream === undefined || streams.some(({ id }) => id === stream);
  return (
    <SelectField
      label={t.camera}
      value={stream ?? ''}
      options={[
        ['', t.allCameras],
        ...streams.map(({ id, name }) => [id, name] as const),
        ...(known ? [] : [[stream, text.past.removedCamera(stream)] as const]),
      ]}
      onSelect={(id) => onSelect(id || undefined)}
    />
  );
}

export function Days({
  filter: { from, to },
  onDays,
}: {
  readonly filter: Pick<ClipFilter, 'from' | 'to'>;
  readonly onDays: (days: Pick<ClipFilter, 'from' | 'to'>) => void;
}) {
  return (
    <>
      <TextField
        label={t.from}
        type="date"
        value={from ?? ''}
        max={to}
        onText={(day) => onDays({ from: day || undefined, to })}
      />
      <TextField
        label={t.to}
        type="date"
        value={to ?? ''}
        min={from}
        onText={(day) => onDays({ from, to: day || undefined })}
      />
    </>
  );
}

/** A word that counts some time after it is typed. */
export function Word({
  label,
  placeholder,
  value,
  onWord,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | undefined;
  readonly onWord: (word: string | undefined) => void;
}) {
  const [typed, setTyped] = useState(value ?? '');
  // The address may have changed by itself: back, forth.
  useEffect(() => {
    setTyped((now) => (now.trim() === (value ?? '') ? now : (value ?? '')));
  }, [value]);
  // Only what is typed counts.
  useEffect(() => {
    const word = typed.trim() || undefined;
    if (word === value) return;
    const timer = setTimeout(() => onWord(word), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return <TextField label={label} placeholder={placeholder} value={typed} onText={setTyped} />;
}
