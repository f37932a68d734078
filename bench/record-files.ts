import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Card, cardOf, parseCard } from '../src/clips/recording/card.ts';
import { readNumber } from '../test/fixtures/live/numbered.ts';

/** What lies in the storage of a recorded camera. */

const run = promisify(execFile);

export interface StoredCard {
  readonly key: string;
  readonly path: string;
  readonly card: Card;
}

/** `place`: the stream's folder. */
export async function cardsIn(place: string): Promise<StoredCard[]> {
  const found = [];
  for (const name of await readdir(place, { recursive: true })) {
    const key = `recordings/${place.slice(place.lastIndexOf('/') + 1)}/${name}`;
    const path = join(place, name);
    if (cardOf(key)) found.push({ key, path, card: parseCard(await readFile(path)) });
  }
  return found;
}

/** Pictures of a file with the numbers that are burnt into them, at their times: `begin` is that of the first. */
export async function picturesIn(
  video: string,
  begin: number,
  [width, height]: readonly [number, number],
): Promise<{ time: number; number: number }[]> {
  const about = [
    '-v',
    'error',
    '-select_streams',
    'v',
    '-show_entries',
    'packet=pts',
    '-of',
    'csv=p=0',
    video,
  ];
  const { stdout: text } = await run('ffprobe', about, { maxBuffer: 1 << 28 });
  const times = text
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 10))
    .sort((a, b) => a - b);
  const args = [
    '-v',
    'error',
    '-i',
    video,
    '-vsync',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-',
  ];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 30 });
  const size = width * height;
  return Array.from({ length: stdout.length / size }, (_, i) => ({
    time: begin + times[i] - times[0],
    number: readNumber(new Uint8Array(stdout.subarray(i * size, (i + 1) * size)), width, height) ?? -1,
  }));
}
