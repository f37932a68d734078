import { parse } from 'yaml';
import type { z } from 'zod';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { hint } from '../core/suggest.ts';
import type { Layer } from './layers.ts';
import { faultOf, LEAVES } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'SIDESTREAM_';
/** Names the config file; no setting itself. */
export const FILE_VARIABLE = `${PREFIX}CONFIG`;

/**
 * The variables that a setting may be given by: levels parted by `__`, or by `_` alone.
 * `model.short_side`: SIDESTREAM_MODEL__SHORT_SIDE, SIDESTREAM_MODEL_SHORT_SIDE.
 */
export function variablesOf(key: string): [string, string] {
  const levels = key.toUpperCase().split('.');
  return [PREFIX + levels.join('__'), PREFIX + levels.join('_')];
}

/** Settings given by variables. An empty one counts as absent. Throws CONFIG naming the variable. */
export function readEnvironment(environment: Environment): Layer {
  const keys = new Map([...LEAVES.keys()].flatMap((key) => variablesOf(key).map((name) => [name, key])));
  const layer: Layer = new Map();
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || name === FILE_VARIABLE || !text) continue;
    const key = keys.get(name);
    if (key === undefined) {
      throw new SidestreamError('CONFIG', `${name}: there is no such setting${hint(name, keys.keys())}`);
    }
    const known = layer.get(key);
    if (known)
      throw new SidestreamError('CONFIG', `${known.source} and ${name} are the same setting: keep one`);
    const parsed = parseText(LEAVES.get(key)!, text);
    if ('fault' in parsed) {
      throw new SidestreamError('CONFIG', `${name} (${redact(text)}): ${key} ${parsed.fault}`);
    }
    layer.set(key, { value: parsed.value, source: name });
  }
  return layer;
}

/** A value from text: as it is, or as YAML where the setting is no text; lists have commas between. */
function parseText(schema: z.ZodType, text: string): { value: unknown } | { fault: string } {
  const fault = faultOf(schema, text);
  if (!fault) return { value: text };
  const list = text.split(',').map((part) => part.trim());
  for (const value of [scalar(text), list]) {
    if (!faultOf(schema, value)) return { value };
  }
  return { fault: faultOf(schema, scalar(text)) ?? fault };
}

function scalar(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text; // No YAML, so a text.
  }
}
