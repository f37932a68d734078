import { Search, X } from 'lucide-preact';
import type { Ref } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { IconButton } from '../ui/button.tsx';
import { Segments } from '../ui/field.tsx';
import { type Filter, STATES } from './filter.ts';

/** Milliseconds after a key until the list is asked for. */
const PAUSE = 300;

export function Filters({
  filter,
  field,
  onFilter,
}: {
  readonly filter: Filter;
  readonly field: Ref<HTMLInputElement>;
  readonly onFilter: (filter: Filter) => void;
}) {
  const [typed, setTyped] = useState(filter.label ?? '');
  const t = text.jobs;
  // The address may have changed by itself: back, forth.
  useEffect(() => {
    setTyped((now) => (now.trim() === (filter.label ?? '') ? now : (filter.label ?? '')));
  }, [filter.label]);
  // Only what is typed counts.
  useEffect(() => {
    const label = typed.trim() || undefined;
    if (label === filter.label) return;
    const timer = setTimeout(() => onFilter({ ...filter, label }), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <search class="filters">
      <Segments
        label={t.filter}
        value={filter.state ?? 'all'}
        options={[['all', t.all], ...STATES.map((state) => [state, t.states[state]] as const)]}
        onSelect={(state) => onFilter({ ...filter, state: state === 'all' ? undefined : state })}
      />
      <div class="by-word">
        <Search size={18} aria-hidden="true" />
        <input
          ref={field}
          class="input"
          type="text"
          autocomplete="off"
          aria-label={t.label}
          placeholder={t.labelPlaceholder}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {typed !== '' && <IconButton small label={t.clear} icon={X} onClick={() => setTyped('')} />}
      </div>
    </search>
  );
}
