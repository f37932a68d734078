/** What keys do in a player, as people know it from elsewhere. */
export type Command =
  | { readonly does: 'play' | 'mute' | 'full' | 'overlay' | 'compare' | 'inspect' | 'help' }
  | { readonly does: 'seek'; readonly by: number }
  | { readonly does: 'goto'; readonly share: number }
  | { readonly does: 'step'; readonly frames: number }
  | { readonly does: 'speed'; readonly steps: number }
  | { readonly does: 'volume'; readonly by: number };

interface Key {
  readonly key: string;
  readonly ctrlKey?: boolean;
  readonly metaKey?: boolean;
  readonly altKey?: boolean;
}

const KEYS: Readonly<Record<string, Command>> = {
  ' ': { does: 'play' },
  k: { does: 'play' },
  j: { does: 'seek', by: -10 },
  l: { does: 'seek', by: 10 },
  ArrowLeft: { does: 'seek', by: -5 },
  ArrowRight: { does: 'seek', by: 5 },
  ArrowUp: { does: 'volume', by: 0.05 },
  ArrowDown: { does: 'volume', by: -0.05 },
  ',': { does: 'step', frames: -1 },
  '.': { does: 'step', frames: 1 },
  '<': { does: 'speed', steps: -1 },
  '>': { does: 'speed', steps: 1 },
  m: { does: 'mute' },
  f: { does: 'full' },
  o: { does: 'overlay' },
  c: { does: 'compare' },
  i: { does: 'inspect' },
  '?': { does: 'help' },
  Home: { does: 'goto', share: 0 },
  End: { does: 'goto', share: 1 },
};

/** What a key is for; undefined where it is not ours. */
export function commandOf({ key, ctrlKey, metaKey, altKey }: Key): Command | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  if (/^\d$/.test(key)) return { does: 'goto', share: Number(key) / 10 };
  return KEYS[key.length === 1 ? key.toLowerCase() : key];
}

export const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 4, 8] as const;

/** The speed so many steps away. */
export function speedAfter(speed: number, steps: number): number {
  const at = SPEEDS.findIndex((one) => one >= speed - 1e-6);
  const place = (at < 0 ? SPEEDS.length - 1 : at) + steps;
  return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, place))] ?? 1;
}
