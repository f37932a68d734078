import { createVocabulary } from '../src/analysis/vocabulary.ts';
import { createRuleEngine, type RuleEvent } from '../src/clips/rules/engine.ts';
import { rulesFrom } from '../src/clips/rules/read-rules.ts';
import { loadConfig } from '../src/config/load.ts';
import { analysisScenes } from '../src/pipeline/scene-analysis.ts';
import { readyModel } from '../src/ready-model.ts';
import { buildClassifier } from '../src/rsan/classifier.ts';

/** What rules make of recorded analyses, long after: what they have said while it was recorded is to be much the same. */

export const VOCABULARY = 'road, car, person, tree, sky';
export const RULES = {
  rules: [
    { name: 'car', when: { object: 'car', min_size: '1 %' } },
    { name: 'cars', when: { object: 'car', min_size: '0.5 %', count: '>= 2' }, clip: false },
    { name: 'little sky', when: { stuff: 'sky', share: '< 10 %' }, clip: false },
    { name: 'much road', when: { stuff: 'road', share: '> 35 %', for: '1 s' } },
  ],
};

export interface Span {
  readonly rule: string;
  /** Seconds since 1970. */
  readonly began: number;
  readonly ended: number;
}

/** `recorded`: analyses in order; `begin`: seconds since 1970. */
export async function replay(
  recorded: readonly { readonly path: string; readonly begin: number }[],
): Promise<Span[]> {
  const rules = rulesFrom(RULES);
  const { signal } = new AbortController();
  await using ready = await readyModel(loadConfig({}), () => {});
  const { manifest, tokenizer } = ready.pack;
  const names = VOCABULARY.split(', ').map((name) => [name]);
  const vocabulary = createVocabulary(names, { expand: 'none', modelNames: manifest.names ?? [] });
  const deps = { model: ready.model, tokenizer, prompts: manifest.prompts, cache: ready.wordCache };
  const classifier = await buildClassifier(vocabulary, deps, signal);
  const engine = createRuleEngine(rules, vocabulary, { source: 'replay' });
  const said: RuleEvent[] = [];
  let last = 0;
  for (const { path, begin } of recorded) {
    for await (const scene of analysisScenes(path, { vocabulary, classifier }, signal)) {
      last = begin + scene.seconds;
      said.push(...engine.push({ ...scene, seconds: last }));
    }
  }
  said.push(...engine.finish(last));
  return said
    .filter(({ type }) => type === 'close')
    .map(({ rule, began, ended = began }) => ({ rule, began, ended }));
}
