import { DEFAULTS, type Wish } from './job-request.ts';

/**
 * Uploads that have begun, in this browser's storage: so that a file that is dropped again, after the page was left, goes
 * on where it was. Tabs share it; each entry belongs to the tab that keeps it alive.
 */
export interface KeptUpload {
  readonly key: string;
  /** What tells whether it is the same file. */
  readonly file: string;
  readonly name: string;
  readonly size: number;
  /** Bytes that were through when it was last heard of. */
  readonly sent: number;
  /** Where it goes on. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly begun: number;
  /** When a tab last said that it is at it; 0: it has left. */
  readonly alive: number;
  /** What is wanted of it, if that was said already. */
  readonly wish?: Wish | undefined;
}

const PREFIX = 'sidestream.upload.';
/**
 * Milliseconds: after that an upload is of interest to nobody; without a sign of life its tab is gone. Browsers let tabs
 * that are not looked at run once a minute.
 */
const [OLD, DEAD] = [3 * 86_400_000, 90_000];

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export const fingerprintOf = ({
  name,
  size,
  type,
  lastModified,
}: Pick<File, 'name' | 'size' | 'type' | 'lastModified'>) => JSON.stringify([name, size, type, lastModified]);

/** Uploads that no tab is at, newest first. */
export function leftUploads(now = Date.now(), shelf: Shelf = localStorage): readonly KeptUpload[] {
  const keys = Array.from({ length: shelf.length }, (_, i) => shelf.key(i) ?? '');
  const all = keys.filter((key) => key.startsWith(PREFIX)).flatMap((key) => read(key, shelf) ?? []);
  for (const { key, begun } of all) if (now - begun > OLD) shelf.removeItem(key);
  return all
    .filter(({ begun, alive }) => now - begun <= OLD && now - alive > DEAD)
    .sort((a, b) => b.begun - a.begun);
}

export function keepUpload(
  upload: Omit<KeptUpload, 'key'> & { readonly key?: string | undefined },
  shelf: Shelf = localStorage,
): string {
  const key = upload.key ?? `${PREFIX}${upload.url.split('/').at(-1)}`;
  try {
    shelf.setItem(key, JSON.stringify({ ...upload, key }));
  } catch {
    // No room, or none given: then this upload cannot go on after the page is left, and nothing else is lost.
  }
  return key;
}

export function changeUpload(key: string, change: Partial<KeptUpload>, shelf: Shelf = localStorage): void {
  const kept = read(key, shelf);
  if (kept) keepUpload({ ...kept, ...change }, shelf);
}

export const forgetUpload = (key: string, shelf: Shelf = localStorage): void => shelf.removeItem(key);

function read(key: string, shelf: Shelf): KeptUpload | undefined {
  try {
    const kept = JSON.parse(shelf.getItem(key) ?? 'null') as KeptUpload | null;
    if (typeof kept?.url !== 'string' || typeof kept.file !== 'string') return undefined;
    // An older page may have known fewer options.
    const wish = Array.isArray(kept.wish?.words) ? { ...DEFAULTS, ...kept.wish } : undefined;
    return { ...kept, key, wish };
  } catch {
    return undefined; // Somebody else wrote it.
  }
}
