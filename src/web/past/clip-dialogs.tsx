import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, asked, type Clip } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Problem } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';
import { WordsField } from '../ui/words-field.tsx';
import { changeClip } from './clip-acts.ts';
import { nameOf } from './clip-address.ts';

const t = text.past.clip;

export function Rename({
  clip,
  onClip,
  onClose,
}: {
  readonly clip: Clip;
  readonly onClip: (clip: Clip) => void;
  readonly onClose: () => void;
}) {
  const [title, setTitle] = useState(clip.title ?? '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function go(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      onClip(await changeClip(clip.id, { title: title.trim() }));
      say(t.renamed);
      onClose();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={t.rename}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" type="submit" form="rename-clip" disabled={busy || title.trim() === ''}>
            {text.common.save}
          </Button>
        </>
      }
    >
      <form
        id="rename-clip"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <TextField label={t.name} value={title} maxLength={200} onText={setTitle} autofocus />
      </form>
      {error !== undefined && <Problem error={error} />}
    </Dialog>
  );
}

/** The same stretch of time, named by other words: what was seen then is known, and no model is run. */
export function NewClipWords({ clip, onClose }: { readonly clip: Clip; readonly onClose: () => void }) {
  const [, navigate] = useLocation();
  const [words, setWords] = useState<readonly string[]>(clip.vocabulary);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function go(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      const { from, to, stream } = clip;
      const vocabulary = words.map((word) => word.split('|'));
      const body = { from, to, title: nameOf(clip).slice(0, 200), vocabulary };
      const params = { path: { id: stream } };
      const made = await asked(api.POST('/v1/streams/{id}/clips', { params, body }));
      onClose();
      navigate(`/clips/${made.id}`);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={t.newWordsTitle}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" disabled={busy || words.length === 0} onClick={go}>
            {t.newWordsGo}
          </Button>
        </>
      }
    >
      <p class="soft">{t.newWordsHint}</p>
      <WordsField words={words} onWords={setWords} />
      {error !== undefined && <Problem error={error} />}
    </Dialog>
  );
}
