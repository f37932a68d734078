import { describe, expect, it } from 'vitest';
import { checkFolder, checkKey, checkPrefix, checkRange, isKey } from '../../../src/storage/keys.ts';

const usage = expect.objectContaining({ code: 'USAGE' });

describe('keys', () => {
  it.each(['a', 'jobs/7/result.mp4', '0/A-b_c.d', 'a.b/c..d', `${'x'.repeat(200)}/y`])('%s is one', (key) => {
    expect(isKey(key)).toBe(true);
    checkKey(key);
    checkPrefix(key);
    checkFolder(`${key}/`);
  });

  it.each([
    '',
    '.',
    '..',
    '/',
    'a/',
    '/a',
    'a//b',
    'a/../b',
    '.a',
    '-a',
    '_a',
    'a b',
    'a%2e',
    'a\\b',
    'a\0',
    'a\n',
  ])('%j is none', (key) => expect(() => checkKey(key)).toThrow(usage));

  it('have bounds', () => {
    expect(isKey('x'.repeat(201))).toBe(false);
    expect(isKey(Array(401).fill('x').join('/'))).toBe(false);
    expect(() => checkKey('x/'.repeat(5000))).toThrow(/^.{0,300}$/);
  });

  it('may begin with nothing, or with a folder', () => {
    for (const prefix of ['', 'a', 'a/', 'a/b']) checkPrefix(prefix);
    for (const prefix of ['/', 'a//', '../', './', 'a/../']) expect(() => checkPrefix(prefix)).toThrow(usage);
    for (const prefix of ['', 'a', '/', 'a//', '../']) expect(() => checkFolder(prefix)).toThrow(usage);
  });

  it('have bytes from first to last', () => {
    for (const range of [undefined, { start: 0, end: 0 }, { start: 3, end: 9 }]) checkRange(range);
    for (const range of [
      { start: 1, end: 0 },
      { start: -1, end: 0 },
      { start: 0, end: Infinity },
    ]) {
      expect(() => checkRange(range)).toThrow(usage);
    }
  });
});
