import { type AnalysisFile, openAnalysis } from '../analysis/file/reader.ts';
import { type Hit, type Query, type SearchLimits, type Stretch, search } from '../analysis/search.ts';
import { createVocabulary, type Expansion } from '../analysis/vocabulary.ts';
import { type Pts, ptsToSeconds } from '../core/time.ts';
import { type ClassifierDeps, embedNames } from '../rsan/classifier.ts';
import type { PackManifest } from '../rsan/packs/pack.ts';
import { checkModel } from './label.ts';
import { probeOf } from './see.ts';

export interface SearchRequest {
  readonly analyses: readonly string[];
  /** The words, with other words for the same. */
  readonly words: readonly string[];
  /** What they are compared with. */
  readonly expand: Expansion;
  readonly limits: SearchLimits;
}

export interface SearchDeps extends ClassifierDeps {
  readonly pack: PackManifest;
  /** The pack's checksum. */
  readonly identity: string;
}

export interface FileHit extends Hit {
  readonly file: string;
}

/** Spans of time in which the words are seen, of all analyses, best first. Nothing of the model but its words is run. */
export async function searchFiles(
  request: SearchRequest,
  deps: SearchDeps,
  signal: AbortSignal,
): Promise<FileHit[]> {
  const { words, expand } = request;
  const query = await queryOf(words, expand, deps, signal);
  const hits: FileHit[] = [];
  for (const path of request.analyses) {
    await using analysis = await openAnalysis(path);
    checkModel(analysis, deps.identity);
    const found = await search(stretchesOf(analysis, signal), query, request.limits);
    hits.push(...found.map((hit) => ({ file: path, ...hit })));
  }
  return hits.sort((a, b) => b.score - a.score);
}

/** What was asked for, in other words for the same, against all that the expansion adds, and the background. */
export async function queryOf(
  words: readonly string[],
  expand: Expansion,
  deps: Omit<SearchDeps, 'identity'>,
  signal: AbortSignal,
): Promise<Query> {
  const vocabulary = createVocabulary([words], { expand, modelNames: deps.pack.names ?? [] });
  const { scale, background } = await deps.model.classifierParts();
  const embeddings = await embedNames(
    vocabulary.flatMap(({ synonyms }) => synonyms),
    deps,
    signal,
  );
  const rows = (other: boolean) =>
    vocabulary
      .filter((entry) => entry.other === other)
      .flatMap(({ synonyms }) => synonyms.map((word) => embeddings.get(word)!));
  return {
    dim: background.length,
    words: joined(rows(false)),
    others: joined([...rows(true), background]),
    scale,
  };
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}

/** Times count from the video's start, as those of `--start` do. */
async function* stretchesOf({ header, spans }: AnalysisFile, signal: AbortSignal): AsyncGenerator<Stretch> {
  const { start } = probeOf(header);
  const seconds = (at: Pts) => ptsToSeconds(at, header.time_base) - start;
  for await (const { tracks, from, to } of spans()) {
    signal.throwIfAborted();
    yield { tracks, from: seconds(from), to: seconds(to) };
  }
}
