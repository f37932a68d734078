import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import { addCommon, type CommonOptions, fraction } from './options.ts';

interface EvalOptions extends CommonOptions {
  readonly truth: string;
  readonly truthPngs?: string;
  readonly minArea: number;
}

const HELP = `
Truths:
  masks JSON     YouTube-VIS layout with run lengths (RLE), also gzipped, as segment writes masks
  panoptic JSON  COCO's, and a folder of PNGs with segment ids: the JSON's name without .json, or --truth-pngs
  folder         index PNGs, one a frame, with categories.json ([{id, name}]), names.txt or classes.txt
                 (a name a line; the first is that of value 0, an empty line ignores a value); 255 is ignored

Objects are what the truth calls things (isthing), where it tells them apart.

Examples:
  sidestream eval masks.json --truth drive.truth.json.gz
  sidestream eval masks.json --truth drive.truth.json.gz --min-area 0.005 --json
  sidestream eval masks.json --truth panoptic_val.json --truth-pngs panoptic_val
  sidestream eval masks.json --truth VSPW/data/127_-hIVCYO4C90/mask`;

export function evalCommand(io: Io): Command {
  return addCommon(
    new Command('eval').description(
      'score masks against a truth: mIoU, pixel accuracy, consistency, ID switches, IDF1, HOTA',
    ),
  )
    .argument('<masks.json>', 'masks as segment writes them')
    .requiredOption('--truth <file>', 'the truth: masks JSON, panoptic JSON, or a folder of index PNGs')
    .option('--truth-pngs <folder>', 'the PNGs of a panoptic JSON')
    .addOption(
      new Option('--min-area <share>', 'ignore objects smaller than this part of the picture (0.005: 0.5 %)')
        .argParser(fraction(0, 1))
        .default(0),
    )
    .addHelpText('after', HELP)
    .action(async (path: string, options: EvalOptions) => {
      const [{ evaluate }, { evaluationTable }, { masksScenes }, { openTruth }, { readMasksFile }] =
        await Promise.all([
          import('../analysis/evaluate.ts'),
          import('../analysis/eval/table.ts'),
          import('../analysis/eval/masks-scenes.ts'),
          import('../analysis/eval/truth.ts'),
          import('../analysis/masks-file.ts'),
        ]);
      const masks = masksScenes(path, await readMasksFile(path), 'masks');
      const truth = await openTruth(options.truth, options.truthPngs);
      const result = await evaluate(masks, truth, { minArea: options.minArea });
      io.print(options.json ? JSON.stringify(result, null, 2) : evaluationTable(result));
    });
}
