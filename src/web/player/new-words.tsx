import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, asked, type Job } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SelectField } from '../ui/field.tsx';
import { Problem } from '../ui/parts.tsx';
import { WordsField } from '../ui/words-field.tsx';

type Expand = 'coco-stuff' | 'model' | 'none';

/** Other words for a video that was seen already: no model is run, and things keep their ids. */
export function NewWords({ job, onClose }: { readonly job: Job; readonly onClose: () => void }) {
  const [, navigate] = useLocation();
  const [words, setWords] = useState<readonly string[]>(job.vocabulary);
  const [expand, setExpand] = useState<Expand | 'default'>('default');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const t = text.player;

  async function go(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      const body = {
        vocabulary: words.map((word) => word.split('|')),
        ...(expand === 'default' ? {} : { expand }),
        metadata: job.metadata,
      };
      const next = await asked(api.POST('/v1/jobs/{id}/label', { params: { path: { id: job.id } }, body }));
      navigate(`/jobs/${next.id}${location.search}`);
      onClose();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={t.newWords}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" disabled={busy || words.length === 0} onClick={go}>
            {t.relabel}
          </Button>
        </>
      }
    >
      <p class="soft">{t.newWordsHint}</p>
      <WordsField words={words} onWords={setWords} model={job.model} />
      <SelectField<Expand | 'default'>
        label={t.expand}
        hint={t.expandHint}
        value={expand}
        options={Object.entries(t.expansions) as [Expand | 'default', string][]}
        onSelect={setExpand}
      />
      {error !== undefined && <Problem error={error} />}
    </Dialog>
  );
}
