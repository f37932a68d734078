/** Names in one line of text: commas between them, `|` between synonyms, a backslash before what stands for itself. */

/** Texts between the `separator`s that no backslash precedes; the backslashes stay. */
export function splitUnescaped(text: string, separator: ',' | '|'): string[] {
  const parts: string[] = [];
  let begun = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === separator) {
      parts.push(text.slice(begun, i));
      begun = i + 1;
    }
  }
  return [...parts, text.slice(begun)];
}

/** Without the backslashes before separators, `#` and backslashes; any other backslash is a letter of its own. */
export const unescaped = (text: string): string => text.replace(/\\([,|#\\])/g, '$1');
