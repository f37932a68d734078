import { expect, it } from 'vitest';
import { cacheFolder } from '../../../src/config/folders.ts';

it.each([
  ['linux', {}, '/home/me/.cache/sidestream'],
  ['linux', { XDG_CACHE_HOME: '/var/x' }, '/var/x/sidestream'],
  ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/me/.cache/sidestream'],
  ['darwin', {}, '/home/me/Library/Caches/sidestream'],
] as const)('keeps caches where %s has them, with %o', (platform, environment, expected) => {
  expect(cacheFolder(platform, environment, '/home/me')).toBe(expected);
});
