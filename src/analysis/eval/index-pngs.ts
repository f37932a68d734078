import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isErrno } from '../../core/errors.ts';
import { firstIssue, readJson, unread } from '../masks-file.ts';
import { draw, readIndices } from './png.ts';
import { invalid, type Piece, type Scenes } from './scenes.ts';

/** Values of pixels without truth, unless the list gives them a name. */
const IGNORED = [255, 65535];
const LISTS = ['categories.json', 'names.txt', 'classes.txt'];

const categories = z.array(z.object({ id: z.int().nonnegative(), name: z.string() }));

/**
 * A folder of index PNGs (grey or with a palette, up to 16 bits), one a frame, in the natural order of their names (2
 * before 10). What the values stand for is in the first of these that the folder has: categories.json, a list of
 * { id, name } with the value as id; or names.txt or classes.txt, with the name of value 0 in the first line, that of
 * value 1 in the second and so on, where an empty line stands for pixels to ignore. 255 is to be ignored, and 65535,
 * unless the list names them. Such pictures do not tell one car from another: whatever `isthing` says, none is an object.
 */
export async function openIndexPngs(folder: string): Promise<Scenes> {
  let listed: string[];
  try {
    listed = await readdir(folder);
  } catch (error) {
    throw unread(folder, error);
  }
  // Hidden ones are notes of file managers.
  const frames = listed.filter((file) => /^[^.].*\.png$/i.test(file));
  frames.sort(new Intl.Collator('en', { numeric: true }).compare);
  if (frames.length === 0) throw invalid(folder, undefined, 'there is no PNG in this folder');
  const list = LISTS.find((file) => listed.includes(file));
  if (list === undefined) {
    throw invalid(folder, undefined, `what do the values stand for? There is no ${LISTS.join(', no ')}`);
  }
  const names = await readNames(join(folder, list));
  const { width, height } = await readIndices(join(folder, frames[0]), 0);
  const places = new Map(names.map(({ value }, i) => [value, i]));
  const map = new Uint16Array(width * height);
  return {
    path: folder,
    width,
    height,
    length: frames.length,
    frameRate: undefined,
    names: names.map(({ name }) => ({ name, isthing: false })),
    async picture(frame) {
      const path = join(folder, frames[frame]);
      const png = await readIndices(path, frame);
      if (png.width !== width || png.height !== height) {
        throw invalid(path, frame, `${png.width}×${png.height} pixels, frame 0 has ${width}×${height}`);
      }
      const pieces: Piece[] = [];
      draw(png, map, (value) => {
        const name = places.get(value);
        if (name === undefined && !IGNORED.includes(value)) {
          throw invalid(path, frame, `value ${value} has no name in ${list}`);
        }
        if (name === undefined || names[name].name === '') return 0;
        return pieces.push({ name, identity: undefined, crowd: false });
      });
      return { map, pieces };
    },
  };
}

async function readNames(path: string) {
  if (path.endsWith('.json')) {
    const result = categories.safeParse(await readJson(path));
    if (!result.success) throw invalid(path, undefined, firstIssue(result.error));
    return result.data.map(({ id, name }) => ({ value: id, name }));
  }
  try {
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    return lines.map((line, value) => ({ value, name: line.trim() }));
  } catch (error) {
    if (isErrno(error)) throw unread(path, error);
    throw error;
  }
}
