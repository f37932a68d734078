import { LogOut, SunMoon } from 'lucide-preact';
import { signOut, who } from '../state/session.ts';
import { type Theme, theme } from '../state/theme.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { attempt } from '../ui/toast.tsx';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

/** What is of one's own browser alone: its colours, and who is signed in. */
export function OwnSettings() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
  const label = `${text.app.theme}: ${text.app.themes[theme.value]}`;
  return (
    <>
      <Button
        kind="quiet"
        icon={SunMoon}
        aria-label={label}
        title={label}
        onClick={() => {
          theme.value = next;
        }}
      >
        <span class="name">{text.app.themes[theme.value]}</span>
      </Button>
      {who.value && !who.value.keyless && (
        <Button
          kind="quiet"
          icon={LogOut}
          aria-label={text.app.signOut}
          title={text.app.signOut}
          onClick={() => attempt(signOut)}
        >
          <span class="name">{text.app.signOut}</span>
        </Button>
      )}
    </>
  );
}
