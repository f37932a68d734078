import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { variablesOf } from '../../../src/config/environment.ts';
import { parseConfig, readConfigFile } from '../../../src/config/file.ts';
import { LEAVES } from '../../../src/config/schema.ts';

const FILE = 'config/default.yaml';
const text = readFileSync(FILE, 'utf8');

it('gives every setting a default, and no other', () => {
  // An unknown key would not be read at all.
  expect([...parseConfig(text, FILE).keys()].sort()).toEqual([...LEAVES.keys()].sort());
});

it('explains every setting right above it', () => {
  const lines = text.split('\n');
  const bare = lines.filter((line, i) => /^ {2}\w+:/.test(line) && !/^ {2}# \S/.test(lines[i - 1]));
  expect(bare).toEqual([]);
});

it('names every bound of a number in its comment', () => {
  const comments = new Map<string, string>();
  let section = '';
  let comment = '';
  for (const line of text.split('\n')) {
    const key = /^( *)(\w+):/.exec(line);
    if (line.trim().startsWith('#')) comment += line;
    else if (key?.[1] === '') section = key[2];
    else if (key) {
      comments.set(`${section}.${key[2]}`, comment);
      comment = '';
    }
  }
  let bounds = 0;
  for (const [key, schema] of LEAVES) {
    // Values far out tell the bounds, since they are refused with them.
    for (const value of [-1e9, 1e9]) {
      const bound = /(?:>=|<=)\s*(-?\d+)/.exec(schema.safeParse(value).error?.message ?? '')?.[1];
      if (bound === undefined) continue;
      expect(comments.get(key), key).toMatch(new RegExp(`\\b${bound}\\b`));
      bounds++;
    }
  }
  expect(bounds).toBeGreaterThan(10);
});

it('gives no two settings the same variable', () => {
  const names = [...LEAVES.keys()].flatMap((key) => [...new Set(variablesOf(key))]);
  expect(new Set(names).size).toBe(names.length);
});

describe('files that are shipped', () => {
  it.each(['config/test.yaml', 'config/production.example.yaml'])('%s fits', (file) => {
    expect(readConfigFile(file).size).toBeGreaterThan(0);
  });
});
