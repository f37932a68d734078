import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** Keys and places in lists that lead to a value. */
export type Path = readonly (string | number)[];

/** A value with where each part of it was written. */
export interface Source {
  readonly value: unknown;
  /** Of what is at a path, or of its key: `line:column`, or the path itself where there are no lines. */
  where(path: Path, part?: 'key' | 'value'): string;
}

/** More than anyone writes by hand. */
const [DEEPEST, MOST] = [64, 50_000];

const below = (path: string, key: string | number): string => `${path}\n${key}`;

/** The value of YAML, or of JSON, which is YAML too. `faults`: what is no YAML, each with its line and column. */
export function sourceOfText(text: string): { readonly source: Source; readonly faults: readonly string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line, text: `${line}:${col}` };
  };
  const faults = new Map<number, string>();
  for (const { pos, message } of document.errors) {
    const { line, text: place } = at(pos[0]);
    // What follows on the same line is most often of the same cause.
    if (!faults.has(line)) faults.set(line, `${place}: ${explain(message, text.split('\n')[line - 1])}`);
  }
  const places = new Map<string, { readonly key: number; readonly value: number }>();
  let nodes = 0;

  function visit(node: unknown, path: string, depth: number, key: number): unknown {
    const start = isNode(node) ? (node.range?.[0] ?? key) : key;
    places.set(path, { key, value: start });
    const target = isAlias(node) ? node.resolve(document) : node;
    if (depth > DEEPEST || ++nodes > MOST) {
      faults.set(
        0,
        `${at(start).text}: there is more in this than rules ever have, or a part of it has itself`,
      );
      return undefined;
    }
    if (isScalar(target)) return target.value;
    if (isSeq(target)) return target.items.map((item, i) => visit(item, below(path, i), depth + 1, start));
    if (!isMap(target)) return null;
    return Object.fromEntries(
      target.items.map((pair) => {
        const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
        const place = isNode(pair.key) ? (pair.key.range?.[0] ?? start) : start;
        // A value that is not there is looked for behind its key.
        return [name, visit(pair.value, below(path, name), depth + 1, place)];
      }),
    );
  }

  const value = faults.size === 0 ? visit(document.contents, '', 0, 0) : undefined;
  return {
    faults: [...faults.values()],
    source: {
      value,
      where(path, part = 'value') {
        for (let length = path.length; length >= 0; length--) {
          const place = places.get(path.slice(0, length).reduce<string>(below, ''));
          if (place) return at(length === path.length ? place[part] : place.value).text;
        }
        return '1:1';
      },
    },
  };
}

/** A value as JSON.parse gives it; places are told as paths, such as `rules.0.when`. */
export const sourceOfValue = (value: unknown): Source => ({
  value,
  where: (path) => path.join('.') || 'the whole',
});

function explain(message: string, line: string): string {
  const said = message.replace(/^(.)/, (letter) => letter.toLowerCase()).replace(/\.$/, '');
  const sign = /(?::|,|\{|\[)\s*(>=?\s*-?[\d.][^,}\]]*)/.exec(line)?.[1].trim();
  return sign === undefined ? said : `${said}; a comparison that begins with > needs quotes: "${sign}"`;
}
