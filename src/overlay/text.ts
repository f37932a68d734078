import { GLYPHS } from './glyphs.ts';

/** Letters are drawn in units of 1/1000 em. */
const EM = 1000;
/** Height of capitals and of the descenders below the baseline, in the same units (Inter). */
export const CAP_HEIGHT = 728 / EM;

/** Width to the next letter, and outline. */
type Glyph = readonly [advance: number, path: string];
/** Shown for a letter that the outlines lack. */
const UNKNOWN: Glyph = [640, 'm90 0v-728h460v728zm70-70h320v-588h-320z'];

/** Letters as readers see them: an emoji of many characters is one. */
const LETTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

function lettersOf(text: string): string[] {
  return Array.from(LETTERS.segment(text.normalize('NFC')), ({ segment }) => segment);
}

/** A letter; else what it is made of, without accents that cannot be drawn; else one box. */
function glyphsOf(letter: string): readonly Glyph[] {
  const whole = GLYPHS.get(letter);
  if (whole) return [whole];
  const parts = Array.from(letter.normalize('NFKD'), (part) => GLYPHS.get(part)).filter((part) => !!part);
  return parts.some(([, path]) => path !== '') ? parts : [UNKNOWN];
}

/** Width of a line of text in ems. */
export function textWidth(text: string): number {
  const widths = lettersOf(text).flatMap((letter) => glyphsOf(letter).map(([advance]) => advance));
  return widths.reduce((sum, advance) => sum + advance, 0) / EM;
}

/** A line of text that is at most `room` ems wide: what is too long ends with `…`, behind which a number stays. */
export function shorten(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  const [, words, number] = /^(.*?)( \d+)?$/s.exec(text)!;
  const end = `…${number ?? ''}`;
  const left = room - textWidth(end);
  let kept = '';
  let width = 0;
  for (const letter of lettersOf(words)) {
    width += textWidth(letter);
    if (width > left) break;
    kept += letter;
  }
  return kept.trimEnd() + end;
}

/** A line of text as SVG paths: `size` pixels an em, its baseline's left end at (x, y). */
export function textPaths(text: string, x: number, y: number, size: number, fill: string): string {
  let paths = '';
  let pen = 0;
  for (const [advance, path] of lettersOf(text).flatMap(glyphsOf)) {
    if (path !== '') paths += `<path transform="translate(${pen} 0)" d="${path}"/>`;
    pen += advance;
  }
  return `<g fill="${fill}" transform="translate(${x} ${y}) scale(${size / EM})">${paths}</g>`;
}
