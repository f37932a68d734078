import { describe, expect, it } from 'vitest';
import {
  checkExposure,
  clientOf,
  hostNameOf,
  isCrossSite,
  isKeyless,
  isLoopbackHost,
  isOwnHost,
} from '../../../src/http/exposure.ts';

const keys = (count: number) => ({ count: () => count });

describe('exposure', () => {
  it.each<[string, boolean]>([
    ['localhost', true],
    ['LOCALHOST', true],
    ['127.0.0.1', true],
    ['127.9.8.7', true],
    ['::1', true],
    ['[::1]', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['', false],
    ['10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['127.1', false],
    ['0x7f000001', false],
    ['2130706433', false],
  ])('%s is reached from this machine only: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });

  it('needs no key on a loopback host, as long as there is none', () => {
    expect(isKeyless({ host: '127.0.0.1', keys: 'auto' }, keys(0))).toBe(true);
    expect(isKeyless({ host: '127.0.0.1', keys: 'auto' }, keys(1))).toBe(false);
    expect(isKeyless({ host: '127.0.0.1', keys: 'always' }, keys(0))).toBe(false);
    expect(isKeyless({ host: '0.0.0.0', keys: 'auto' }, keys(0))).toBe(false);
  });

  it('refuses to be open to others', () => {
    const told = expect.objectContaining({
      code: 'CONFIG',
      message: expect.stringContaining('sidestream keys create'),
    });
    expect(() => checkExposure({ host: '0.0.0.0' }, keys(0))).toThrow(told);
    expect(() => checkExposure({ host: '::' }, keys(0))).toThrow(told);
    expect(() => checkExposure({ host: '0.0.0.0' }, keys(1))).not.toThrow();
    expect(() => checkExposure({ host: 'localhost' }, keys(0))).not.toThrow();
  });

  it.each<[string | undefined, string | undefined]>([
    ['127.0.0.1:8080', '127.0.0.1'],
    ['LocalHost.', 'localhost'],
    ['[::1]:80', '::1'],
    ['a.example', 'a.example'],
    ['localhost:80:80', undefined],
    ['localhost@evil', undefined],
    ['local host', undefined],
    ['::1', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('the host of %j is %j', (header, expected) => {
    expect(hostNameOf(header)).toBe(expected);
  });

  it('knows its own names', () => {
    const hosts = { hosts: ['Camera.lan'] };
    for (const name of ['localhost:8080', '127.0.0.1', '[::1]:1', 'camera.lan:80']) {
      expect(isOwnHost(name, hosts)).toBe(true);
    }
    for (const name of ['evil.example', '10.0.0.1', 'camera.lan.evil.example', undefined]) {
      expect(isOwnHost(name, hosts)).toBe(false);
    }
  });

  it.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ 'sec-fetch-site': 'same-origin' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, true],
    [{ origin: 'http://127.0.0.1:8080' }, false],
    [{ origin: 'http://localhost:5173' }, false],
    [{ origin: 'http://evil.example' }, true],
    [{ origin: 'http://localhost.evil.example' }, true],
    [{ origin: 'http://localhost@evil.example' }, true],
    [{ origin: 'null' }, true],
    [{ origin: 'file://' }, true],
  ])('%j comes from another site: %s', (headers, expected) => {
    expect(isCrossSite(headers, { hosts: [] })).toBe(expected);
  });

  it('counts clients by what they cannot have many of', () => {
    expect(clientOf('192.0.2.1')).toBe('192.0.2.1');
    expect(clientOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(clientOf('2001:db8:1:2:3:4:5:6')).toBe(clientOf('2001:db8:1:2::9'));
    expect(clientOf('2001:db8:1:2::1')).not.toBe(clientOf('2001:db8:1:3::1'));
  });
});
