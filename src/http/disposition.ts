/** Names of downloads, as RFC 6266 and RFC 8187 write them. Pure. */

/** Characters that break a header or a file system, or show a name as another one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** Code points of a name, and of its extension, at most. */
const [LONGEST, LONGEST_EXTENSION] = [150, 12];

/** A name that is safe to save under: no path, nothing unseen, nothing that Windows refuses; never empty. */
export function safeFileName(name: string): string {
  const bare = name.replace(UNSEEN, '').replace(LONE_SURROGATE, '_');
  const last = bare.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '')
    .trim();
  return shortened(clean) || 'download';
}

function shortened(name: string): string {
  const points = [...name];
  if (points.length <= LONGEST) return name;
  const extension = [...(/\.[^.]*$/.exec(name)?.[0] ?? '')];
  const kept = extension.length <= LONGEST_EXTENSION ? extension : [];
  return [...points.slice(0, LONGEST - kept.length), ...kept].join('');
}

/** The value of Content-Disposition for any name at all. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const safe = safeFileName(name);
  // A percent sign is left out: some browsers would decode it.
  const plain = safe.replace(/[^\x20-\x7e]|[%"\\]/gu, '_');
  const extended = plain === safe ? '' : `; filename*=UTF-8''${encode(safe)}`;
  return `${kind}; filename="${plain}"${extended}`;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
