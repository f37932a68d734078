import { signal } from '@preact/signals';
import { Copy } from 'lucide-preact';
import { useId, useRef, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';

/**
 * The key that was made last, until somebody has said that they have it. It is kept outside of the screen: with the first
 * key of all the screen itself may go away for a moment.
 */
export const madeKey = signal<
  { readonly name: string; readonly secret: string; readonly first: boolean } | undefined
>(undefined);

/** Shows it, this once. */
export function MadeKey() {
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [had, setHad] = useState(false);
  const made = madeKey.value;
  if (!made) return null;
  const t = text.system;
  const done = () => {
    madeKey.value = undefined;
    setHad(false);
  };
  async function copy(): Promise<void> {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(made?.secret ?? '');
    } catch {
      // Over plain HTTP there is no clipboard but this one.
      if (!document.execCommand('copy')) return;
    }
    setHad(true);
    say(text.common.copied);
  }
  return (
    <Dialog
      title={t.keyMade}
      // Escape alone must not take away what cannot be had again.
      onClose={() => (had ? done() : setHad(true))}
      footer={
        <Button kind="primary" onClick={done}>
          {t.keyDone}
        </Button>
      }
    >
      <Notice tone="warn">
        <p role="status">{had ? t.keyHad : t.keyOnce}</p>
        {made.first && <p>{t.keySignedIn}</p>}
      </Notice>
      <div class="field">
        <label for={id}>{t.keySecret(made.name)}</label>
        <div class="row secret">
          <input
            ref={field}
            id={id}
            class="input grow"
            readOnly
            value={made.secret}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
          <Button icon={Copy} onClick={copy}>
            {text.common.copy}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
