/** What keys do on a recording. */
export type Command =
  | {
      readonly does:
        | ('play' | 'mute' | 'full' | 'help' | 'cut' | 'in' | 'out')
        | ('begin' | 'end' | 'whole' | 'escape');
    }
  | { readonly does: 'move'; readonly by: number }
  | { readonly does: 'step' | 'mark'; readonly direction: 1 | -1 }
  | { readonly does: 'speed'; readonly steps: number }
  | { readonly does: 'zoom'; readonly factor: number };

interface Key {
  readonly key: string;
  readonly shiftKey?: boolean;
  readonly ctrlKey?: boolean;
  readonly metaKey?: boolean;
  readonly altKey?: boolean;
}

const KEYS: Readonly<Record<string, Command>> = {
  ' ': { does: 'play' },
  k: { does: 'play' },
  m: { does: 'mute' },
  f: { does: 'full' },
  '?': { does: 'help' },
  c: { does: 'cut' },
  i: { does: 'in' },
  o: { does: 'out' },
  Escape: { does: 'escape' },
  Home: { does: 'begin' },
  End: { does: 'end' },
  PageUp: { does: 'move', by: -3_600_000 },
  PageDown: { does: 'move', by: 3_600_000 },
  ',': { does: 'step', direction: -1 },
  '.': { does: 'step', direction: 1 },
  '[': { does: 'mark', direction: -1 },
  ']': { does: 'mark', direction: 1 },
  '<': { does: 'speed', steps: -1 },
  '>': { does: 'speed', steps: 1 },
  '+': { does: 'zoom', factor: 0.5 },
  '=': { does: 'zoom', factor: 0.5 },
  '-': { does: 'zoom', factor: 2 },
  '0': { does: 'whole' },
};

/** Milliseconds that an arrow moves by; 0 where the key is none. A second, with Shift ten, with Ctrl a minute. */
export function arrowOf({ key, shiftKey, ctrlKey }: Key): number {
  const size = ctrlKey ? 60_000 : shiftKey ? 10_000 : 1000;
  if (key === 'ArrowRight' || key === 'ArrowUp') return size;
  return key === 'ArrowLeft' || key === 'ArrowDown' ? -size : 0;
}

/** What a key is for; undefined where it is not ours. */
export function commandOf(key: Key): Command | undefined {
  if (key.metaKey || key.altKey) return undefined;
  if (key.key === 'ArrowLeft' || key.key === 'ArrowRight') return { does: 'move', by: arrowOf(key) };
  if (key.ctrlKey) return undefined;
  return KEYS[key.key.length === 1 ? key.key.toLowerCase() : key.key];
}
