import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { END, FOOTER, MAGIC, SUFFIX } from '../../../src/panoptic/format.ts';
import { createPointer } from '../../../src/panoptic/look.ts';
import { openPanoptic } from '../../../src/panoptic/reader.ts';
import { inputOf, randomOf, reading, video, write } from './films.ts';

const guide = await readFile('docs/panoptic-format.md', 'utf8');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-panoptic-'));
});
afterAll(() => rm(folder, { recursive: true }));

const { width, height } = inputOf(161, 121).points;

/** Blobs of so many segments, of which some come and go. */
const film = (kinds: number) => {
  const random = randomOf(kinds);
  const segments = Array.from({ length: kinds }, (_, i) => ({
    name: i % 4,
    track: 2 ** 33 - i,
    confidence: 0,
  }));
  return Array.from({ length: 70 }, (_, i) => {
    const shift = i < 20 ? 0 : i;
    return {
      pts: 512 * i,
      segments: segments.map((one) => ({ ...one, confidence: random() })),
      pieces: Uint16Array.from({ length: width * height }, (_, at) => {
        const [x, y] = [at % width, Math.floor(at / width)];
        return (((x + shift) >> 2) + 7 * (y >> 2)) % kinds;
      }),
    };
  });
};

describe('docs/panoptic-format.md', () => {
  it.each([7, 300])('its example tells of any pixel what the reader tells, of %i segments', async (kinds) => {
    const [path, program] = [join(folder, `${kinds}.panoptic`), join(folder, 'pixel.mjs')];
    await write(path, film(kinds));
    await writeFile(program, /```js\n([\s\S]*?)```/.exec(guide)![1]!);
    const panoptic = await openPanoptic((await reading(path)).read);
    const pointer = createPointer(panoptic.index);
    for (const [seconds, x, y] of [
      [0, 0, 0],
      [0.4, 100, 200],
      [1.08, 321, 241],
      [2.44, 7, 120],
    ] as const) {
      const said = execFileSync(process.execPath, [program, path, seconds, x, y].map(String), {
        encoding: 'utf8',
      });
      const { name, track, score } = pointer((await panoptic.frameAt(seconds))!, x, y)!;
      expect(said).toBe(`${panoptic.index.names[name]!.name} ${track} ${score.toFixed(3)}\n`);
    }
  });

  it('has the keys of an index, and its numbers', async () => {
    const path = join(folder, 'keys.panoptic');
    await write(path, film(3));
    const { index } = await openPanoptic((await reading(path)).read);
    const rows = [...guide.matchAll(/^\| (`[a-z].*?) \|/gm)].flatMap(([, cell]) => cell!.match(/\w+/g)!);
    expect(rows.sort()).toEqual(Object.keys(index).sort());
    const inner = [index.video, index.lattice, index.style, index.names[0], index.chunks[0], index.tracks[0]];
    for (const key of inner.flatMap((one) => Object.keys(one!))) expect(guide).toContain(`\`${key}\``);
    expect(index.video).toEqual(video);
    for (const text of [MAGIC, END, `last ${FOOTER} |`, SUFFIX.toLocaleString('en')])
      expect(guide).toContain(text);
  });
});
