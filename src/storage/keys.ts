import { SidestreamError } from '../core/errors.ts';
import type { ByteRange } from './storage.ts';

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Bytes. File systems end names at 255; S3 ends keys at 1,024, of which a bucket's own prefix takes some. */
const LONGEST = { segment: 200, key: 800 };

/** True for one word of a key: `7` of `jobs/7/result.mp4`. */
export const isSegment = (text: string): boolean => SEGMENT.test(text) && text.length <= LONGEST.segment;

/** True for what may be a key. Such a key cannot lead out of the folder that it is joined to. */
export const isKey = (text: string): boolean =>
  text.length <= LONGEST.key && text.split('/').every((segment) => isSegment(segment));

const refused = (what: string, text: string, need: string) =>
  new SidestreamError('USAGE', `${JSON.stringify(text).slice(0, 100)} is no ${what}: ${need}`);

const WORDS =
  "use letters, digits, '.', '_' and '-', in words that begin with a letter or digit, parted by '/'";

/** Throws USAGE for what is no key. */
export function checkKey(key: string): void {
  if (!isKey(key)) throw refused('key', key, WORDS);
}

/** Throws USAGE for what no key can begin with. Nothing at all is allowed. */
export function checkPrefix(prefix: string): void {
  if (prefix !== '' && !isKey(prefix.replace(/\/$/, ''))) throw refused('prefix of keys', prefix, WORDS);
}

/** Throws USAGE for what is no prefix that ends with `/`. */
export function checkFolder(prefix: string): void {
  if (!prefix.endsWith('/')) throw refused('folder of keys', prefix, "end it with '/'");
  checkPrefix(prefix);
}

/** Throws USAGE for bytes that cannot be asked for. */
export function checkRange(range: ByteRange | undefined): void {
  if (range === undefined) return;
  const { start, end } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return;
  throw refused('range of bytes', `${start}-${end}`, 'give first and last byte, from 0');
}
