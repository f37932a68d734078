import type { ClipResultName, ClipView } from './clips.ts';

/** What the files of a clip are called by those who save them. Pure. */

/** Letters of a part of a name at most. */
const LONGEST = 40;

const ENDINGS = {
  video: '.mp4',
  overlay: '.overlay.mp4',
  masks: '.masks.json',
  thumbnail: '.jpg',
  preview: '.webp',
  analysis: '.analysis',
} as const satisfies Record<ClipResultName, string>;

/** What a name is made of: its stream, the time of its first picture in UTC, and its rule, its title or its id. */
type Named = Pick<ClipView, 'id' | 'stream' | 'stream_name' | 'from' | 'first' | 'rule' | 'title'>;

/**
 * A folder and a name in it that any file system takes: `gate` and `20260131T120007Z-person-at-gate.mp4`. `distinct` adds
 * the id, for a clip that would be called as another one is.
 */
export function clipFile(
  clip: Named,
  result: ClipResultName,
  { distinct = false }: { readonly distinct?: boolean } = {},
): { readonly folder: string; readonly name: string } {
  const time = `${(clip.first ?? clip.from).slice(0, 19).replace(/[-:]/g, '')}Z`;
  const about = word(clip.rule ?? '') || word(clip.title ?? '') || clip.id;
  const id = distinct && about !== clip.id ? `-${clip.id}` : '';
  return {
    folder: word(clip.stream_name) || clip.stream,
    name: `${time}-${about}${id}${ENDINGS[result]}`,
  };
}

/** Letters and digits of any script, with `-` for everything between. */
function word(text: string): string {
  const words = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}_]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return [...words].slice(0, LONGEST).join('').replace(/-+$/, '');
}
