import { masksScenes } from '../../../../src/analysis/eval/masks-scenes.ts';
import { evaluate } from '../../../../src/analysis/evaluate.ts';
import { type MasksFile, masksFrom } from '../../../../src/analysis/masks-file.ts';
import { masksOf } from '../../../../src/core/mask.ts';

/** A frame as rows of letters; a dot is nothing. */
export type Letters = readonly string[];

/** What a letter stands for: an annotation of a category with whatever else it has. */
export interface Letter {
  readonly name: string;
  readonly track_id?: number;
  readonly instance?: number;
  readonly iscrowd?: number;
}

export const THINGS = ['car', 'pedestrian'];
const NAMES = ['road', 'sky', ...THINGS];

/** Masks JSON from pictures of letters, with an annotation a letter. */
export function masksFile(
  frames: readonly Letters[],
  letters: Readonly<Record<string, Letter>>,
  video: { readonly frame_rate?: number } = {},
): MasksFile {
  const height = frames[0].length;
  const width = frames[0][0].length;
  const known = Object.keys(letters);
  const drawn = frames.map((rows) => {
    const labels = Uint8Array.from([...rows.join('')], (letter) => known.indexOf(letter) + 1);
    return masksOf({ width, height, labels });
  });
  return masksFrom('letters.json', {
    videos: [{ width, height, length: frames.length, ...video }],
    categories: NAMES.map((name, id) => ({ id, name, isthing: Number(THINGS.includes(name)) })),
    annotations: known.map((letter, i) => {
      const { name, ...rest } = letters[letter];
      const segmentations = drawn.map((masks) => masks.find(({ label }) => label === i + 1)?.rle ?? null);
      return { ...rest, category_id: NAMES.indexOf(name), segmentations };
    }),
  });
}

/** Cars a, b and so on as a truth has them, and cars 1, 2 and so on as tracks. */
export const CARS = Object.fromEntries(
  [...'abc'].map((letter, i) => [letter, { name: 'car', instance: i + 1 }]),
);
export const TRACKS = Object.fromEntries(
  [...'1234'].map((letter) => [letter, { name: 'car', track_id: Number(letter) }]),
);

/** Scores of pictures of tracks against pictures of cars, a row a frame, at one frame a second. */
export async function objectsOf(
  truth: readonly string[],
  masks: readonly string[],
  { minArea = 0, cars = CARS as Record<string, Letter>, tracks = TRACKS as Record<string, Letter> } = {},
) {
  const rows = (lines: readonly string[]) => lines.map((line) => [line]);
  const want = masksScenes('truth.json', masksFile(rows(truth), cars, { frame_rate: 1 }), 'truth');
  const have = masksScenes('masks.json', masksFile(rows(masks), tracks), 'masks');
  return (await evaluate(have, want, { minArea })).objects;
}
