import { readFile } from 'node:fs/promises';
import { parseVocabulary, parseVocabularyFile } from '../analysis/vocabulary.ts';
import type { Config } from '../config/load.ts';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { parseColours } from '../overlay/palette.ts';
import type { ResultsRequest, WordsRequest } from '../pipeline/show.ts';
import type { ResultOptions, WordOptions } from './options.ts';

/** The words that the options ask for. */
export async function wordsOf(options: WordOptions, config: Config): Promise<WordsRequest> {
  const { vocabulary, vocabularyFile, things = [], stuff = [] } = options;
  let names: string[][] = [];
  if (vocabulary !== undefined) names = parseVocabulary(vocabulary);
  else if (vocabularyFile !== undefined)
    names = parseVocabularyFile(await readText(vocabularyFile), vocabularyFile);
  return { names, expand: config.segment.expand, things, stuff };
}

/** The results that the options ask for. */
export function resultsOf(
  options: ResultOptions & { readonly output?: string | undefined },
  { segment }: Config,
): ResultsRequest {
  return {
    output: options.output,
    masks: options.masks,
    maskVideo: options.maskVideo,
    panoptic: options.panoptic,
    report: options.report,
    force: options.force ?? false,
    encoder: { encoder: segment.encoder ?? undefined, crf: segment.crf, preset: segment.preset },
    style: {
      opacity: segment.opacity,
      outline: segment.outline,
      labels: segment.labels,
      colourBy: segment.color_by,
      ...(options.colors === undefined ? {} : { colours: parseColours(options.colors) }),
    },
    paintSide: segment.paint_side,
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new SidestreamError('USAGE', `--vocabulary-file: ${path} cannot be read: ${error.code}`);
  }
}
