import { X } from 'lucide-preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { api, asked } from '../api/client.ts';
import { text } from '../text/en.ts';

/** Milliseconds after a key until suggestions are asked for. */
const PAUSE = 120;

/** Splits what was typed or pasted at its commas; `|` stays, as it parts the synonyms of one name. */
export const wordsIn = (typed: string): string[] =>
  typed
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter(Boolean);

interface Suggestion {
  readonly name: string;
  readonly source: keyof typeof text.words.sources;
}

/** Words as chips, with suggestions. Backspace in the empty field takes the last one back for mending. */
export function WordsField({
  label = text.words.label,
  hint = text.words.hint,
  words,
  onWords,
  wrong,
  model,
}: {
  readonly label?: string;
  readonly hint?: string;
  readonly words: readonly string[];
  readonly onWords: (words: readonly string[]) => void;
  readonly wrong?: string | undefined;
  readonly model?: string | undefined;
}) {
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const options = useSuggestions(typed, words, open, model);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const shown = open && options.length > 0;

  function add(...more: readonly string[]): void {
    const known = new Set(words.map((word) => word.toLowerCase()));
    const fresh = more.filter((word) => !known.has(word.toLowerCase()) && known.add(word.toLowerCase()));
    if (fresh.length > 0) onWords([...words, ...fresh]);
    setTyped('');
    setAt(-1);
    // What is below must not stay covered.
    setOpen(false);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const { key } = event;
    const chosen = shown ? options[at] : undefined;
    if (key === 'Enter' && (chosen || typed.trim())) add(...(chosen ? [chosen.name] : wordsIn(typed)));
    else if (key === 'ArrowDown') {
      setOpen(true);
      setAt(Math.min(at + 1, options.length - 1));
    } else if (key === 'ArrowUp' && shown) setAt(Math.max(at - 1, -1));
    else if (key === 'Escape' && shown) setOpen(false);
    else if (key === 'Backspace' && typed === '' && words.length > 0) {
      setTyped(words.at(-1) ?? '');
      onWords(words.slice(0, -1));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div
        class="words"
        onClick={({ target, currentTarget }) => target === currentTarget && input.current?.focus()}
      >
        <div class="chips">
          {words.map((word) => (
            <span key={word} class="chip">
              <span class="cut">{word}</span>
              <button
                type="button"
                aria-label={text.words.remove(word)}
                onClick={() => {
                  onWords(words.filter((one) => one !== word));
                  input.current?.focus();
                  // Who takes a word away wants to see what is left, and what lies below.
                  setOpen(false);
                }}
              >
                <X size={14} aria-hidden="true" />
              </button>
            </span>
          ))}
          <input
            ref={input}
            id={id}
            role="combobox"
            aria-expanded={shown}
            aria-controls={`${id}-options`}
            aria-autocomplete="list"
            aria-activedescendant={shown && at >= 0 ? `${id}-${at}` : undefined}
            aria-describedby={`${id}-hint`}
            aria-invalid={!!wrong}
            autocomplete="off"
            placeholder={words.length === 0 ? text.words.placeholder : ''}
            value={typed}
            onInput={({ currentTarget: { value } }) => {
              const parts = value.split(/[,\n]/);
              if (parts.length > 1) {
                add(...wordsIn(parts.slice(0, -1).join(',')));
                setTyped(parts.at(-1)?.trimStart() ?? '');
              } else setTyped(value);
              setOpen(parts.length === 1 || parts.at(-1)?.trim() !== '');
              setAt(-1);
            }}
            onFocus={() => setOpen(true)}
            onClick={() => setOpen(true)}
            onBlur={() => {
              setOpen(false);
              // A word that was typed and not entered is meant all the same.
              if (typed.trim()) add(...wordsIn(typed));
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        {shown && (
          <ul class="options" id={`${id}-options`} role="listbox" aria-label={text.words.suggestions}>
            {options.map(({ name, source }, i) => (
              <li
                key={name}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === at}
                // Before the field loses the focus.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => add(name)}
              >
                <span class="cut">{name}</span>
                <span class="soft small">{text.words.sources[source]}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <span class="hint" id={`${id}-hint`}>
        {hint}
      </span>
      {wrong && (
        <span class="wrong" role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}

/** Words that begin like what is typed; those that were used last where nothing is typed yet. */
function useSuggestions(
  typed: string,
  words: readonly string[],
  open: boolean,
  model: string | undefined,
): readonly Suggestion[] {
  const [found, setFound] = useState<readonly Suggestion[]>([]);
  useEffect(() => {
    if (!open) return;
    const gone = new AbortController();
    const timer = setTimeout(async () => {
      const query = { q: typed.split('|').at(-1)?.trim() ?? '', limit: 20, ...(model ? { model } : {}) };
      // Suggestions that do not come are not missed.
      const answer = await asked(api.GET('/v1/words', { params: { query }, signal: gone.signal })).catch(
        () => undefined,
      );
      if (answer && !gone.signal.aborted) setFound(answer.words);
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [typed, open, model]);
  const taken = new Set(words.map((word) => word.toLowerCase()));
  return found.filter(({ name }) => !taken.has(name.toLowerCase())).slice(0, 8);
}
