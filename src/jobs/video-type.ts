import { contentTypeOf } from '../storage/content-types.ts';

/** Bytes from a file's beginning that tell what it is. */
export const TELLING = 512;

/**
 * The media type of a video, by its first bytes and else by its name; `application/octet-stream` where neither tells, or
 * where it is no video: whatever somebody has uploaded, no browser is told to run it.
 */
export function videoTypeOf(name: string, head: Buffer): string {
  const byContent = typeOfContent(head);
  if (byContent !== undefined) return byContent;
  const byName = contentTypeOf(name);
  return byName.startsWith('video/') ? byName : 'application/octet-stream';
}

function typeOfContent(head: Buffer): string | undefined {
  const text = (from: number, to: number) => head.toString('latin1', from, to);
  // The first box of ISO base media; QuickTime's own files may have none that tells the brand.
  if (text(4, 8) === 'ftyp') return text(8, 12) === 'qt  ' ? 'video/quicktime' : 'video/mp4';
  if (['moov', 'mdat', 'wide'].includes(text(4, 8))) return 'video/quicktime';
  // EBML: the type of the document stands in its head.
  if (text(0, 4) === '\x1a\x45\xdf\xa3')
    return text(0, 64).includes('webm') ? 'video/webm' : 'video/x-matroska';
  if (text(0, 4) === 'RIFF' && text(8, 11) === 'AVI') return 'video/x-msvideo';
  if (text(0, 4) === 'OggS') return 'video/ogg';
  if (text(0, 3) === 'FLV') return 'video/x-flv';
  if (head[0] === 0x47 && head[188] === 0x47) return 'video/mp2t';
  if (text(0, 4) === '\0\0\x01\xba' || text(0, 4) === '\0\0\x01\xb3') return 'video/mpeg';
  return undefined;
}
