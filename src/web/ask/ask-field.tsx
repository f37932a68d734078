import { Search, X } from 'lucide-preact';
import type { RefObject } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { api, asked } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { placeAfter } from './ask-query.ts';

const t = text.ask;
/** Milliseconds after a key until suggestions are asked for. */
const PAUSE = 120;

/** One large field. What is typed counts with Enter; arrows go through suggestions, and from there to the results. */
export function AskField({
  field,
  words,
  onAsk,
  onDown,
}: {
  readonly field: RefObject<HTMLInputElement>;
  /** What was asked last. */
  readonly words: string;
  readonly onAsk: (words: string) => void;
  /** The arrow goes down from here. */
  readonly onDown: () => void;
}) {
  const [typed, setTyped] = useState(words);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const options = useSuggestions(typed, open);
  const shown = open && options.length > 0;
  const id = useId();
  useEffect(() => setTyped(words), [words]);

  function ask(what: string): void {
    setTyped(what);
    setOpen(false);
    setAt(-1);
    onAsk(what.trim());
  }
  /** The words before the last bar stay. */
  const completed = (word: string) => [...typed.split('|').slice(0, -1), word].join('|');

  function onKeyDown(event: KeyboardEvent): void {
    const { key } = event;
    if (key === 'Escape' && shown) setOpen(false);
    else if (key === 'ArrowDown' && !shown) onDown();
    else if (shown && (key === 'ArrowDown' || key === 'ArrowUp'))
      setAt(placeAfter(at, key, options.length) ?? at);
    else return;
    event.preventDefault();
  }

  return (
    <form
      class="ask-field"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = shown ? options[at] : undefined;
        ask(chosen === undefined ? typed : completed(chosen));
      }}
    >
      <label for={id}>{t.field}</label>
      <div class="large-field">
        <Search size={22} aria-hidden="true" />
        <input
          ref={field}
          id={id}
          class="input"
          role="combobox"
          aria-expanded={shown}
          aria-controls={`${id}-options`}
          aria-autocomplete="list"
          aria-activedescendant={shown && at >= 0 ? `${id}-${at}` : undefined}
          aria-describedby={`${id}-hint`}
          autocomplete="off"
          autofocus
          maxLength={500}
          placeholder={t.placeholder}
          value={typed}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setOpen(currentTarget.value.trim() !== '');
            setAt(-1);
          }}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        {typed !== '' && (
          <IconButton
            label={t.clear}
            icon={X}
            onClick={() => {
              ask('');
              field.current?.focus();
            }}
          />
        )}
        <Button kind="primary" type="submit" disabled={typed.trim() === ''}>
          {t.go}
        </Button>
        {shown && (
          <ul class="options" id={`${id}-options`} role="listbox" aria-label={t.suggestions}>
            {options.map((name, i) => (
              <li
                key={name}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === at}
                // Before the field loses the focus.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => ask(completed(name))}
              >
                {name}
              </li>
            ))}
          </ul>
        )}
      </div>
      <span class="small soft" id={`${id}-hint`}>
        {t.hint}
      </span>
    </form>
  );
}

/** Words that begin like the last one that is typed. */
function useSuggestions(typed: string, open: boolean): readonly string[] {
  const [found, setFound] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!open) return;
    const gone = new AbortController();
    const timer = setTimeout(async () => {
      const words = await suggested(typed.split('|').at(-1)?.trim() ?? '', 8, gone.signal);
      if (!gone.signal.aborted) setFound(words);
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [typed, open]);
  return found;
}

/** Suggestions that do not come are not missed. */
export async function suggested(q: string, limit: number, signal: AbortSignal): Promise<readonly string[]> {
  const query = { q, limit };
  const answer = await asked(api.GET('/v1/words', { params: { query }, signal })).catch(() => undefined);
  return answer?.words.map(({ name }) => name) ?? [];
}
