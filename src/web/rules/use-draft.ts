import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { NO_RULES, type Rules, same } from './rules.ts';

/** What has been changed of a camera's rules and is not saved yet. It outlives the screen, so that nothing is lost. */
interface Draft {
  readonly rules: Rules;
  /** What was saved when the first change was made. */
  readonly from: Rules;
}

export interface RulesDraft {
  readonly rules: Rules;
  readonly saved: Rules;
  readonly changed: boolean;
  /** Somebody else has saved others meanwhile. */
  readonly elsewhere: boolean;
  readonly set: (rules: Rules) => void;
  readonly discard: () => void;
}

export function useDraft({ id, rules }: Stream): RulesDraft {
  const saved = (rules as Rules | null) ?? NO_RULES;
  const [draft, keep] = useKept<Draft>(`rules ${id}`);
  const changed = draft !== undefined && !same(draft.rules, saved);
  return {
    rules: changed ? draft.rules : saved,
    saved,
    changed,
    elsewhere: changed && !same(draft.from, saved),
    set: (next) => keep(same(next, saved) ? undefined : { rules: next, from: changed ? draft.from : saved }),
    discard: () => keep(undefined),
  };
}

const kept = signal<ReadonlyMap<string, unknown>>(new Map());

/** What is half done: as `useState`, but it outlives the screen. */
export function useKept<T>(key: string): readonly [T | undefined, (value: T | undefined) => void] {
  return [
    kept.value.get(key) as T | undefined,
    (value) => {
      const next = new Map(kept.value);
      if (value === undefined) next.delete(key);
      else next.set(key, value);
      kept.value = next;
    },
  ];
}

/** The browser asks before it forgets what is not saved. */
export function useAskBeforeLeaving(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [unsaved]);
}
