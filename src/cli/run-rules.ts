import { open, readFile } from 'node:fs/promises';
import { openAnalysis } from '../analysis/file/reader.ts';
import { createVocabulary } from '../analysis/vocabulary.ts';
import { createRuleEngine, type RuleEvent } from '../clips/rules/engine.ts';
import { parseRules, type ReadRules } from '../clips/rules/read-rules.ts';
import type { Rules } from '../clips/rules/rules.ts';
import type { Scene } from '../clips/rules/scene.ts';
import { checkWords, objectsOf, withWordsOf, wordsOf } from '../clips/rules/words.ts';
import { foldersOf } from '../config/folders.ts';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { hint } from '../core/suggest.ts';
import { quoteName, type Vocabulary } from '../core/vocabulary.ts';
import { checkModel } from '../pipeline/label.ts';
import { analysisScenes } from '../pipeline/scene-analysis.ts';
import { openMasksScenes } from '../pipeline/scene-masks.ts';
import { readyModel } from '../ready-model.ts';
import { buildClassifier } from '../rsan/classifier.ts';
import { findPack } from '../rsan/packs/pack.ts';
import type { Io } from './io.ts';
import { settingsOf } from './options.ts';
import type { CheckOptions, TryOptions } from './rules.ts';
import { modelOf } from './run-label.ts';
import { table } from './table.ts';
import { wordsOf as wordsAsked } from './words.ts';

/** Rules that were read, with where each part of them stands. */
interface Checked extends Pick<ReadRules, 'where'> {
  readonly path: string;
  readonly rules: Rules;
}

/** Runs `sidestream rules check`. */
export async function checkRules(io: Io, path: string, options: CheckOptions): Promise<void> {
  const checked = await readChecked(io, path);
  const { rules } = checked;
  if (options.vocabulary !== undefined || options.vocabularyFile !== undefined)
    refuse(io, path, checkWords(rules, await vocabularyAsked(options), checked.where));
  if (options.json) {
    io.print(JSON.stringify(rules, null, 2));
    return;
  }
  const { things, stuff } = wordsOf(rules);
  const listed = (words: readonly (readonly string[])[]) =>
    words.map((synonyms) => synonyms.join('|')).join(', ');
  io.print(
    table([
      ['rules', String(rules.rules.length)],
      ['zones', String(Object.keys(rules.zones).length)],
      ['lines', String(Object.keys(rules.lines).length)],
      ['things', listed(things) || '–'],
      ['stuff', listed(stuff) || '–'],
    ]),
  );
}

/** Runs `sidestream rules test`. */
export async function tryRules(
  io: Io,
  path: string,
  files: readonly string[],
  options: TryOptions,
): Promise<void> {
  const checked = await readChecked(io, path);
  const { rules } = checked;
  if (options.at === undefined && !options.quiet && rules.rules.some(({ schedule }) => schedule.length > 0))
    io.say('without --at nobody knows what time it was: schedules always count');
  const { at } = options;
  const utc = at === undefined ? {} : { utc: (seconds: number) => at + seconds * 1000 };
  const rows: Row[] = [];
  for await (const { file, vocabulary, scenes } of opened(io, checked, files, options)) {
    const engine = createRuleEngine(rules, vocabulary, { source: file, ...utc });
    const events = new Map<string, RuleEvent>();
    const tell = (told: readonly RuleEvent[]) => {
      for (const event of told) {
        events.set(event.id, event);
        if (options.json) io.print(JSON.stringify({ file, ...event }));
      }
    };
    let last = 0;
    for await (const scene of scenes) {
      io.signal.throwIfAborted();
      tell(engine.push(scene));
      last = scene.seconds;
    }
    tell(engine.finish(last, 'the file ended'));
    const sorted = [...events.values()].sort((a, b) => a.began - b.began);
    rows.push(...sorted.map((event) => ({ file, event })));
  }
  if (options.json) return;
  if (rows.length > 0) io.print(tableOf(rows, files.length > 1));
  else if (!options.quiet) io.say('nothing that the rules wait for');
}

async function readChecked(io: Io, path: string): Promise<Checked> {
  const { rules, faults, where } = parseRules(await readText(path));
  refuse(io, path, faults);
  if (!rules) throw new SidestreamError('INTERNAL', `${path}: neither rules nor faults`);
  return { path, rules, where };
}

/** Tells every fault, each on a line of its own. Throws RULES_INVALID where there is any. */
function refuse(io: Io, path: string, faults: readonly string[]): void {
  const last = faults.at(-1);
  if (last === undefined) return;
  for (const fault of faults.slice(0, -1)) io.say(`error RULES_INVALID: ${path}:${fault}`);
  throw new SidestreamError('RULES_INVALID', `${path}:${last}`);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isErrno(error)) throw error;
    const isAbsent = error.code === 'ENOENT' || error.code === 'ENOTDIR';
    throw new SidestreamError(
      isAbsent ? 'INPUT_NOT_FOUND' : 'INPUT_UNREADABLE',
      isAbsent ? `${path} does not exist` : `${path} cannot be read: ${error.code}`,
      { cause: error },
    );
  }
}

/** The names that were asked for, and no others. */
async function vocabularyAsked(options: CheckOptions): Promise<Vocabulary> {
  const { config } = await settingsOf(options, {});
  const { manifest } = await findPack(config.model.name, foldersOf(config).packs);
  const { names, things, stuff } = await wordsAsked(options, config);
  return createVocabulary(names, { expand: 'none', modelNames: manifest.names ?? [], things, stuff });
}

interface Opened {
  readonly file: string;
  readonly vocabulary: Vocabulary;
  readonly scenes: AsyncIterable<Scene> | Iterable<Scene>;
}

/** The files one by one; the model is made ready once, where there are analyses. */
async function* opened(
  io: Io,
  checked: Checked,
  files: readonly string[],
  options: TryOptions,
): AsyncGenerator<Opened> {
  const kinds = await Promise.all(files.map(async (file) => ({ file, isMasks: await isMasks(file) })));
  const first = kinds.find((kind) => !kind.isMasks);
  const model = first && (options.model ?? (await modelOf(first.file)));
  await using named = model === undefined ? undefined : await readyNames(io, checked, { ...options, model });
  for (const { file, isMasks } of kinds) {
    if (isMasks) yield { file, ...(await openMasks(io, checked, file, options)) };
    else if (named) {
      await using analysis = await openAnalysis(file);
      checkModel(analysis, named.identity);
      const asked = { ...named, objects: objectsOf(checked.rules, named.vocabulary) };
      yield { file, vocabulary: named.vocabulary, scenes: analysisScenes(file, asked, io.signal) };
    }
  }
}

/** Masks have the names that they have. */
async function openMasks(io: Io, { path, rules, where }: Checked, file: string, { quiet }: TryOptions) {
  const { vocabulary, scenes } = await openMasksScenes(file);
  refuse(io, path, checkWords(rules, vocabulary, where));
  const { things, stuff } = wordsOf(rules, vocabulary);
  const names = vocabulary.map(({ name }) => name);
  for (const [word] of quiet ? [] : [...things, ...stuff])
    io.say(`${file} has nothing that is called ${quoteName(word)}${hint(word, names)}`);
  return { vocabulary, scenes: scenes() };
}

async function readyNames(io: Io, { path, rules, where }: Checked, options: TryOptions) {
  const settings = await settingsOf(options, { 'segment.expand': options.expand });
  const words = withWordsOf(rules, await wordsAsked(options, settings.config));
  const { model, pack, wordCache, ...ready } = await readyModel(settings, () => {});
  const { manifest, tokenizer, identity } = pack;
  try {
    const vocabulary = createVocabulary(words.names, { ...words, modelNames: manifest.names ?? [] });
    refuse(io, path, checkWords(rules, vocabulary, where));
    const deps = { model, tokenizer, prompts: manifest.prompts, cache: wordCache };
    const classifier = await buildClassifier(vocabulary, deps, io.signal);
    return { vocabulary, classifier, identity, ...ready };
  } catch (error) {
    await ready[Symbol.asyncDispose]();
    throw error;
  }
}

/** JSON begins with a brace, what is gzipped with two bytes of its own. */
async function isMasks(file: string): Promise<boolean> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    throw new SidestreamError('INPUT_NOT_FOUND', `${file} does not exist`, { cause: error });
  }
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    return (
      (buffer[0] === 0x1f && buffer[1] === 0x8b) ||
      /^[\s\uFEFF]*\{/.test(buffer.toString('utf8', 0, bytesRead))
    );
  } finally {
    await handle.close();
  }
}

interface Row {
  readonly file: string;
  readonly event: RuleEvent;
}

/** Tracks that a row has room for. */
const SHOWN = 5;

function tableOf(rows: readonly Row[], withFiles: boolean): string {
  const cells = rows.map(({ file, event: { rule, began, ended, why, names, tracks, best } }) => [
    ...(withFiles ? [file] : []),
    rule,
    began.toFixed(2),
    `${(ended ?? began).toFixed(2)}${why === undefined ? '' : '…'}`,
    names.join(', '),
    `${tracks.slice(0, SHOWN).join(', ')}${tracks.length > SHOWN ? ` +${tracks.length - SHOWN}` : ''}`,
    best.seconds.toFixed(2),
    best.score.toFixed(3),
    `${(best.share * 100).toFixed(1)} %`,
  ]);
  const head = ['rule', 'begin', 'end', 'names', 'tracks', 'best', 'score', 'share'];
  return table([[...(withFiles ? ['file'] : []), ...head], ...cells]);
}
