import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parseDocument } from 'yaml';
import { projectFolder } from './folders.ts';
import type { Setting } from './layers.ts';
import { shownSettings } from './shown.ts';

/** The settings with nothing secret in their values, and what each means. */
export function describedSettings(
  settings: ReadonlyMap<string, Setting>,
): ReadonlyMap<string, Setting & { readonly about: string }> {
  const about = describeSettings();
  return new Map(
    [...shownSettings(settings)].map(([key, setting]) => [key, { ...setting, about: about.get(key) ?? '' }]),
  );
}

/** What config/default.yaml says of each setting, by key. */
function describeSettings(): ReadonlyMap<string, string> {
  const document = parseDocument(readFileSync(join(projectFolder, 'config', 'default.yaml'), 'utf8'));
  const found = new Map<string, string>();
  if (!isMap(document.contents)) return found;
  for (const { key: section, value: settings } of document.contents.items) {
    if (!isScalar(section) || !isMap(settings)) continue;
    for (const [i, { key }] of settings.items.entries()) {
      if (!isScalar(key)) continue;
      // What stands before the first one belongs to them all, says the parser.
      const comment = (i === 0 ? settings.commentBefore : undefined) ?? key.commentBefore ?? '';
      found.set(`${section.value}.${key.value}`, comment.replace(/\s+/g, ' ').trim());
    }
  }
  return found;
}
