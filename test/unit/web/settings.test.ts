import { expect, it } from 'vitest';
import { matching, written } from '../../../src/web/system/setting-search.ts';

const tree = {
  http: {
    port: { value: 8080, source: 'default', about: 'Port that the server listens on.' },
    host: { value: '0.0.0.0', source: 'my.yaml:3', about: 'Address that the server listens on.' },
  },
  s3: { secret_key: { value: '***', source: 'SIDESTREAM_S3__SECRET_KEY', about: 'Its secret.' } },
};
const found = (words: string, changed = false) =>
  matching(tree, words, changed).map(([section, settings]) => [section, settings.map(([name]) => name)]);

it('settings are found by key, value, source and meaning, all words together', () => {
  expect(found('')).toEqual([
    ['http', ['port', 'host']],
    ['s3', ['secret_key']],
  ]);
  expect(found('http.host')).toEqual([['http', ['host']]]);
  expect(found('8080')).toEqual([['http', ['port']]]);
  expect(found('LISTENS yaml')).toEqual([['http', ['host']]]);
  expect(found('listens nothing')).toEqual([]);
  expect(found('', true)).toEqual([
    ['http', ['host']],
    ['s3', ['secret_key']],
  ]);
});

it('values are written as in a settings file', () => {
  expect([null, undefined, 1, 'a b', ['x'], true].map(written)).toEqual([
    'null',
    'null',
    '1',
    'a b',
    '["x"]',
    'true',
  ]);
});
