import { Command, Option } from 'commander';
import { USUAL_LIMITS } from '../analysis/search.ts';
import type { Io } from './io.ts';
import { addCommon, type CommonOptions, fraction, integer, time } from './options.ts';

export interface SearchOptions extends CommonOptions {
  readonly expand?: 'coco-stuff' | 'model' | 'none';
  readonly threshold: number;
  readonly share: number;
  readonly limit: number;
  readonly model?: string;
  readonly cut?: string;
  readonly video?: string;
  readonly padding: number;
  readonly force?: boolean;
}

const EXAMPLES = `
A score of 0.5 means: as good as the best other name; 1: no other comes near. Times count from the video's start,
as those of --start do.

Examples:
  sidestream search drive.analysis "traffic sign"
  sidestream search monday.analysis tuesday.analysis "cyclist|bicycle" --threshold 0.8 --json
  sidestream search drive.analysis "red umbrella" --cut clips/ --video drive.mp4 --padding 2`;

const CLIPS = 'Clips:';

export function searchCommand(io: Io): Command {
  const command = new Command('search')
    .description('when words are seen in analyses: spans of time, best first; the model is not run')
    .argument('<file.analysis...>', 'analyses, and then the words; | between words for the same')
    .addOption(
      new Option('--expand <list>', 'names that the words are compared with').choices([
        'coco-stuff',
        'model',
        'none',
      ]),
    )
    .option('--threshold <score>', 'least score, 0 to 1', fraction(0, 1), USUAL_LIMITS.threshold)
    .option('--share <part>', 'least share of the picture, 0 to 1', fraction(0, 1), USUAL_LIMITS.share)
    .option('--limit <n>', 'spans at most', integer(1, 1_000_000), 100)
    .option('--model <name|folder>', 'the model that made them, where it is not found by its name')
    .addOption(
      new Option('--cut <folder>', 'cut each span out of the video, into this folder').helpGroup(CLIPS),
    )
    .addOption(new Option('--video <file>', 'the video that was analysed; for --cut').helpGroup(CLIPS))
    .addOption(
      new Option('--padding <time>', 'what is cut before and after each span, too')
        .argParser(time)
        .default(0)
        .helpGroup(CLIPS),
    )
    .addOption(new Option('--force', 'overwrite clips that exist').helpGroup(CLIPS));
  return addCommon(command)
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], options: SearchOptions) => {
      const { runSearch } = await import('./run-search.ts');
      await runSearch(io, args, options);
    });
}
