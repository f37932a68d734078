import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { SidestreamError } from '../core/errors.ts';
import type { Keys } from '../jobs/jobs.ts';
import type { AppSettings } from './settings.ts';

/** Who can reach the server, and who may ask it without a key. Pure. */

/** True for `localhost` and for addresses that only this machine reaches; false for `0.0.0.0` and `::`. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (name === 'localhost') return true;
  return isIP(name) !== 0 && ipaddr.process(name).range() === 'loopback';
}

/** True where requests need no key at present. */
export const isKeyless = (settings: Pick<AppSettings, 'host' | 'keys'>, keys: Pick<Keys, 'count'>): boolean =>
  settings.keys === 'auto' && isLoopbackHost(settings.host) && keys.count() === 0;

/** Throws CONFIG where the server could be reached from other machines and nobody has a key. */
export function checkExposure(settings: Pick<AppSettings, 'host'>, keys: Pick<Keys, 'count'>): void {
  if (isLoopbackHost(settings.host) || keys.count() > 0) return;
  throw new SidestreamError(
    'CONFIG',
    `http.host ${settings.host} can be reached from other machines, and there is no key: make one with ` +
      '"sidestream keys create", or listen on 127.0.0.1',
  );
}

/** The name in a Host header, in lower case, without port and brackets; undefined where it is none. */
export function hostNameOf(header: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(header ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}

/**
 * Whether a server without keys may be asked by this Host header. A page elsewhere can have its own name point to this
 * machine (DNS rebinding): then the browser takes us for its server, and only the name tells.
 */
export function isOwnHost(header: string | undefined, { hosts }: Pick<AppSettings, 'hosts'>): boolean {
  const name = hostNameOf(header);
  if (name === undefined) return false;
  return isLoopbackHost(name) || hosts.some((host) => hostNameOf(host) === name);
}

/** Whether a browser says that a page of another site sends this. */
export function isCrossSite(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  settings: Pick<AppSettings, 'hosts'>,
): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  const [, host] = /^https?:\/\/([^/?#@]+)$/i.exec(String(origin)) ?? [];
  return !isOwnHost(host, settings);
}

/** What one client is counted by: its address; of IPv6 the network, of which one client has as many as it likes. */
export function clientOf(address: string): string {
  if (isIP(address) === 0) return address;
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
