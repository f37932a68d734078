import { COCO_STUFF, COCO_THINGS } from '../analysis/coco-stuff.ts';
import { nameKey } from '../core/vocabulary.ts';
import type { Records } from '../jobs/records.ts';
import type { StreamRecords } from '../streams/records.ts';
import { keptFor } from './kept-for.ts';
import type { Models, TaughtName } from './models.ts';

/** Suggestions for whoever writes a vocabulary. */
export interface Words {
  /** Those that fit best first; without `q` what was used last, then what the model was taught. Throws NOT_FOUND. */
  suggest(query: WordQuery): Promise<readonly Suggestion[]>;
}

export interface WordQuery {
  readonly q: string;
  readonly limit: number;
  /** Name of a model; else that of the settings. */
  readonly model: string | undefined;
}

/** `used`: in this server's jobs and streams; `model`: taught to the model; `coco-stuff`: of that list. The first counts. */
export const WORD_SOURCES = ['used', 'model', 'coco-stuff'] as const;

export interface Suggestion {
  readonly name: string;
  readonly source: (typeof WORD_SOURCES)[number];
  /** Countable, such as a car, and not stuff, such as the sky. */
  readonly isthing: boolean;
  /** The model was taught this very name, or a synonym of it. */
  readonly taught: boolean;
  /** Other words for the same, where they are known. */
  readonly synonyms: readonly string[];
}

/** A name as a source has it; `isthing` where it knows. */
export interface SourceName {
  readonly name: string;
  readonly synonyms: readonly string[];
  readonly isthing?: boolean;
}

/** Jobs that are looked through for names, names that are remembered of them and of streams, and milliseconds it is good. */
const [JOBS, USED, FRESH] = [200, 300, 2000];

export function createWords(deps: {
  readonly models: Pick<Models, 'get' | 'list'>;
  readonly jobs: Pick<Records, 'list'>;
  readonly streams: Pick<StreamRecords, 'list'>;
}): Words {
  const { models, jobs, streams } = deps;
  const used = keptFor(FRESH, async () => {
    const ofJobs = jobs.list({ limit: JOBS }).map(({ view }) => {
      const names = view.vocabulary.map((name): SourceName => ({ name, synonyms: [] }));
      return { at: Date.parse(view.created_at), names };
    });
    const ofStreams = streams.list().map(({ description: { words }, updated }) => {
      const [things, stuff] = [words.things, words.stuff].map((list) => new Set(list.map(nameKey)));
      const names = words.names.map(([name, ...synonyms]): SourceName => {
        const key = nameKey(name);
        const told = things.has(key) ? { isthing: true } : stuff.has(key) ? { isthing: false } : {};
        return { name, synonyms, ...told };
      });
      return { at: updated, names };
    });
    const all = [...ofJobs, ...ofStreams].sort((a, b) => b.at - a.at).flatMap(({ names }) => names);
    return distinct(all).slice(0, USED);
  });
  const taughtOf = async (model: string | undefined): Promise<readonly TaughtName[]> => {
    const name = model ?? (await models.list()).find((one) => one.default)?.name;
    return name === undefined ? [] : (await models.get(name)).names;
  };
  const ofDefault = keptFor(FRESH, () => taughtOf(undefined));
  return {
    async suggest({ q, limit, model }) {
      const taught = await (model === undefined ? ofDefault() : taughtOf(model));
      return suggestWords(q, limit, { used: await used(), taught });
    },
  };
}

const COCO: readonly SourceName[] = [
  ...COCO_THINGS.map((name) => ({ name, synonyms: [], isthing: true })),
  ...COCO_STUFF.map((name) => ({ name, synonyms: [], isthing: false })),
];

/**
 * Names that begin with `q`, then those in which a word does, then those that have it anywhere; then the same by synonyms.
 * Among equals what was used comes first, and each source's own order holds.
 */
export function suggestWords(
  q: string,
  limit: number,
  { used, taught }: { readonly used: readonly SourceName[]; readonly taught: readonly SourceName[] },
): Suggestion[] {
  const query = nameKey(q);
  return known(used, taught)
    .map((one) => ({ one, rank: rankOf(one, query) }))
    .filter(({ rank }) => rank < NO_MATCH)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ one }) => one);
}

/** What is known of every name, each once. */
function known(used: readonly SourceName[], taught: readonly SourceName[]): Suggestion[] {
  /** By every word; whoever has it for a name comes before those that have it for a synonym. */
  const byWord = (list: readonly SourceName[]): ReadonlyMap<string, SourceName> => {
    const found = new Map<string, SourceName>();
    for (const one of list) found.set(nameKey(one.name), one);
    for (const one of list)
      for (const word of one.synonyms.map(nameKey)) if (!found.has(word)) found.set(word, one);
    return found;
  };
  const [byModel, byCoco] = [byWord(taught), byWord(COCO)];
  const sources = { used, model: taught, 'coco-stuff': COCO };
  const found = new Map<string, Suggestion>();
  for (const source of WORD_SOURCES) {
    for (const { name, synonyms, isthing } of sources[source]) {
      const key = nameKey(name);
      if (found.has(key)) continue;
      const ofModel = byModel.get(key);
      found.set(key, {
        name,
        source,
        isthing: isthing ?? ofModel?.isthing ?? byCoco.get(key)?.isthing ?? true,
        taught: ofModel !== undefined,
        synonyms: synonyms.length > 0 || ofModel?.name !== name ? synonyms : ofModel.synonyms,
      });
    }
  }
  return [...found.values()];
}

const NO_MATCH = 6;

function rankOf({ name, synonyms }: Suggestion, query: string): number {
  const own = placeIn(nameKey(name), query);
  if (own < 3) return own;
  return 3 + Math.min(...synonyms.map((word) => placeIn(nameKey(word), query)), 3);
}

/** 0: begins with it; 1: a word of it does; 2: has it anywhere; 3: has it not. */
function placeIn(key: string, query: string): 0 | 1 | 2 | 3 {
  if (key.startsWith(query)) return 0;
  const at = key.indexOf(query);
  if (at < 0) return 3;
  for (let i = at; i >= 0; i = key.indexOf(query, i + 1))
    if (/[^\p{L}\p{M}\p{N}]/u.test(key[i - 1])) return 1;
  return 2;
}

function distinct(names: readonly SourceName[]): SourceName[] {
  const first = new Map<string, SourceName>();
  for (const one of names) {
    const key = nameKey(one.name);
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()];
}
