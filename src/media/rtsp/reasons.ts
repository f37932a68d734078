import { SidestreamError } from '../../core/errors.ts';

/** What ffmpeg says of a camera, in words that tell what to do. `name`: the camera, without credentials. */
export function reasonOf(lines: readonly string[], name: string): SidestreamError {
  const said = lines.join('\n');
  const away = (why: string) => new SidestreamError('CAMERA_AWAY', `${name} ${why}`);
  const refused = (why: string) => new SidestreamError('CAMERA_REFUSED', `${name} ${why}`);
  if (/401 Unauthorized|403 Forbidden|authorization failed/i.test(said))
    return refused('does not let us in: check user and password, and the rights of that user');
  if (/404|Stream Not Found|454 Session/i.test(said))
    return refused('has no such stream: check the path behind the host');
  if (/461|Unsupported Transport|Nonmatching transport/i.test(said))
    return refused('does not send that way: try another transport (tcp, udp)');
  if (/Connection refused/i.test(said)) return away('refuses connections: is it on, and is this its port?');
  if (/resolve hostname|Name or service not known|getaddrinfo/i.test(said))
    return away('has a name that nobody knows: check the host');
  if (/No route to host|Network is unreachable|Host is (down|unreachable)/i.test(said))
    return away('cannot be reached: check the network');
  if (/timed out|Operation timed out|ETIMEDOUT/i.test(said)) return away('does not answer');
  if (/5\d\d |Server returned 5|Service Unavailable/i.test(said))
    return away('says that it cannot serve now');
  if (/matches no streams|does not contain any stream/i.test(said))
    return refused('has no such video track: check the track');
  if (/No such (file|device)|ENOENT/i.test(said)) return away('is not there');
  if (/Invalid data found|could not find codec parameters|unspecified size/i.test(said))
    return new SidestreamError('CAMERA_SILENT', `${name} sends nothing that can be decoded`);
  const last = lines.at(-1)?.replace(/^(\[[^\]]*\] ?)+/, '');
  return away(last ? `has gone: ${last}` : 'has gone');
}
