import { expect, it } from 'vitest';
import { clipFile } from '../../../src/clips/file-name.ts';
import { clipView } from '../../fixtures/clip-view.ts';

const named = (more: Parameters<typeof clipView>[1], distinct = false) => {
  const { folder, name } = clipFile(clipView('0abc', more), 'video', { distinct });
  return `${folder}/${name}`;
};

it.each([
  [{ rule: 'person at gate', title: 'My clip' }, 'Gate/20300102T030400Z-person-at-gate.mp4'],
  [{ title: 'Two men, one dog!' }, 'Gate/20300102T030400Z-Two-men-one-dog.mp4'],
  [{}, 'Gate/20300102T030400Z-0abc.mp4'],
  [{ title: '???' }, 'Gate/20300102T030400Z-0abc.mp4'],
  [{ first: '2030-01-02T03:04:07.500Z' }, 'Gate/20300102T030407Z-0abc.mp4'],
  [{ first: undefined, from: '2030-01-02T03:03:00.000Z' }, 'Gate/20300102T030300Z-0abc.mp4'],
  [{ stream_name: '道路 東', title: 'Über' }, '道路-東/20300102T030400Z-Über.mp4'],
  [{ stream_name: '..' }, 'gate1/20300102T030400Z-0abc.mp4'],
  [{ stream_name: '../../etc', rule: '/\\:*?"<>|\u0000' }, 'etc/20300102T030400Z-0abc.mp4'],
])('of %j', (more, name) => {
  expect(named(more)).toBe(name);
});

it('is short enough for any file system', () => {
  const name = named({ rule: '字'.repeat(200), stream_name: 'a '.repeat(100) });
  expect(Buffer.byteLength(name.split('/')[1])).toBeLessThan(200);
  expect(Buffer.byteLength(name.split('/')[0])).toBeLessThan(200);
});

it('may have the id, once', () => {
  expect(named({ rule: 'a' }, true)).toBe('Gate/20300102T030400Z-a-0abc.mp4');
  expect(named({}, true)).toBe('Gate/20300102T030400Z-0abc.mp4');
});

it('tells what it is', () => {
  expect(clipFile(clipView('0abc'), 'overlay').name).toMatch(/\.overlay\.mp4$/);
  expect(clipFile(clipView('0abc'), 'masks').name).toMatch(/\.masks\.json$/);
});
