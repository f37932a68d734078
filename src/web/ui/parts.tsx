import { CircleAlert, Info, type LucideIcon, TriangleAlert } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { Failure } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Button } from './button.tsx';

/** The parts that say something and do nothing. */

export function Badge({
  tone,
  children,
}: {
  readonly tone?: 'good' | 'warn' | 'bad' | 'accent';
  readonly children: ComponentChildren;
}) {
  return <span class={`badge ${tone ?? ''}`}>{children}</span>;
}

/** `share`: 0 to 1. */
export function Meter({ share, label }: { readonly share: number; readonly label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      class="meter"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      {/* A policy without inline styles lets scripts set them, and no markup. */}
      <i ref={(bar) => bar?.style.setProperty('width', `${percent}%`)} />
    </div>
  );
}

const ICONS = { bad: CircleAlert, warn: TriangleAlert, info: Info };

export function Notice({
  tone = 'info',
  children,
}: {
  readonly tone?: 'bad' | 'warn' | 'info';
  readonly children: ComponentChildren;
}) {
  const Icon = ICONS[tone];
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon size={20} aria-hidden="true" />
      <div class="grow">{children}</div>
    </div>
  );
}

/** What went wrong, with what can be done about it. */
export function Problem({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Notice tone="bad">
      <p>{message}</p>
      {error instanceof Failure && error.code !== 'OFFLINE' && <p class="small soft">{error.code}</p>}
      {onRetry && (
        <p>
          <Button small onClick={onRetry}>
            {text.common.retry}
          </Button>
        </p>
      )}
    </Notice>
  );
}

export function Empty({
  icon: Icon,
  title,
  children,
}: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon size={40} aria-hidden="true" />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading() {
  return (
    <div class="empty" role="status">
      <span class="spinner" />
      <span class="unseen">{text.common.loading}</span>
    </div>
  );
}

/** A screen: its title, what can be done with it, and what it shows. */
export function Screen({
  title,
  actions,
  children,
}: {
  readonly title: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <main class="screen" id="content" tabIndex={-1}>
      <header>
        <h1>{title}</h1>
        {actions}
      </header>
      {children}
    </main>
  );
}
