import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createVocabulary } from '../src/analysis/vocabulary.ts';
import { createRuleEngine, type RuleEvent } from '../src/clips/rules/engine.ts';
import { rulesFrom } from '../src/clips/rules/read-rules.ts';
import type { Scene } from '../src/clips/rules/scene.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Vocabulary } from '../src/core/vocabulary.ts';
import { analyseFile } from '../src/pipeline/analysis-file.ts';
import { analysisScenes } from '../src/pipeline/scene-analysis.ts';
import { openMasksScenes } from '../src/pipeline/scene-masks.ts';
import { type ReadyModel, readyModel } from '../src/ready-model.ts';
import { buildClassifier } from '../src/rsan/classifier.ts';

/**
 * `npx tsx bench/rules.ts [FOLDER]`: the events of some rules on what the model sees in every clip of a folder, against those
 * on its truth (NAME.mp4 and NAME.truth.json.gz). Prints the table of docs/rules.md.
 */

const folder = process.argv[2] ?? new URL('../test/fixtures/toytown', import.meta.url).pathname;
/** Seconds by which an event may be off in the second pair of columns. */
const LATE = 0.5;

const RULES = rulesFrom({
  zones: {
    near: [
      [0.25, 0.5],
      [0.75, 0.5],
      [0.75, 1],
      [0.25, 1],
    ],
  },
  lines: {
    kerb: [
      [0, 0.6],
      [1, 0.6],
    ],
  },
  rules: [
    { name: 'car in near', when: { object: 'car', in: 'near', min_size: '0.5 %' } },
    { name: 'car enters near', when: { object: 'car', enters: 'near', min_size: '0.5 %' } },
    { name: 'car leaves near', when: { object: 'car', leaves: 'near', min_size: '0.5 %' } },
    { name: 'car crosses kerb', when: { object: 'car', crosses: 'kerb', direction: 'right' } },
    { name: 'pedestrian for 2 s', when: { object: 'pedestrian', min_size: '0.1 %', for: '2 s' } },
    { name: 'cyclist', when: { object: 'cyclist', min_size: '0.3 %' } },
    { name: 'cars >= 2', when: { object: 'car', min_size: '1 %', count: '>= 2' } },
    { name: 'no car for 1 s', when: { not: { object: 'car', min_size: '1 %' }, for: '1 s' } },
    { name: 'car > 0.3 heights/s', when: { object: 'car', min_size: '0.5 %', speed: '> 0.3' } },
    { name: 'sky < 10 %', when: { stuff: 'sky', share: '< 10 %' } },
    { name: 'road > 35 %', when: { stuff: 'road', share: '> 35 %', for: '1 s' } },
  ],
});

interface Span {
  readonly rule: string;
  readonly began: number;
  readonly ended: number;
}

async function eventsOf(
  vocabulary: Vocabulary,
  scenes: AsyncIterable<Scene> | Iterable<Scene>,
): Promise<Span[]> {
  const engine = createRuleEngine(RULES, vocabulary, { source: 'bench' });
  const events: RuleEvent[] = [];
  let last = 0;
  for await (const scene of scenes) {
    events.push(...engine.push(scene));
    last = scene.seconds;
  }
  events.push(...engine.finish(last));
  return events
    .filter(({ type }) => type === 'close')
    .map(({ rule, began, ended = began }) => ({ rule, began, ended }));
}

/** Events of the truth and of the model, for one clip. */
async function compare(clip: string, { model, pack, wordCache }: ReadyModel, room: string) {
  const { config } = loadConfig({});
  const { manifest, identity, tokenizer } = pack;
  const signal = new AbortController().signal;
  const analysis = join(room, `${basename(clip, '.mp4')}.analysis`);
  const truth = await openMasksScenes(clip.replace(/\.mp4$/, '.truth.json.gz'));
  await analyseFile(
    {
      input: clip,
      shortSide: undefined,
      every: 1,
      span: {},
      deinterlace: false,
      association: 'online',
      output: analysis,
      force: true,
    },
    {
      paths: config.ffmpeg,
      model,
      pack: manifest,
      identity,
      program: 'sidestream bench',
      progress: () => {},
    },
    signal,
  );
  const names = truth.vocabulary.map(({ name }) => [name]);
  const things = truth.vocabulary.filter(({ isthing }) => isthing).map(({ name }) => name);
  const vocabulary = createVocabulary(names, { expand: 'none', modelNames: manifest.names ?? [], things });
  const deps = { model, tokenizer, prompts: manifest.prompts, cache: wordCache };
  const classifier = await buildClassifier(vocabulary, deps, signal);
  return {
    truth: await eventsOf(truth.vocabulary, truth.scenes()),
    model: await eventsOf(vocabulary, analysisScenes(analysis, { vocabulary, classifier }, signal)),
  };
}

/** How many have one among the others with which they overlap. */
const met = (events: readonly Span[], others: readonly Span[], late: number): number =>
  events.filter(({ began, ended }) =>
    others.some((other) => other.began <= ended + late && other.ended >= began - late),
  ).length;

const room = mkdtempSync(join(tmpdir(), 'sidestream-rules-'));
await using ready = await readyModel(loadConfig({}), (line) => process.stderr.write(`${line}\n`));
try {
  const clips = readdirSync(folder)
    .filter(
      (file) => file.endsWith('.mp4') && existsSync(join(folder, file.replace(/\.mp4$/, '.truth.json.gz'))),
    )
    .map((file) => join(folder, file));
  const pairs: Awaited<ReturnType<typeof compare>>[] = [];
  for (const clip of clips) pairs.push(await compare(clip, ready, room));
  const rowOf = (name: string, isRule: (span: Span) => boolean): string => {
    const sums = { truth: 0, model: 0, found: 0, right: 0, foundLate: 0, rightLate: 0 };
    for (const pair of pairs) {
      const [truth, model] = [pair.truth.filter(isRule), pair.model.filter(isRule)];
      sums.truth += truth.length;
      sums.model += model.length;
      sums.found += met(truth, model, 0);
      sums.right += met(model, truth, 0);
      sums.foundLate += met(truth, model, LATE);
      sums.rightLate += met(model, truth, LATE);
    }
    const part = (of: number, all: number) => (all === 0 ? '–' : `${Math.round((of / all) * 100)} %`);
    const { truth, model } = sums;
    const exact = [part(sums.right, model), part(sums.found, truth)];
    return `| ${[name, truth, model, ...exact, part(sums.rightLate, model), part(sums.foundLate, truth)].join(' | ')} |`;
  };
  const rows = RULES.rules.map(({ name }) => rowOf(name, ({ rule }) => rule === name));
  const head = `| rule | events | found | precision | recall | precision ±${LATE} s | recall ±${LATE} s |`;
  const lines = [head, '|---|---|---|---|---|---|---|', ...rows, rowOf('all', () => true)];
  process.stdout.write(`${lines.join('\n')}\n`);
} finally {
  rmSync(room, { recursive: true });
}
