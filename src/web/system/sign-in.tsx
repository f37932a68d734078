import { useState } from 'preact/hooks';
import { expired, signIn } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice } from '../ui/parts.tsx';

/** Asks for a key. The address stays, so that one goes on where one was. */
export function SignIn() {
  const [key, setKey] = useState('');
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(key.trim());
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <main class="login">
      <form class="card" onSubmit={submit}>
        <h1>{text.login.title}</h1>
        {expired.value && <Notice tone="warn">{text.login.expired}</Notice>}
        <TextField
          label={text.login.key}
          hint={text.login.hint}
          wrong={wrong}
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={key}
          onText={setKey}
        />
        <Button kind="primary" type="submit" disabled={busy || key.trim() === ''}>
          {text.login.go}
        </Button>
      </form>
    </main>
  );
}
