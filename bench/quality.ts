import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readMasksFile } from '../src/analysis/masks-file.ts';

/**
 * `npm run quality [-- FOLDER]`: segments every clip of a folder that has its truth beside it (NAME.mp4 and
 * NAME.truth.json.gz), with each kind of association, and writes docs/quality.md.
 */

const ROOT = new URL('..', import.meta.url).pathname;
const KINDS = ['none', 'clustered', 'online'];
/** Objects smaller than this part of the picture do not count. */
const LEAST = '0.005';
const HEAD = `# Quality

Written by \`npm run quality\`: street-tiny on the toy-town clips, with the names of their truth.

- **none**: each frame for itself, as published for pictures; these figures are PyTorch's.
- **clustered**: regions shared by the frames of a window, as published for videos, 48 frames a window.
- **online**: regions followed from frame to frame. The default.

With **clustered** and **online**, masks are refined along the picture's edges and names are steady over time.

mIoU is over the names that the truth shows, counts summed over all frames. VC8 and VC16: of the pixels whose truth
stays for 8 or 16 frames, those right in all of them. Flicker: of the pixels whose truth stays from one frame to the
next, those whose name changes. Objects are cars, pedestrians and cyclists of more than 0.5 % of the picture, matched by
mask IoU ≥ 0.5 for IDF1 and switches: \`sidestream eval\` has the definitions.

`;

const folder = process.argv[2] ?? join(ROOT, 'test/fixtures/toytown');

const sidestream = (...args: string[]): string =>
  execFileSync(process.execPath, [join(ROOT, 'dist/cli.js'), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const percent = (part: number, digits = 1): string => `${(part * 100).toFixed(digits)} %`;

async function measure(clip: string, room: string): Promise<string[]> {
  const truth = clip.replace(/\.mp4$/, '.truth.json.gz');
  const names = (await readMasksFile(truth)).categories.map(({ name }) => name);
  return KINDS.map((kind) => {
    const masks = join(room, 'masks.json');
    const wanted = ['--vocabulary', names.join(','), '--expand', 'none', '--association', kind];
    sidestream(
      'segment',
      clip,
      '-o',
      join(room, 'out.mp4'),
      '--masks',
      masks,
      '--force',
      '--quiet',
      ...wanted,
    );
    const { miou, accuracy, vc8, vc16, flicker, objects } = JSON.parse(
      sidestream('eval', masks, '--truth', truth, '--min-area', LEAST, '--json'),
    );
    const figures = [percent(miou), percent(accuracy), percent(vc8), percent(vc16), percent(flicker, 2)];
    if (kind === 'none') figures.push('–', '–', '–');
    else {
      const { idf1, hota, idSwitches, objectSeconds } = objects;
      figures.push(percent(idf1), percent(hota), `${idSwitches} in ${objectSeconds.toFixed(0)} s`);
    }
    return `| ${basename(clip, '.mp4')} | ${kind} | ${figures.join(' | ')} |`;
  });
}

const room = mkdtempSync(join(tmpdir(), 'sidestream-quality-'));
try {
  const clips = readdirSync(folder)
    .filter(
      (file) => file.endsWith('.mp4') && existsSync(join(folder, file.replace(/\.mp4$/, '.truth.json.gz'))),
    )
    .map((file) => join(folder, file));
  const rows: string[] = [];
  for (const clip of clips) rows.push(...(await measure(clip, room)));
  const table = [
    '| clip | association | mIoU | pixels | VC8 | VC16 | flicker | IDF1 | HOTA | ID switches |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  process.stdout.write(`${table}\n`);
  writeFileSync(join(ROOT, 'docs/quality.md'), `${HEAD}${table}\n`);
} finally {
  rmSync(room, { recursive: true });
}
