import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `public` is what anybody on the internet may be asked at; every other kind says why an address is none of that. */
export type AddressKind =
  | 'public'
  | 'loopback'
  | 'private'
  | 'unique local'
  | 'carrier-grade NAT'
  | 'link-local'
  | 'cloud metadata'
  | 'unspecified'
  | 'multicast'
  | 'broadcast'
  | 'reserved'
  | 'not an address';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A block of addresses: those whose first `bits` are those of `start`. */
export interface Block {
  readonly start: Address;
  readonly bits: number;
}

/**
 * Where clouds hand out the credentials of a machine, as far as that is not within 169.254/16, which is refused whole:
 * Alibaba, Azure (a public range), AWS and Google over IPv6.
 */
const METADATA = ['100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254'].map((one) =>
  ipaddr.parse(one).toNormalizedString(),
);

/** The ranges of ipaddr.js that have a name here; all others but `unicast` are reserved for something. */
const KINDS: Readonly<Record<string, AddressKind>> = {
  loopback: 'loopback',
  private: 'private',
  uniqueLocal: 'unique local',
  carrierGradeNat: 'carrier-grade NAT',
  linkLocal: 'link-local',
  unspecified: 'unspecified',
  multicast: 'multicast',
  broadcast: 'broadcast',
};

const NAT64 = ipaddr.IPv6.parse('64:ff9b::');
/** All that was ever given out for use on the internet. ipaddr.js calls what lies outside `unicast` as well. */
const GLOBAL = ipaddr.IPv6.parse('2000::');

/** What an address, as written by `dns.lookup` or in the host of a WHATWG URL without its brackets, is. */
export function kindOf(text: string): AddressKind {
  const written = parse(text);
  if (written === undefined) return 'not an address';
  const address = embedded(written) ?? written;
  if (METADATA.includes(address.toNormalizedString())) return 'cloud metadata';
  const range: string = address.range();
  if (range !== 'unicast') return KINDS[range] ?? 'reserved';
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL, 3) ? 'public' : 'reserved';
}

/** True when `text` is an address within the block, also where it is an IPv4 one in the clothes of IPv6. */
export function isWithin(text: string, { start, bits }: Block): boolean {
  const written = parse(text);
  if (written === undefined) return false;
  return [written, embedded(written)].some(
    (address) => address !== undefined && address.kind() === start.kind() && address.match(start, bits),
  );
}

/** `10.0.0.0/8`, `fd00::/8` or one address. Undefined for anything else. */
export function parseBlock(text: string): Block | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const start = parse(address);
  if (start === undefined || rest.length > 0 || address.includes('%')) return undefined;
  const most = start.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return { start, bits: most };
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? { start, bits: Number(bits) } : undefined;
}

/** ipaddr.js also reads `10` and `0x7f.1` as addresses; what is none to Node is a name. Zones change nothing here. */
function parse(text: string): Address | undefined {
  return isIP(text) === 0 ? undefined : ipaddr.parse(text.replace(/%.*$/, ''));
}

/**
 * The IPv4 address that packets to this IPv6 one end at: mapped ones, and those of NAT64, by which a network without
 * IPv4 reaches all of it. 6to4, Teredo and the like stay what they are, reserved: nothing of today is served there.
 */
function embedded(address: Address): ipaddr.IPv4 | undefined {
  if (!(address instanceof ipaddr.IPv6)) return undefined;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(NAT64, 96) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : undefined;
}
