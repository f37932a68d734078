import { redactCamera } from '../../core/camera-address.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { SidestreamError } from '../../core/errors.ts';

/** What ffmpeg says of a camera, by its words, and what that means: the first that fits. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /401 Unauthorized|403 Forbidden|authorization failed/i,
    'CAMERA_REFUSED',
    'does not let us in: check user and password, and the rights of that user',
  ],
  [
    /404 (Stream )?Not Found|Stream Not Found|454 Session/i,
    'CAMERA_REFUSED',
    'has no such stream: check the path behind the host',
  ],
  [
    /461 |Unsupported Transport|Nonmatching transport/i,
    'CAMERA_REFUSED',
    'does not send that way: try another transport (tcp, udp)',
  ],
  [
    /matches no streams|does not contain any stream/i,
    'CAMERA_REFUSED',
    'has no such video track: check the track',
  ],
  [
    /Protocol not found/i,
    'CAMERA_REFUSED',
    'has an address that this ffmpeg cannot read: check its beginning',
  ],
  [/Connection refused/i, 'CAMERA_AWAY', 'refuses connections: is it on, and is this its port?'],
  [
    /Failed to resolve hostname|Name or service not known|getaddrinfo/i,
    'CAMERA_AWAY',
    'has a name that nobody knows: check the host',
  ],
  [
    /No route to host|Network is unreachable|Host is (down|unreachable)/i,
    'CAMERA_AWAY',
    'cannot be reached: check the network',
  ],
  [/timed out|ETIMEDOUT/i, 'CAMERA_AWAY', 'does not answer'],
  [
    /failed: 5\d\d |HTTP error 5\d\d|Server returned 5|Service Unavailable/i,
    'CAMERA_AWAY',
    'says that it cannot serve now',
  ],
  [/No such (file|device)|ENOENT/i, 'CAMERA_AWAY', 'is not there'],
  [
    /Invalid data found|could not find codec parameters|unspecified size/i,
    'CAMERA_SILENT',
    'sends nothing that can be decoded',
  ],
];

/** `killedBy`: the signal that ended ffmpeg, if somebody else sent one. */
export interface Ending {
  readonly lines: readonly string[];
  readonly killedBy?: string | undefined;
}

/**
 * Why ffmpeg has ended, in words that tell what to do. `name`: the camera, without credentials. `begun`: pictures have come
 * before; what was said of single ones on the way then means nothing.
 */
export function reasonOf({ lines, killedBy }: Ending, name: string, begun = false): SidestreamError {
  if (killedBy !== undefined)
    return new SidestreamError('CAMERA_AWAY', `${name} is lost: ffmpeg was ended by ${killedBy}`);
  const errors = lines.filter((line) => !/\[warning\]/.test(line) || /HTTP error/.test(line));
  const said = (begun ? errors.slice(-2) : errors).map((line) => plain(line, name));
  for (const [words, code, what] of MEANINGS) {
    if (begun && code === 'CAMERA_SILENT') continue;
    if (said.some((line) => words.test(line))) return new SidestreamError(code, `${name} ${what}`);
  }
  const last = begun ? undefined : said.at(-1);
  return new SidestreamError('CAMERA_AWAY', `${name} ${last ? `has gone: ${last}` : 'has gone'}`);
}

/** A line without ffmpeg's marks and the address, which may have any number in it. */
const plain = (line: string, name: string): string =>
  redactCamera(line)
    .replace(/^(\[[^\]]*\] ?)+/, '')
    .replaceAll(name, '')
    .replace(/[a-z0-9+.-]+:\/\/\S*/gi, '')
    .replace(/^[: ]+/, '')
    .slice(0, 200);
