import { useEffect, useRef, useState } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { WordsField } from '../ui/words-field.tsx';
import { changeStream } from './use-streams.ts';
import { synonymsIn, writtenWords } from './words.ts';

const t = text.live;

/** What a camera looks for, changed while it runs. Changes are sent one after the other, the last one last. */
export function WordsPanel({
  stream,
  onStream,
}: {
  readonly stream: Stream;
  readonly onStream: (stream: Stream) => void;
}) {
  const { id, revision, applied, state } = stream;
  const known = writtenWords(stream.words);
  /** What is not saved yet. */
  const [wanted, setWanted] = useState<readonly string[]>();
  const [failed, setFailed] = useState<string>();
  const sending = useRef(false);
  const latest = useRef<readonly string[]>();

  async function send(): Promise<void> {
    if (sending.current) return;
    sending.current = true;
    setFailed(undefined);
    try {
      while (latest.current) {
        const words = latest.current;
        onStream(await changeStream(id, { vocabulary: words.map(synonymsIn) }));
        if (latest.current === words) {
          latest.current = undefined;
          setWanted(undefined);
        }
      }
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    } finally {
      sending.current = false;
    }
  }

  // Of another camera nothing is kept.
  useEffect(() => {
    latest.current = undefined;
    setWanted(undefined);
    setFailed(undefined);
  }, [id]);

  if (!may('operator')) {
    return (
      <div class="field">
        <span class="label">{t.words}</span>
        <ul class="chips">
          {known.map((word) => (
            <li key={word} class="chip plain">
              <span class="cut">{word}</span>
            </li>
          ))}
        </ul>
      </div>
    );
  }
  const standing = () => {
    if (failed) return '';
    if (wanted) return t.wordsSaving;
    if (state === 'stopped' || state === 'paused') return t.wordsKept;
    return applied === revision ? t.wordsApplied : t.wordsWaiting;
  };
  return (
    <div class="words-panel">
      <WordsField
        label={t.words}
        hint={t.wordsHint}
        words={wanted ?? known}
        model={stream.model}
        wrong={failed}
        onWords={(words) => {
          if (words.length === 0) return setFailed(text.words.none);
          latest.current = words;
          setWanted(words);
          void send();
        }}
      />
      <p class="small soft" role="status">
        {standing()}
      </p>
      {failed && wanted && (
        <p class="row">
          <Button small onClick={() => void send()}>
            {text.common.retry}
          </Button>
          <Button
            small
            kind="quiet"
            onClick={() => {
              latest.current = undefined;
              setWanted(undefined);
              setFailed(undefined);
            }}
          >
            {t.wordsBack}
          </Button>
        </p>
      )}
    </div>
  );
}
