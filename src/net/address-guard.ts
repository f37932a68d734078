import { lookup as lookUp } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { type AddressKind, type Block, isWithin, kindOf, parseBlock } from './address-kind.ts';

/** An address as the resolver gives it; `family` is 4 or 6. */
export interface Resolved {
  readonly address: string;
  readonly family: number;
}

export interface GuardOptions {
  /**
   * What may be asked besides the public internet. Blocks (`10.1.0.0/16`, `::1`) and host names (`minio`), whose
   * addresses are then not looked at; `private` for one's own networks (loopback, RFC 1918, unique local,
   * carrier-grade NAT), but not for link-local and the metadata services of clouds; `*` for everything.
   */
  readonly allow: readonly string[];
}

/** What stands between a server and the addresses that strangers give it. Holds nothing open. */
export interface Guard {
  /**
   * Judges an address before anything is asked. That of a host that is an IP literal for good, since Node connects to
   * those without a lookup; names are judged by `lookup`, when it is known where they lead. Throws ADDRESS_REFUSED, with the host and the reason, never a password or query.
   */
  judgeUrl(address: string | URL): URL;
  /** Where a name leads, asked for once and judged. Throws ADDRESS_REFUSED, and what the resolver throws. */
  resolve(host: string): Promise<readonly Resolved[]>;
  /** `resolve` for the `lookup` option of `net.connect` and `tls.connect`: they go to the judged addresses, no others. */
  readonly lookup: LookupFunction;
}

const resolveByTheSystem = (host: string): Promise<readonly Resolved[]> => lookUp(host, { all: true });

/** The kinds that `private` allows. */
const OWN: ReadonlySet<AddressKind> = new Set(['loopback', 'private', 'unique local', 'carrier-grade NAT']);

/** `deps.resolve` stands in for the system's resolver. Throws CONFIG for an entry of `allow` that means nothing. */
export function createGuard(
  { allow }: GuardOptions,
  deps: { readonly resolve: (host: string) => Promise<readonly Resolved[]> } = {
    resolve: resolveByTheSystem,
  },
): Guard {
  const { everything, own, blocks, names } = parseAllowed(allow);

  const allowsName = (host: string) => everything || names.has(plain(host));
  const allowsAddress = (address: string, kind: AddressKind) =>
    kind === 'public' ||
    everything ||
    (own && OWN.has(kind)) ||
    blocks.some((block) => isWithin(address, block));

  /** `host` is what the person wrote, and all that a refusal tells: where internal names lead is not theirs to learn. */
  function judgeAddress(address: string, host: string): void {
    const kind = kindOf(address);
    if (!allowsAddress(address, kind)) throw refusal(host, kind);
  }

  function judgeUrl(address: string | URL): URL {
    const url = parseUrl(address);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      const scheme = url.protocol.replace(':', '');
      throw new SidestreamError('ADDRESS_REFUSED', `${scheme} is not asked: give an http or https address`);
    }
    const host = bare(url.hostname);
    if (allowsName(host)) return url;
    if (isIP(host) !== 0) judgeAddress(host, host);
    // RFC 6761 makes these loopback whatever a resolver says.
    const local = /(^|\.)localhost$/.test(plain(host));
    if (local && !['127.0.0.1', '::1'].some((one) => allowsAddress(one, 'loopback'))) {
      throw refusal(host, 'loopback');
    }
    return url;
  }

  async function resolve(host: string): Promise<readonly Resolved[]> {
    const name = bare(host);
    const found = isIP(name) === 0 ? await deps.resolve(name) : [{ address: name, family: isIP(name) }];
    // One bad address condemns the name. To leave it out and go on would be as safe, but a name that is public and
    // private at once is an attack or a mistake, and should fail each time and not by the order of the answers.
    if (!allowsName(name)) for (const { address } of found) judgeAddress(address, name);
    return found;
  }

  const lookup: LookupFunction = (host, options, callback) => {
    const family = { IPv4: 4, IPv6: 6 }[String(options.family)] ?? Number(options.family ?? 0);
    resolve(host)
      .then((found) => {
        const fit = found.filter((one) => family === 0 || one.family === family);
        if (fit.length === 0) throw Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' });
        return fit;
      })
      .then(
        // Out of the promise: what the callback throws is not ours to catch.
        (fit) =>
          process.nextTick(() =>
            options.all === true ? callback(null, [...fit]) : callback(null, fit[0]!.address, fit[0]!.family),
          ),
        (error) => process.nextTick(() => callback(error, [])),
      );
  };

  return { judgeUrl, resolve, lookup };
}

interface Allowed {
  readonly everything: boolean;
  readonly own: boolean;
  readonly blocks: readonly Block[];
  readonly names: ReadonlySet<string>;
}

function parseAllowed(allow: readonly string[]): Allowed {
  const blocks: Block[] = [];
  const names = new Set<string>();
  for (const entry of allow) {
    if (entry === '*' || entry === 'private') continue;
    const block = parseBlock(entry);
    if (block !== undefined) blocks.push(block);
    // A name ends with a letter's label: else it would be an odd spelling of an address, which no URL has as its host.
    else if (/^([a-z0-9_-]+\.)*[a-z0-9_-]*[a-z_][a-z0-9_-]*\.?$/i.test(entry)) names.add(plain(entry));
    else {
      const what = `the allowed address ${redact(entry)} is no block of addresses and no host name`;
      throw new SidestreamError('CONFIG', `${what}: write 10.1.0.0/16, a name such as minio, private or *`);
    }
  }
  return { everything: allow.includes('*'), own: allow.includes('private'), blocks, names };
}

/** An address for messages: scheme, host and path, since a query may hold tokens under any name. */
export function nameAddress(address: string | URL): string {
  if (!URL.canParse(String(address))) return 'the address';
  const { protocol, host, pathname } = new URL(address);
  return redact(`${protocol}//${host}${pathname.length > 200 ? `${pathname.slice(0, 200)}…` : pathname}`);
}

function parseUrl(address: string | URL): URL {
  // What it says is left out: nobody knows where a password begins in what can't be parsed.
  if (!URL.canParse(String(address))) {
    throw new SidestreamError(
      'ADDRESS_REFUSED',
      'this is no address: give one such as https://host/video.mp4',
    );
  }
  return new URL(address);
}

function refusal(host: string, kind: AddressKind): SidestreamError {
  const message = `${host} is not asked, its address is not public (${kind})`;
  return new SidestreamError(
    'ADDRESS_REFUSED',
    `${message}: give a public address, or have this host allowed`,
  );
}

/** The host of a URL without the brackets of IPv6. */
const bare = (host: string) => host.replace(/^\[(.*)\]$/, '$1');
/** A name for comparison: `MinIO.` is `minio`. */
const plain = (host: string) => host.toLowerCase().replace(/\.$/, '');
