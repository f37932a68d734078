import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Problem } from '../ui/parts.tsx';
import { check, type Fault } from './check.ts';
import type { Rules } from './rules.ts';

const t = text.rules.yaml;
/** Milliseconds after a key until the text is looked through. */
const PAUSE = 400;

/**
 * The rules as text. What the server says is wrong is shown at its line. `onText` hears of each change, `onRules` of the
 * rules, once nothing is wrong.
 */
export function YamlView({
  value,
  fresh,
  readOnly,
  onText,
  onRules,
}: {
  readonly value: string;
  /** It is made of the rules: nothing is wrong with it. */
  readonly fresh: boolean;
  readonly readOnly: boolean;
  readonly onText: (text: string) => void;
  readonly onRules: (rules: Rules) => void;
}) {
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [state, setState] = useState<'idle' | 'checking' | 'good' | 'bad'>('idle');
  const [error, setError] = useState<unknown>();
  const [edit, setEdit] = useState(fresh ? 0 : 1);
  const area = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLPreElement>(null);
  const latest = useRef(onRules);
  latest.current = onRules;
  const id = useId();

  useEffect(() => {
    if (edit === 0) return;
    const gone = new AbortController();
    setState('checking');
    const timer = setTimeout(async () => {
      try {
        const checked = await check(value, gone.signal);
        if (gone.signal.aborted) return;
        setError(undefined);
        setFaults(checked.faults);
        setState(checked.rules ? 'good' : 'bad');
        if (checked.rules) latest.current(checked.rules);
      } catch (failed) {
        if (!gone.signal.aborted) setError(failed);
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
    // A text that came from elsewhere is right already.
  }, [edit]);

  function goTo({ line = 1, column = 1 }: Fault): void {
    const element = area.current;
    if (!element) return;
    const before = value.split('\n').slice(0, line - 1);
    const at = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
    element.focus();
    element.setSelectionRange(at, at);
  }

  const lines = value.split('\n');
  const at = (line: number) => faults.filter((fault) => fault.line === line);
  return (
    <div class="field yaml-view">
      <label for={id}>{t.label}</label>
      <div class="editor">
        <pre ref={behind} aria-hidden="true">
          {lines.map((line, i) => {
            const here = at(i + 1);
            return (
              // Lines have nothing but their number to be known by.
              <span key={`${i}`} class={here.length > 0 ? 'line bad' : 'line'}>
                <span class="number">{i + 1}</span>
                <span class="ghost">{line}</span>
                {here.length > 0 && <span class="said">{here.map(({ message }) => message).join('; ')}</span>}
              </span>
            );
          })}
        </pre>
        <textarea
          id={id}
          ref={area}
          class="input"
          wrap="off"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          rows={Math.min(40, Math.max(14, lines.length + 1))}
          value={value}
          readOnly={readOnly}
          aria-describedby={`${id}-hint ${id}-state`}
          aria-invalid={state === 'bad'}
          onInput={({ currentTarget }) => {
            onText(currentTarget.value);
            setEdit(edit + 1);
          }}
          onScroll={({ currentTarget }) => {
            if (!behind.current) return;
            behind.current.scrollTop = currentTarget.scrollTop;
            behind.current.scrollLeft = currentTarget.scrollLeft;
          }}
        />
      </div>
      <span class="hint" id={`${id}-hint`}>
        {t.hint}
      </span>
      <p id={`${id}-state`} role="status" class="small soft">
        {state === 'checking' && t.checking}
        {state === 'good' && t.good}
        {state === 'bad' && t.faults(faults.length)}
      </p>
      {error !== undefined && <Problem error={error} onRetry={() => setEdit(edit + 1)} />}
      {faults.length > 0 && (
        <ul class="faults">
          {faults.map((fault) => (
            <li key={`${fault.line}:${fault.column} ${fault.message}`}>
              {fault.line !== undefined && (
                <button type="button" class="button quiet small" onClick={() => goTo(fault)}>
                  {t.at(fault.line, fault.column ?? 1)}
                </button>
              )}
              <span>{fault.message}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
