import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../../../src/media/rtsp/reasons.ts';

const NAME = 'rtsp://***@cam/Streaming/Channels/461';

/** What ffmpeg 5.1 says, and what becomes of it. */
const SAID: readonly (readonly [string, string, RegExp])[] = [
  [
    '[rtsp @ 0x55fc17e35380] [error] method DESCRIBE failed: 401 Unauthorized\n[error] URL: Server returned 401 Unauthorized (authorization failed)',
    'CAMERA_REFUSED',
    /check user and password/,
  ],
  ['[error] URL: Server returned 403 Forbidden (access denied)', 'CAMERA_REFUSED', /the rights of that user/],
  [
    '[rtsp @ 0x563ad1381380] [error] method DESCRIBE failed: 404 Not Found\n[error] URL: Server returned 404 Not Found',
    'CAMERA_REFUSED',
    /no such stream: check the path/,
  ],
  [
    '[rtsp @ 0x560bdca00380] [error] method SETUP failed: 461 Unsupported Transport\n[error] URL: Protocol not supported',
    'CAMERA_REFUSED',
    /another transport/,
  ],
  [
    '[rtsp @ 0x5619f4d82380] [error] method DESCRIBE failed: 503 Service Unavailable\n[error] URL: Server returned 5XX Server Error reply',
    'CAMERA_AWAY',
    /cannot serve now/,
  ],
  [
    '[http @ 0x55c7b50ab140] [warning] HTTP error 500 Internal Server Error\n[error] URL: Server returned 5XX Server Error reply',
    'CAMERA_AWAY',
    /cannot serve now/,
  ],
  [
    '[tcp @ 0x5601588cc580] [error] Connection to tcp://127.0.0.1:34111?timeout=15000000 failed: Connection refused\n[error] URL: Connection refused',
    'CAMERA_AWAY',
    /is it on, and is this its port/,
  ],
  [
    '[tcp @ 0x563dfded0580] [error] Failed to resolve hostname no-such-host.invalid: Name or service not known\n[error] URL: Input/output error',
    'CAMERA_AWAY',
    /check the host/,
  ],
  ['[error] URL: No route to host', 'CAMERA_AWAY', /check the network/],
  ['[error] URL: Connection timed out', 'CAMERA_AWAY', /does not answer/],
  [
    "[fatal] Stream map '0:v:3' matches no streams.\nTo ignore this, add a trailing '?' to the map.",
    'CAMERA_REFUSED',
    /check the track/,
  ],
  ['[error] URL: Invalid data found when processing input', 'CAMERA_SILENT', /can be decoded/],
  ['[error] URL: No such file or directory', 'CAMERA_AWAY', /is not there/],
  ['[error] URL: Protocol not found', 'CAMERA_REFUSED', /check its beginning/],
  [
    '[rtmp @ 0x55b30d7840c0] [error] Cannot read RTMP handshake response\n[error] URL: End of file',
    'CAMERA_AWAY',
    /has gone: End of file$/,
  ],
  ['', 'CAMERA_AWAY', /has gone$/],
];

const lines = (said: string) => (said === '' ? [] : said.replaceAll('URL', NAME).split('\n'));

describe('the reason why a camera is away', () => {
  it.each(SAID)('%s', (said, code, message) => {
    const reason = reasonOf({ lines: lines(said) }, NAME);
    expect(reason.code).toBe(code);
    expect(reason.message).toMatch(message);
    expect(reason.message.startsWith(NAME)).toBe(true);
    expect(reason.message).not.toMatch(/0x[0-9a-f]+|\[error\]/);
  });

  it('does not hang on numbers in addresses, marks and warnings', () => {
    const said = [
      '[rtsp @ 0x4044614010dc] [warning] RTP: missed 404 packets',
      '[rtsp @ 0x4044614010dc] [warning] RTP: missed 503 packets, Connection refused',
      `[error] ${NAME}: Input/output error`,
    ];
    expect(reasonOf({ lines: said }, NAME).message).toBe(`${NAME} has gone: Input/output error`);
  });

  it('is not what was said of single pictures', () => {
    const said = ['[h264 @ 0x5627cb8f71c0] [error] Invalid data found when processing input'];
    expect(reasonOf({ lines: said }, NAME).code).toBe('CAMERA_SILENT');
    expect(reasonOf({ lines: said }, NAME, true)).toMatchObject({
      code: 'CAMERA_AWAY',
      message: `${NAME} has gone`,
    });
  });

  it('is told where somebody has ended ffmpeg', () => {
    expect(reasonOf({ lines: [], killedBy: 'SIGKILL' }, NAME).message).toMatch(/ended by SIGKILL$/);
  });

  it('holds no secrets', () => {
    const said = [
      '[error] something odd at rtsp://me:secret@cam/x, passphrase=secret, /user=me_password=secret_channel=1',
    ];
    expect(reasonOf({ lines: said }, NAME).message).not.toContain('secret');
  });
});
