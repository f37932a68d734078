import { Command } from 'commander';
import type { Io } from './io.ts';
import { addCommon, type CommonOptions } from './options.ts';

const EXAMPLES = `
Example:
  sidestream eval masks.json --truth drive.truth.json.gz`;

export function evalCommand(io: Io): Command {
  return addCommon(
    new Command('eval').description('score masks against a truth: mIoU, pixel accuracy, consistency'),
  )
    .argument('<masks.json>', 'masks as segment writes them')
    .requiredOption('--truth <file>', 'the truth in the same layout, also gzipped')
    .addHelpText('after', EXAMPLES)
    .action(async (masks: string, options: CommonOptions & { truth: string }) => {
      const [{ evaluate, evaluationTable }, { readMasksFile }] = await Promise.all([
        import('../analysis/evaluate.ts'),
        import('../analysis/masks-file.ts'),
      ]);
      const result = evaluate(await readMasksFile(masks), await readMasksFile(options.truth));
      io.print(options.json ? JSON.stringify(result, null, 2) : evaluationTable(result));
    });
}
