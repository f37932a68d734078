import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { hint } from '../core/suggest.ts';
import type { Layer } from './layers.ts';
import { FOLDER_KEYS, faultOf, LEAVES } from './schema.ts';

/** Reads a YAML file of settings. Throws CONFIG with file, line and key. */
export function readConfigFile(file: string): Layer {
  return parseConfig(readText(file), file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!isErrno(error)) throw error;
    const why = error.code === 'ENOENT' ? 'it does not exist' : (error.code ?? error.message);
    throw new SidestreamError('CONFIG', `the config file ${file} cannot be read: ${why}`, { cause: error });
  }
}

export function parseConfig(text: string, file: string): Layer {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const where = (offset: number | undefined) => `${file}:${lines.linePos(offset ?? 0).line}`;
  const wrong = (offset: number | undefined, message: string) =>
    new SidestreamError('CONFIG', `${where(offset)}: ${message}`);
  for (const error of document.errors) throw wrong(error.pos[0], error.message);

  const layer: Layer = new Map();
  const dereferenced = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const visit = (node: unknown, path: readonly string[], offset: number | undefined) => {
    const here = dereferenced(node);
    const key = path.join('.');
    const schema = LEAVES.get(key);
    if (schema) {
      const value: unknown = isNode(here) ? here.toJS(document) : null;
      const fault = faultOf(schema, value);
      if (fault) throw wrong(offset, `${key} ${fault}`);
      layer.set(key, {
        value: FOLDER_KEYS.has(key) ? fromFolder(value, file) : value,
        source: where(offset),
      });
      return;
    }
    if (here === null || (isScalar(here) && here.value === null)) return; // A section without anything in it.
    if (!isMap(here)) throw wrong(offset, `${key || 'the file'} must have settings below it`);
    for (const pair of here.items) {
      const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
      const child = [...path, name];
      const start = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      if (!isKnown(child.join('.'))) throw wrong(start, `unknown key ${child.join('.')}${hintFor(child)}`);
      visit(pair.value, child, start);
    }
  };
  visit(document.contents, [], 0);
  return layer;
}

const isKnown = (key: string): boolean =>
  LEAVES.has(key) || [...LEAVES.keys()].some((leaf) => leaf.startsWith(`${key}.`));

/** A key of the same section that is spelt alike; else one of any section with the same last word. */
function hintFor(path: readonly string[]): string {
  const section = path.slice(0, -1);
  const prefix = section.map((name) => `${name}.`).join('');
  const siblings = new Set(
    [...LEAVES.keys()]
      .filter((leaf) => leaf.startsWith(prefix))
      .map((leaf) => leaf.split('.').slice(0, path.length).join('.')),
  );
  const elsewhere = [...LEAVES.keys()].filter((leaf) => leaf.endsWith(`.${path.at(-1)}`));
  return hint(path.join('.'), siblings) || (elsewhere.length > 0 ? ` (did you mean ${elsewhere[0]}?)` : '');
}

function fromFolder(value: unknown, file: string): unknown {
  const base = dirname(resolve(file));
  if (Array.isArray(value)) return value.map((path) => resolve(base, String(path)));
  return typeof value === 'string' ? resolve(base, value) : value;
}
