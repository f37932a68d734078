/** Names in one line of text: commas between them, `|` between synonyms, a backslash before what stands for itself. */

/** Texts between the `separator`s that no backslash precedes; the backslashes stay. */
export function splitUnescaped(text: string, separator: ',' | '|'): string[] {
  const parts = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) parts[parts.length - 1] += text[i] + text[++i];
    else if (text[i] === separator) parts.push('');
    else parts[parts.length - 1] += text[i];
  }
  return parts;
}

/** Without the backslashes before separators, `#` and backslashes; any other backslash is a letter of its own. */
export const unescaped = (text: string): string => text.replace(/\\([,|#\\])/g, '$1');
