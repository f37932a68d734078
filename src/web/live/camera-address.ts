/** Addresses of cameras as people paste them, with or without user and password. */

export interface CameraAddress {
  /** Without user and password. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

const WITH_USER = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@(.*)$/is;

/** Takes user and password out of an address. Passwords with an `@` that was not written `%40` are understood, too. */
export function partsOfAddress(text: string): CameraAddress {
  const [, scheme = '', given, rest = ''] = WITH_USER.exec(text.trim()) ?? [];
  if (given === undefined) return { address: text.trim(), user: '', password: '' };
  const at = given.indexOf(':');
  const [user, password] = at < 0 ? [given, ''] : [given.slice(0, at), given.slice(at + 1)];
  return { address: `${scheme}${rest}`, user: decoded(user), password: decoded(password) };
}

/** The whole address again, as the server takes it. What has no scheme, such as a device or a file, has no user either. */
export function wholeAddress({ address, user, password }: CameraAddress): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(address.trim()) ?? [];
  if (!scheme || (!user && !password)) return address.trim();
  return `${scheme}${encoded(user)}:${encoded(password)}@${rest}`;
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that stands for itself.
    return text;
  }
}
