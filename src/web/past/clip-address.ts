import type { Clip } from '../api/client.ts';
import { text } from '../text/en.ts';
import { momentOf } from '../ui/time.ts';

/** What a clip is called where somebody reads it. */
export const nameOf = ({ title, rule, stream_name, from }: Clip): string =>
  title ?? rule ?? text.past.clips.untitled(stream_name, momentOf(from));

const at = (id: string, result: string, query: Readonly<Record<string, string>>): string => {
  const search = new URLSearchParams(query);
  return `/v1/clips/${encodeURIComponent(id)}/${result}${search.size > 0 ? `?${search}` : ''}`;
};

/** Address of a clip's video; `overlay`: with names painted over it. */
export const videoOf = (
  id: string,
  { overlay = false, download = false }: { readonly overlay?: boolean; readonly download?: boolean } = {},
): string =>
  at(id, 'video', { ...(overlay ? { overlay: '1' } : {}), ...(download ? { download: '1' } : {}) });

export type Piece = 'masks' | 'thumbnail' | 'preview' | 'analysis';
export const pieceOf = (id: string, piece: Piece, download = false): string =>
  at(id, piece, download ? { download: '1' } : {});
