import { Eye, EyeOff, LogIn } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { expired, signIn } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/parts.tsx';
import { MadeKey } from './new-key.tsx';

/** Asks for a key. The address stays, so that one goes on where one was. */
export function SignIn() {
  const [key, setKey] = useState('');
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setWrong(undefined);
    try {
      await signIn(key.trim());
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
      field.current?.select();
    } finally {
      setBusy(false);
    }
  }
  return (
    <main class="login">
      <form class="card" onSubmit={submit}>
        <div class="row">
          <img src={new URL('../icon.svg', import.meta.url).href} alt="" width={36} height={36} />
          <div>
            <p class="small soft">{text.app.name}</p>
            <h1>{text.login.title}</h1>
          </div>
        </div>
        {expired.value && <Notice tone="warn">{text.login.expired}</Notice>}
        <Field label={text.login.key} hint={text.login.hint} wrong={wrong}>
          {(control) => (
            <div class="row secret">
              <input
                ref={field}
                class="input grow"
                type={shown ? 'text' : 'password'}
                name="key"
                autocomplete="current-password"
                autocapitalize="off"
                spellcheck={false}
                required
                value={key}
                onInput={({ currentTarget }) => setKey(currentTarget.value)}
                {...control}
              />
              <IconButton
                label={shown ? text.login.hide : text.login.show}
                aria-pressed={shown}
                icon={shown ? EyeOff : Eye}
                onClick={() => setShown(!shown)}
              />
            </div>
          )}
        </Field>
        <Button kind="primary" type="submit" icon={LogIn} disabled={busy || key.trim() === ''}>
          {text.login.go}
        </Button>
      </form>
      <MadeKey />
    </main>
  );
}
