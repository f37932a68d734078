import { GLYPHS } from './glyphs.ts';

/** Letters are drawn in units of 1/1000 em. */
const EM = 1000;
/** Height of capitals and of the descenders below the baseline, in the same units (Inter). */
export const CAP_HEIGHT = 728 / EM;
/** Shown for a letter that the outlines lack. */
const UNKNOWN: readonly [number, string] = [640, 'm90 0v-728h460v728zm70-70h320v-588h-320z'];

/** Width of a line of text in ems. */
export function textWidth(text: string): number {
  let width = 0;
  for (const letter of text.normalize('NFC')) width += (GLYPHS.get(letter) ?? UNKNOWN)[0];
  return width / EM;
}

/** A line of text as SVG paths: `size` pixels an em, its baseline's left end at (x, y). */
export function textPaths(text: string, x: number, y: number, size: number, fill: string): string {
  let paths = '';
  let pen = 0;
  for (const letter of text.normalize('NFC')) {
    const [advance, path] = GLYPHS.get(letter) ?? UNKNOWN;
    if (path !== '') paths += `<path transform="translate(${pen} 0)" d="${path}"/>`;
    pen += advance;
  }
  return `<g fill="${fill}" transform="translate(${x} ${y}) scale(${size / EM})">${paths}</g>`;
}
