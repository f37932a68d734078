import { BookOpen } from 'lucide-preact';
import { Link, useParams } from 'wouter-preact';
import { may, type Role } from '../state/session.ts';
import { text } from '../text/en.ts';
import { LinkButton } from '../ui/button.tsx';
import { Screen } from '../ui/parts.tsx';
import { Keys } from './keys.tsx';
import { Models } from './models.tsx';
import { Overview } from './overview.tsx';
import { OwnSettings } from './own-settings.tsx';
import { Settings } from './settings.tsx';

const PARTS: readonly (readonly [part: keyof typeof text.system.parts, needs: Role])[] = [
  ['overview', 'viewer'],
  ['models', 'viewer'],
  ['keys', 'admin'],
  ['settings', 'admin'],
];

/** How the installation stands, and what can be set up here. The part is in the address. */
export default function SystemScreen() {
  const { part } = useParams<{ part?: string }>();
  const parts = PARTS.filter(([, role]) => may(role)).map(([name]) => name);
  const here = parts.find((name) => name === part) ?? 'overview';
  const t = text.system;
  return (
    <Screen
      title={text.app.system}
      actions={
        <div class="row">
          {/* Phones have no room for them beside the screens. */}
          <div class="row of-phones">
            <OwnSettings />
          </div>
          <LinkButton href="/docs" icon={BookOpen} title={t.docsHint}>
            {t.docs}
          </LinkButton>
        </div>
      }
    >
      <nav class="tabs" aria-label={t.partsLabel}>
        {parts.map((name) => (
          <Link
            key={name}
            href={name === 'overview' ? '/system' : `/system/${name}`}
            aria-current={name === here ? 'page' : undefined}
          >
            {t.parts[name]}
          </Link>
        ))}
      </nav>
      {here === 'overview' && <Overview />}
      {here === 'models' && <Models />}
      {here === 'keys' && <Keys />}
      {here === 'settings' && <Settings />}
    </Screen>
  );
}
