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
    { name: 'car enters near', when: { object: 'car', enters: 'near', min_size: '0.2 %' } },
    { name: 'car leaves near', when: { object: 'car', leaves: 'near', min_size: '0.2 %' } },
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

/** How many have one of the same rule among the others with which they overlap. */
const met = (events: readonly Span[], others: readonly Span[], late: number): number =>
  events.filter(({ rule, began, ended }) =>
    others.some((other) => other.rule === rule && other.began <= ended + late && other.ended >= began - late),
  ).length;

/** Seconds that events of one rule have in common, and that either has; events of one side do not overlap. */
function together(one: readonly Span[], other: readonly Span[]): { common: number; either: number } {
  const length = (spans: readonly Span[]) => spans.reduce((sum, { began, ended }) => sum + ended - began, 0);
  const common = one.reduce(
    (sum, a) =>
      sum +
      other.reduce((all, b) => all + Math.max(0, Math.min(a.ended, b.ended) - Math.max(a.began, b.began)), 0),
    0,
  );
  return { common, either: length(one) + length(other) - common };
}

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
  const part = (of: number, all: number) => (all === 0 ? '–' : `${Math.round((of / all) * 100)} %`);
  const rowOf = (name: string, isRule: (span: Span) => boolean, isMoment: boolean): string => {
    const shown = pairs.map(({ truth, model }) => ({
      truth: truth.filter(isRule),
      model: model.filter(isRule),
    }));
    const all = (side: 'truth' | 'model') => shown.reduce((count, pair) => count + pair[side].length, 0);
    const hits = (late: number) =>
      shown.reduce(
        ({ right, found }, { truth, model }) => ({
          right: right + met(model, truth, late),
          found: found + met(truth, model, late),
        }),
        { right: 0, found: 0 },
      );
    const figures = [0, LATE].flatMap((late) => {
      const { right, found } = hits(late);
      return [part(right, all('model')), part(found, all('truth'))];
    });
    const times = shown.map(({ truth, model }) => together(truth, model));
    const common = times.reduce((seconds, time) => seconds + time.common, 0);
    const either = times.reduce((seconds, time) => seconds + time.either, 0);
    const time = isMoment ? '–' : part(common, either);
    return `| ${[name, all('truth'), all('model'), ...figures, time].join(' | ')} |`;
  };
  const rows = RULES.rules.map(({ name, when }) => {
    const isMoment = 'object' in when && (when.enters ?? when.leaves ?? when.crosses) !== undefined;
    return rowOf(name, ({ rule }) => rule === name, isMoment);
  });
  const head = `| rule | in truth | seen | precision | recall | precision ±${LATE} s | recall ±${LATE} s | time |`;
  const lines = [head, '|---|---|---|---|---|---|---|---|', ...rows, rowOf('all', () => true, true)];
  process.stdout.write(`${lines.join('\n')}\n`);
} finally {
  rmSync(room, { recursive: true });
}
