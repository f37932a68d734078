import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { createGuard, type Guard, nameAddress } from '../../../src/net/address-guard.ts';
import { isWithin, kindOf, parseBlock } from '../../../src/net/address-kind.ts';

const strict = createGuard({ allow: [] });

/** A guard whose resolver gives one answer after another, and the last one for ever. */
function resolving(allow: string[], ...answers: string[][]) {
  const asked: string[] = [];
  const guard = createGuard(
    { allow },
    {
      resolve: async (host) => {
        const answer = answers[Math.min(asked.length, answers.length - 1)]!;
        asked.push(host);
        return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      },
    },
  );
  return { guard, asked };
}

const lookUp = (guard: Guard, host: string, options: { all?: boolean; family?: number } = { all: true }) =>
  new Promise<string | LookupAddress[]>((resolve, reject) => {
    guard.lookup(host, options, (error, address) => (error ? reject(error) : resolve(address)));
  });

describe('kindOf', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b:1::a00:1', 'reserved'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['::7f00:1', 'reserved'],
    ['::ffff:0:127.0.0.1', 'reserved'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['100.100.100.200', 'cloud metadata'],
    ['168.63.129.16', 'cloud metadata'],
    ['fd00:ec2::254', 'cloud metadata'],
    ['fd00:ec2:0:0::254%eth0', 'cloud metadata'],
    ['169.254.169.254', 'link-local'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['fec0::1', 'reserved'],
    ['fc00::1', 'unique local'],
    ['fdff::1', 'unique local'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['192.0.0.1', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['192.88.99.1', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['198.51.100.1', 'reserved'],
    ['203.0.113.1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['3fff::1', 'reserved'],
    ['2002:7f00:1::', 'reserved'],
    ['2002:808:808::', 'reserved'],
    ['2001:0:808:808::f5ff:fffe', 'reserved'],
    ['100::1', 'reserved'],
    ['5f00::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['127.1', 'not an address'],
    ['10', 'not an address'],
    ['example.com', 'not an address'],
  ])('%s is %s', (address, kind) => {
    expect(kindOf(address)).toBe(kind);
  });
});

describe('blocks', () => {
  it.each(['10.0.0.0/8', '::1', '127.0.0.1', 'fd00::/8', '0.0.0.0/0'])('reads %s', (text) => {
    expect(parseBlock(text)).toBeDefined();
  });
  it.each(['10', '10/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', 'fe80::1%eth0', 'minio', ''])(
    'refuses %s',
    (text) => expect(parseBlock(text)).toBeUndefined(),
  );
  it('hold IPv4 addresses in the clothes of IPv6', () => {
    const block = parseBlock('10.0.0.0/8')!;
    expect(isWithin('::ffff:10.1.2.3', block)).toBe(true);
    expect(isWithin('::ffff:11.1.2.3', block)).toBe(false);
    expect(isWithin('::a01:203', block)).toBe(false);
    expect(isWithin('10.example.com', block)).toBe(false);
  });
});

describe('judgeUrl', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.0.0.1./',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0X7F.1/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://%31%32%37.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://127。0。0。1/',
    'http:127.0.0.1',
    'http:\\\\127.0.0.1\\',
    'http://example.com@127.0.0.1/',
    'http://0/',
    'http://0.0.0.0:8080/',
    'http://[::]/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:808:808::80ff:fffe]/',
    'http://[fe80::1]/',
    'http://[fe80::1%25eth0]/',
    'http://[fd12::1]/',
    'http://[fd00:ec2::254]/',
    'https://169.254.169.254/latest/meta-data/',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://0251.0376.0251.0376/',
    'http://10.1/',
    'http://192.168.0.1/',
    'http://172.16.5.5/',
    'http://100.64.1.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://a.localhost:80/',
    'file:///etc/passwd',
    'ftp://example.com/',
    'gopher://example.com/',
    'data:text/plain,a',
    'javascript:1',
    'unix:/var/run/docker.sock',
    '/etc/passwd',
    'example.com',
    'http://',
    '',
  ])('refuses %s', (address) => {
    expect(() => strict.judgeUrl(address)).toThrow(expect.objectContaining({ code: 'ADDRESS_REFUSED' }));
  });

  it.each([
    'http://8.8.8.8/',
    'https://example.com:8443/a?b#c',
    'http://[2606:4700::1]/',
    'http://localhost.example.com/',
    'http://1.1.1.1#@127.0.0.1/',
  ])('lets %s pass', (address) => {
    expect(strict.judgeUrl(address).href).toBe(new URL(address).href);
  });

  it('names the host and the reason, and neither password nor query', () => {
    expect(() => strict.judgeUrl('http://me:pass@10.0.0.1/hook?sesame=open')).toThrow(
      '10.0.0.1 is not asked, its address is not public (private): give a public address, or have this host allowed',
    );
    for (const address of ['http://me:sesame@', 'me:sesame@host', 'sesame']) {
      expect(() => strict.judgeUrl(address)).toThrow(expect.not.objectContaining({ message: /sesame/ }));
    }
  });
});

describe('what is allowed', () => {
  it.each<[string[], string, boolean]>([
    [['127.0.0.1'], 'http://2130706433/', true],
    [['127.0.0.1'], 'http://[::ffff:127.0.0.1]/', true],
    [['127.0.0.1'], 'http://127.0.0.2/', false],
    [['127.0.0.0/8'], 'http://127.0.0.2/', true],
    [['127.0.0.0/8'], 'http://localhost/', true],
    [['10.0.0.0/8'], 'http://localhost/', false],
    [['10.0.0.0/8'], 'http://10.9.9.9/', true],
    [['fd00::/8'], 'http://[fd12::1]/', true],
    [['localhost'], 'http://LOCALHOST./', true],
    [['private'], 'http://10.9.9.9/', true],
    [['private'], 'http://[::1]/', true],
    [['private'], 'http://[fd12::1]/', true],
    [['private'], 'http://localhost/', true],
    [['private'], 'http://169.254.169.254/', false],
    [['private'], 'http://100.100.100.200/', false],
    [['private'], 'http://[fd00:ec2::254]/', false],
    [['private'], 'http://0.0.0.0/', false],
    [['private', '169.254.169.254'], 'http://169.254.169.254/', true],
    [['*'], 'http://169.254.169.254/', true],
    [['*'], 'file:///etc/passwd', false],
  ])('%j: %s is %s', (allow, address, passes) => {
    const judge = () => createGuard({ allow }).judgeUrl(address);
    if (passes) expect(judge).not.toThrow();
    else expect(judge).toThrow(expect.objectContaining({ code: 'ADDRESS_REFUSED' }));
  });

  it.each(['10.0.0.0/99', 'http://minio', 'minio:9000', '*.internal', '0x7f.1', '127.1', '', ' '])(
    'CONFIG for %j',
    (entry) => {
      expect(() => createGuard({ allow: [entry] })).toThrow(expect.objectContaining({ code: 'CONFIG' }));
    },
  );

  it('leaves where an allowed name leads to its owner', async () => {
    const { guard } = resolving(['minio.Internal'], ['10.0.0.7']);
    expect(await lookUp(guard, 'MINIO.internal.')).toEqual([{ address: '10.0.0.7', family: 4 }]);
    await expect(lookUp(guard, 'x.minio.internal')).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});

describe('lookup', () => {
  it('asks once and gives what it judged', async () => {
    const { guard, asked } = resolving([], ['8.8.8.8', '2606:4700::1']);
    expect(await lookUp(guard, 'good.test')).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
    expect(asked).toEqual(['good.test']);
    expect(await lookUp(guard, 'good.test', {})).toBe('8.8.8.8');
    expect(await lookUp(guard, 'good.test', { family: 6 })).toBe('2606:4700::1');
  });

  it('refuses a name once it leads elsewhere', async () => {
    const { guard } = resolving([], ['8.8.8.8'], ['127.0.0.1']);
    await lookUp(guard, 'rebind.test');
    await expect(lookUp(guard, 'rebind.test')).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it.each([
    [['8.8.8.8', '10.0.0.1']],
    [['8.8.8.8', '::ffff:10.0.0.1']],
    [['fe80::1%eth0']],
    [['169.254.169.254']],
    [['nonsense']],
  ])('refuses a name with one bad address: %j, and does not tell where it leads', async (answer) => {
    const { guard } = resolving([], answer);
    await expect(lookUp(guard, 'mixed.test')).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
      message: expect.stringMatching(
        /^mixed\.test is not asked, its address is not public \([a-z- ]+\):[^0-9]*$/,
      ),
    });
  });

  it('says when a name has no address', async () => {
    const { guard } = resolving([], []);
    await expect(lookUp(guard, 'none.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

it.each([
  ['https://me:secret@host:8443/a/b.mp4?token=x&y=z#f', 'https://host:8443/a/b.mp4'],
  ['nonsense with secret', 'the address'],
])('nameAddress: %s is %s', (address, name) => {
  expect(nameAddress(address)).toBe(name);
});
