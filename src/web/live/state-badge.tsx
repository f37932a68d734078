import type { Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Badge } from '../ui/parts.tsx';

const TONES = {
  starting: 'warn',
  connecting: 'bad',
  live: 'good',
  paused: undefined,
  stopped: undefined,
} as const;

export function StateBadge({ stream: { state } }: { readonly stream: Pick<Stream, 'state'> }) {
  return <Badge tone={TONES[state]}>{text.live.states[state]}</Badge>;
}

/** Why there is no picture, or why a change was not taken; undefined where all is well. */
export const reasonOf = ({ state, reason }: Pick<Stream, 'state' | 'reason'>): string | undefined =>
  reason?.message ?? (text.live.about[state] || undefined);
