/** Settings as the server shows them: section, name, what is in force. */
export interface Setting {
  readonly value?: unknown;
  readonly source: string;
  readonly about: string;
}
export type Tree = Readonly<Record<string, Readonly<Record<string, Setting>>>>;

export const isDefault = ({ source }: Setting): boolean => source === 'default';

/** As one would write it in the settings file. */
export function written(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The sections with those of their settings that have all `words` somewhere in them; `changed`: and are no defaults. */
export function matching(
  tree: Tree,
  words: string,
  changed: boolean,
): readonly (readonly [section: string, settings: readonly (readonly [name: string, setting: Setting])[]])[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return Object.entries(tree)
    .map(([section, settings]) => {
      const found = Object.entries(settings).filter(([name, setting]) => {
        const all =
          `${section}.${name} ${written(setting.value)} ${setting.source} ${setting.about}`.toLowerCase();
        return (!changed || !isDefault(setting)) && wanted.every((word) => all.includes(word));
      });
      return [section, found] as const;
    })
    .filter(([, found]) => found.length > 0);
}
