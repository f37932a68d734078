import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { redactCamera } from '../../../src/core/camera-address.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { nameOf } from '../../../src/streams/address.ts';
import { describeChange, describeStream } from '../../../src/streams/describe.ts';
import { readStream } from '../../../src/streams/description.ts';
import { streamPatchSchema, streamRequestSchema } from '../../../src/streams/request.ts';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'sidestream-streams-')));
  await writeFile(join(folder, 'loop.mp4'), 'x');
  await symlink('/etc/hostname', join(folder, 'link.mp4'));
});
afterAll(() => rm(folder, { recursive: true }));

const NAMES: Record<string, string> = {
  camera: '192.168.1.20',
  'public.example': '93.184.216.34',
  'rebound.example': '169.254.169.254',
};
const resolve = async (host: string) => {
  const address = NAMES[host];
  if (!address) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  return [{ address, family: 4 }];
};

function settings(environment: Record<string, string> = {}) {
  return loadConfig({ environment: { SIDESTREAM_JOBS__ROOTS: folder, HOME: folder, ...environment } }).config;
}
function ask(body: object, environment?: Record<string, string>) {
  const config = settings(environment);
  const guard = createGuard({ allow: config.live.allow_addresses }, { resolve });
  return describeStream(streamRequestSchema.parse({ vocabulary: 'road', ...body }), { config, guard });
}

describe('url', () => {
  it.each([
    'rtsp://192.168.1.20/stream',
    'rtsp://camera:8554/stream?channel=1',
    'rtsps://user:p%40ss@camera/stream',
    'RTSP://10.0.0.5/Streaming/Channels/101',
    'rtmp://127.0.0.1/live/key',
    'srt://[fd00::5]:9000?mode=caller&passphrase=sesame',
    'udp://127.0.0.1:5000',
    'http://public.example/video.mjpg',
    'https://localhost/live/index.m3u8',
    'rtsp://known-to-the-worker.lan/stream',
  ])('may be %s', async (url) => {
    expect((await ask({ url })).url).toBe(url);
  });

  it.each([
    ['rtsp://169.254.169.254/', 'ADDRESS_REFUSED'],
    ['http://169.254.10.1/video', 'ADDRESS_REFUSED'],
    ['rtsp://[fe80::1]/', 'ADDRESS_REFUSED'],
    ['rtsp://2852039166/', 'ADDRESS_REFUSED'],
    ['rtsp://0xa9fea9fe/', 'ADDRESS_REFUSED'],
    ['rtsp://[::ffff:169.254.169.254]/', 'ADDRESS_REFUSED'],
    ['rtsp://rebound.example/', 'ADDRESS_REFUSED'],
    ['rtsp://me:secret@169.254.169.254/', 'ADDRESS_REFUSED'],
    ['udp://239.0.0.1:1234', 'ADDRESS_REFUSED'],
    ['udp://0.0.0.0:1234', 'ADDRESS_REFUSED'],
    ['file:///etc/passwd', 'ADDRESS_REFUSED'],
    ['concat:/etc/passwd', 'USAGE'],
    ['tcp://camera:80', 'ADDRESS_REFUSED'],
    ['rtsp://public.example\\@169.254.169.254/', 'USAGE'],
    ['rtsp://public.example/ -i /etc/passwd', 'USAGE'],
    ['rtsp:////169.254.169.254/', 'USAGE'],
    ['rtsp://', 'USAGE'],
    ['rtsp://a:b:c/', 'USAGE'],
    ['street.mp4', 'USAGE'],
    ['-i', 'USAGE'],
    ['/etc/hostname', 'INPUT_UNREADABLE'],
    ['/dev/video0', 'INPUT_UNREADABLE'],
    ['/dev/../etc/hostname', 'INPUT_UNREADABLE'],
  ])('may not be %s', async (url, code) => {
    const error = await ask({ url }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code });
    expect(error.message).not.toContain('secret');
  });

  it('may be what the settings allow', async () => {
    const allow = { SIDESTREAM_LIVE__ALLOW_ADDRESSES: '239.0.0.0/8' };
    expect((await ask({ url: 'udp://239.0.0.1:1234' }, allow)).url).toBe('udp://239.0.0.1:1234');
    await expect(ask({ url: 'rtsp://camera/' }, allow)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    const device = { SIDESTREAM_JOBS__ROOTS: '/dev/video0' };
    expect((await ask({ url: '/dev/video0' }, device)).url).toBe('/dev/video0');
    await expect(ask({ url: '/dev/video1' }, device)).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
    expect((await ask({ url: '/dev/video1' }, { SIDESTREAM_JOBS__ROOTS: '/dev' })).url).toBe('/dev/video1');
  });

  it('may be a file below a root, and no other', async () => {
    const { url, name } = await ask({ url: `${folder}/loop.mp4` });
    expect([url, name]).toEqual([join(folder, 'loop.mp4'), 'loop.mp4']);
    await expect(ask({ url: `${folder}/none.mp4` })).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    await expect(ask({ url: `${folder}/link.mp4` })).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
  });

  it('counts where it is published, too', async () => {
    const url = 'rtsp://camera/';
    expect((await ask({ url, output: { rtsp: 'rtsp://camera:8554/out' } })).output.rtsp).toBe(
      'rtsp://camera:8554/out',
    );
    await expect(ask({ url, output: { rtsp: 'rtsp://169.254.169.254/out' } })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    });
  });
});

describe('an address is shown', () => {
  it.each([
    ['rtsp://admin:secret@camera:554/ch1', 'rtsp://***@camera:554/ch1'],
    ['rtsp://camera/ch1?user=me&pwd=secret&channel=1', 'rtsp://camera/ch1?user=me&pwd=***&channel=1'],
    ['srt://host:9000?passphrase=secret', 'srt://host:9000?passphrase=***'],
    ['rtsp://camera/user=admin_password=secret_channel=1', 'rtsp://camera/user=admin_password=***_channel=1'],
    ['rtsp://camera/user=admin&password=&channel=1', 'rtsp://camera/user=admin&password=&channel=1'],
    ['/srv/loop.mp4', '/srv/loop.mp4'],
  ])('%s', (address, shown) => {
    expect(redactCamera(address)).toBe(shown);
  });

  it.each([
    ['rtsp://admin:secret@gate.lan:554/ch1', 'gate.lan'],
    ['srt://[fd00::5]:9000?passphrase=x', '[fd00::5]'],
    ['/srv/loop.mp4', 'loop.mp4'],
    ['/dev/video0', 'video0'],
  ])('%s is called %s', (address, name) => {
    expect(nameOf(address)).toBe(name);
  });
});

describe('what is asked for', () => {
  const url = 'rtsp://camera/stream';

  it('is decided by the settings where it does not say', async () => {
    const environment = { SIDESTREAM_LIVE__POLICY: 'every:3', SIDESTREAM_SEGMENT__CRF: '30' };
    const description = await ask({ url, output: { opacity: 0.1 } }, environment);
    expect(description).toMatchObject({
      revision: 1,
      name: 'camera',
      transport: 'tcp',
      track: 0,
      policy: 'every:3',
      between: 'hold',
      output: { hls: true, rtsp: null, audio: true, encoder: { crf: 30 }, style: { opacity: 0.1 } },
    });
    const storage = { read: async () => Buffer.from(JSON.stringify(description)) };
    expect(await readStream(description.id, 1, storage)).toEqual(description);
  });

  it('changes as it is said, and not otherwise', async () => {
    const config = settings();
    const before = await ask({ url, vocabulary: 'road, car|vehicle', things: ['car'], policy: 'all' });
    const after = describeChange(
      before,
      streamPatchSchema.parse({ vocabulary: 'a\\, b, bus|coach', between: 'move', name: ' Gate ' }),
      config,
    );
    expect(after).toEqual({
      ...before,
      revision: 2,
      name: 'Gate',
      between: 'move',
      words: { ...before.words, names: [['a, b'], ['bus', 'coach']] },
    });
    const next = describeChange(after, { things: [] }, config);
    expect(next.words).toEqual({ ...after.words, things: [] });
  });

  it.each([
    [{ vocabulary: '' }, 'USAGE'],
    [{ vocabulary: 'road, car|road' }, 'USAGE'],
  ])('is refused where it makes no sense: %j', async (patch, code) => {
    await expect(ask({ url, expand: 'none', ...patch })).rejects.toMatchObject({ code });
    const before = await ask({ url, expand: 'none' });
    expect(() => describeChange(before, patch, settings())).toThrow(expect.objectContaining({ code }));
  });
});
