import { signal } from '@preact/signals';
import { Sparkles } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { WordsField } from '../ui/words-field.tsx';
import { drafts, submitDrafts } from './intake.ts';
import { IntakeRow } from './intake-row.tsx';
import { DEFAULTS, isEvery, type Options } from './job-request.ts';
import { JobOptions } from './options.tsx';
import { useModels, useModelWords } from './use-models.ts';
import { rememberWords, usedWords } from './used-words.ts';

/** What was typed stays while other screens are looked at. `words`: undefined as long as nobody has touched them. */
const typed = signal<readonly string[] | undefined>(undefined);
const options = signal<Options>(DEFAULTS);

/** What is wanted of the videos that were dropped. */
export function Draft() {
  const waiting = drafts.value;
  const { models, standard, settled } = useModels();
  const model = options.value.model || standard;
  const [used, setUsed] = useState(usedWords);
  const last = used[0];
  const known = useModelWords(model, last === undefined);
  const words = typed.value ?? last ?? known ?? [];
  const coming = !typed.value && !last && !known && (!settled || model !== undefined);
  const [asked, setAsked] = useState(false);
  const t = text.jobs;
  // Another draft has another chance.
  useEffect(() => {
    if (waiting.length === 0) setAsked(false);
  }, [waiting.length]);
  if (waiting.length === 0) return null;

  function submit(event: Event): void {
    event.preventDefault();
    setAsked(true);
    if (words.length === 0 || !isEvery(options.value.every)) return;
    submitDrafts({ ...options.value, words });
    rememberWords(words);
    setUsed(usedWords());
    typed.value = undefined;
  }

  const others = used.filter((set) => set.join('\n') !== words.join('\n'));
  return (
    <form class="card draft" onSubmit={submit} aria-label={t.new}>
      <ul class="comings">
        {waiting.map((intake) => (
          <IntakeRow key={intake.id} intake={intake} />
        ))}
      </ul>
      <WordsField
        words={words}
        onWords={(next) => {
          typed.value = next;
        }}
        model={options.value.model || undefined}
        hint={!typed.value && !last && known?.length && model ? t.modelWords(model) : undefined}
        wrong={asked && words.length === 0 ? text.words.none : undefined}
      />
      {others.length > 0 && (
        <div class="row used">
          <span class="small soft">{t.usedWords}</span>
          {others.map((set) => (
            <Button
              key={set.join('\n')}
              small
              aria-label={t.useWords(set)}
              title={set.join(', ')}
              onClick={() => {
                typed.value = set;
              }}
            >
              <span class="cut">{set.slice(0, 3).join(', ')}</span>
              {set.length > 3 && <span class="soft">{t.more(set.length - 3)}</span>}
            </Button>
          ))}
        </div>
      )}
      <JobOptions
        options={options.value}
        models={models}
        standard={standard}
        onOptions={(next) => {
          options.value = next;
        }}
      />
      <div class="row end">
        {waiting.some(({ phase }) => phase === 'sending' || phase === 'waiting') && (
          <span class="small soft grow">{t.segmentHint}</span>
        )}
        <Button kind="primary" type="submit" icon={Sparkles} disabled={coming}>
          {t.segmentAll(waiting.length)}
        </Button>
      </div>
    </form>
  );
}
