import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '../../../src/queue/connection.ts';

describe('addresses of Redis', () => {
  it.each([
    ['redis://127.0.0.1', 'single', { host: '127.0.0.1', port: 6379 }],
    ['redis://jobs:6380/2', 'single', { host: 'jobs', port: 6380, db: 2 }],
    [
      'redis://u%3A:p%40%2F@[::1]:1/0',
      'single',
      { host: '::1', port: 1, db: 0, username: 'u:', password: 'p@/' },
    ],
    ['redis://:p@h', 'single', { host: 'h', port: 6379, password: 'p' }],
    ['rediss://h', 'single', { host: 'h', port: 6379, tls: {} }],
    ['unix:///run/redis/r.sock?db=3', 'single', { path: '/run/redis/r.sock', db: 3 }],
    ['redis+sentinel://:p@a,b:26380/main/1', 'sentinel', { name: 'main', db: 1, password: 'p' }],
    ['rediss+cluster://a:7000,b:7001', 'cluster', { tls: {} }],
  ] as const)('%s', (url, kind, options) => {
    expect(parseRedisUrl(url)).toMatchObject({ kind, options });
  });

  it('name all servers where there are several', () => {
    expect(parseRedisUrl('redis+sentinel://a,b:26380/main').nodes).toEqual([
      { host: 'a', port: 26_379 },
      { host: 'b', port: 26_380 },
    ]);
    expect(parseRedisUrl('redis+cluster://a:7000,[::1]:7001').nodes).toEqual([
      { host: 'a', port: 7000 },
      { host: '::1', port: 7001 },
    ]);
  });

  it.each([
    ['http://h', /must begin with redis/],
    ['redis://a,b', /several hosts/],
    ['redis+sentinel://a', /name of the master/],
    ['redis://h/x', /no number of a database/],
    ['redis://:verysecret@ho st:99999999', /is no host/],
    ['rediss://h?ca=/nowhere/ca.pem', /cannot be read/],
  ])('%s is refused', (url, why) => {
    expect(() => parseRedisUrl(url)).toThrow(why);
    expect(() => parseRedisUrl(url)).not.toThrow(/verysecret/);
  });
});
