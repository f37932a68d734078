import { effect, signal } from '@preact/signals';
import type { PanopticIndex, PanopticSegment } from '../../panoptic/format.ts';

/** How the overlay looks. What a person chose stays chosen: for all videos, in this browser. */

const KEPT = 'sidestream.look';
interface Kept {
  readonly opacity?: number;
  readonly outline?: boolean;
  readonly colors?: Readonly<Record<string, string>>;
}
const kept = read();

/** 0 to 1; undefined: as it was asked for with the video. */
export const opacity = signal<number | undefined>(kept.opacity);
export const outline = signal(kept.outline ?? true);
/** Colours by name that were chosen here. */
export const colors = signal<Readonly<Record<string, string>>>(kept.colors ?? {});
export type ColorBy = 'name' | 'id';
export const colorBy = signal<ColorBy>('name');
/** Names that are switched off. */
export const hidden = signal<ReadonlySet<string>>(new Set());

effect(() => {
  const look: Kept = { opacity: opacity.value, outline: outline.value, colors: colors.value };
  localStorage.setItem(KEPT, JSON.stringify(look));
});

function read(): Kept {
  try {
    const look = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    return typeof look === 'object' && look !== null ? look : {};
  } catch {
    return {}; // Not ours.
  }
}

export function toggle(name: string): void {
  const next = new Set(hidden.value);
  if (!next.delete(name)) next.add(name);
  hidden.value = next;
}

/** Shows one name alone; all of them where it is alone already. */
export function only(name: string, names: readonly string[]): void {
  const others = names.filter((one) => one !== name);
  const alone = !hidden.value.has(name) && others.every((one) => hidden.value.has(one));
  hidden.value = new Set(alone ? [] : others);
}

export const colorOfName = ({ name, color }: PanopticIndex['names'][number]): string =>
  colors.value[name] ?? color;

/** `#rrggbb` of a segment; undefined: not painted. */
export function colorOf(index: PanopticIndex, { name: place, track, identified }: PanopticSegment) {
  const name = index.names[place];
  if (!name || name.other || hidden.value.has(name.name)) return undefined;
  return colorBy.value === 'id' && name.isthing && identified ? colorOfId(track) : colorOfName(name);
}

/** Neighbouring ids get hues that are far apart. */
export function colorOfId(id: number): string {
  const hue = (id * 137.508) % 360;
  const lightness = 0.5 + 0.12 * ((id * 7) % 3);
  const chroma = 0.8 * Math.min(lightness, 1 - lightness);
  const part = (n: number) => {
    const k = (n + hue / 30) % 12;
    const value = lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
