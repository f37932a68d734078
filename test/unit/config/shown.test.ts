import { expect, it } from 'vitest';
import { describedSettings } from '../../../src/config/described.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { shownSettings } from '../../../src/config/shown.ts';

const SECRETS = ['open-sesame', 'of-the-bucket', 'of-the-proxy', 'of-the-hook', 'of-the-broker', 'c2VjcmV0'];

const load = () =>
  loadConfig({
    environment: {
      SIDESTREAM_REDIS_URL: 'redis+sentinel://:open-sesame@one:26379,two:26379/master',
      SIDESTREAM_S3__ACCESS_KEY: 'of-the-bucket-1',
      SIDESTREAM_S3__SECRET_KEY: 'of-the-bucket-2',
      SIDESTREAM_CLIENT__KEY: 'open-sesame',
      SIDESTREAM_WEBHOOKS__SECRET: `whsec_${'c2VjcmV0'.repeat(5)}`,
      SIDESTREAM_FETCH__PROXY: 'http://me:of-the-proxy@proxy:3128',
      SIDESTREAM_MQTT__URL: 'mqtt://me:of-the-broker@broker',
      SIDESTREAM_EVENTS__WEBHOOKS:
        'https://me:of-the-hook@one.example/,https://two.example/?token=of-the-hook',
    },
  });

it('shows no secret, wherever it stands', () => {
  const text = JSON.stringify([...shownSettings(load().settings)]);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
  const shown = shownSettings(load().settings);
  expect(shown.get('s3.secret_key')).toEqual({ value: '***', source: 'SIDESTREAM_S3__SECRET_KEY' });
  expect(shown.get('redis.url')).toEqual({
    value: 'redis+sentinel://***@one:26379,two:26379/master',
    source: 'SIDESTREAM_REDIS_URL',
  });
  expect(shown.get('events.webhooks')?.value).toEqual([
    'https://***@one.example/',
    'https://two.example/?token=***',
  ]);
});

it('tells a secret that is not set from one that is', () => {
  const { settings } = loadConfig({ environment: {} });
  expect(shownSettings(settings).get('s3.secret_key')).toEqual({ value: null, source: 'default' });
});

it('leaves all else as it is, and says what it means', () => {
  const { settings } = loadConfig({ environment: { SIDESTREAM_HTTP__PORT: '81' } });
  const described = describedSettings(settings);
  expect([...described.keys()]).toEqual([...settings.keys()]);
  for (const [key, { value }] of settings) {
    if (typeof value !== 'string') expect(described.get(key)?.value).toEqual(value);
    expect(described.get(key)?.about).toMatch(/^[A-Za-z].{5,}\.$/);
  }
  expect(described.get('http.port')).toMatchObject({ value: 81, source: 'SIDESTREAM_HTTP__PORT' });
  // The first of a section, whose comment the parser gives to the section.
  expect(described.get('model.name')?.about).toBe('Name of a model pack, or the path of its folder.');
});
