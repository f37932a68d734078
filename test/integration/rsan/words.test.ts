import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildClassifier, embedNames } from '../../../src/rsan/classifier.ts';
import { openModel } from '../../../src/rsan/model.ts';
import { loadPack, openPack } from '../../../src/rsan/packs/pack.ts';
import { worstDifference } from '../../fixtures/golden.ts';
import { DIM, PROMPTS, wordDeps } from './word-model.ts';

const run = promisify(execFile);
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `name ${from + i}`);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-words-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
/** The one file that words are kept in. */
async function keptIn(cache: string): Promise<string> {
  const [file, ...others] = await readdir(cache);
  expect(others).toEqual([]);
  return join(cache, file);
}

describe('words of street-tiny', () => {
  it('are the same alone, among others and from the cache; the part that sees is not built', async () => {
    const pack = await openPack(
      await loadPack(new URL('../../../models/street-tiny', import.meta.url).pathname),
    );
    const graphs = join(folder, 'graphs');
    const options = {
      provider: 'cpu',
      precision: 'fp32',
      threads: 1,
      maxSessions: 4,
      cache: graphs,
    } as const;
    await using model = await openModel(pack, options);
    const deps = {
      model,
      tokenizer: pack.tokenizer,
      prompts: pack.manifest.prompts,
      cache: join(folder, 'words'),
    };
    const words = [
      'car',
      'a rather long name for a tree',
      'road',
      'дорога',
      '道路',
      '👨‍👩‍👧',
      ...numbered(40),
    ];
    const together = await embedNames(words, { ...deps, cache: undefined });
    expect([...together.keys()].sort()).toEqual([...words].sort());
    for (const word of words.slice(0, 6)) {
      const alone = (await embedNames([word], deps)).get(word)!;
      expect(Math.hypot(...alone)).toBeCloseTo(1, 5);
      expect(worstDifference(together.get(word)!, alone), word).toBeLessThan(1e-5);
      expect((await embedNames(words.slice(0, 1).concat(word), deps)).get(word)).toEqual(alone);
    }
    expect((await readdir(graphs)).filter((file) => !/^text-|\.weights$/.test(file))).toEqual([]);
  });
});

describe('words', () => {
  it('are rows of the classifier by their name, with the background last', async () => {
    const entry = (...synonyms: string[]) => ({ name: synonyms[0], synonyms, other: false, isthing: true });
    const { deps } = wordDeps(undefined);
    const classifier = await buildClassifier([entry('car', 'auto'), entry('bus')], deps);
    expect([...classifier.rowEntry]).toEqual([0, 0, 1, -1]);
    const embeddings = await embedNames(['auto'], deps);
    const row = classifier.weights.subarray(DIM, 2 * DIM);
    expect(
      worstDifference(
        row,
        embeddings.get('auto')!.map((value) => value * 2),
      ),
    ).toBeLessThan(1e-6);
    expect([...classifier.weights.subarray(3 * DIM)]).toEqual(Array(DIM).fill(0.5));
  });

  it('by the thousand take one file, few texts at a time, and say how far they are', async () => {
    const said: number[] = [];
    const { deps, runs } = wordDeps(folder, { lanes: 3 });
    const progress = (done: number, all: number) => said.push(done / all);
    const first = await embedNames(numbered(5000), { ...deps, progress });
    expect(first.size).toBe(5000);
    expect(runs.reduce((a, b) => a + b)).toBe(5000 * PROMPTS.length);
    expect(Math.max(...runs)).toBeLessThanOrEqual(500);
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said.at(-1)).toBe(1);
    expect((await stat(await keptIn(folder))).size).toBe(5000 * (24 + DIM * 4));
    const again = wordDeps(folder);
    expect(await embedNames(numbered(5000), again.deps)).toEqual(first);
    expect(again.runs).toEqual([]);
  });

  it('are computed anew for other prompts and other arithmetic', async () => {
    const { deps, runs } = wordDeps(folder);
    await embedNames(['car'], deps);
    await embedNames(['car'], { ...deps, prompts: ['a {}'] });
    await embedNames(['car'], { ...deps, model: { ...deps.model, precision: 'fp16' } });
    expect(runs).toEqual([2, 1, 2]);
    expect((await readdir(folder)).length).toBe(3);
  });

  it('that were done before the work was stopped are kept', async () => {
    const stop = new AbortController();
    const { deps, runs } = wordDeps(folder);
    const progress = (done: number) => done >= 100 && stop.abort(new Error('enough'));
    await expect(embedNames(numbered(1000), { ...deps, progress }, stop.signal)).rejects.toThrow('enough');
    const done = runs.reduce((a, b) => a + b) / PROMPTS.length;
    expect(done).toBeLessThan(200);
    const rest = wordDeps(folder);
    await embedNames(numbered(1000), rest.deps);
    expect(rest.runs.reduce((a, b) => a + b) / PROMPTS.length).toBe(1000 - done);
  });

  it('are not begun by one lane when another has failed', async () => {
    let calls = 0;
    const before = async () => {
      if (++calls === 2) throw new Error('broken');
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const { deps, runs } = wordDeps(folder, { lanes: 2, before });
    await expect(embedNames(numbered(1000), deps)).rejects.toThrow('broken');
    expect(runs.length).toBe(1);
  });
});

describe('the cache of words', () => {
  it('passes over what was written in part, and what is damaged', async () => {
    const { deps } = wordDeps(folder);
    const words = numbered(40);
    const whole = await embedNames(words, deps);
    const file = await keptIn(folder);
    const record = 24 + DIM * 4;
    // The last record is cut, others follow behind it; in the third one a byte differs.
    await truncate(file, 40 * record - 7);
    await embedNames(numbered(5, 40), deps);
    const bytes = await readFile(file);
    bytes[2 * record + 50] ^= 1;
    await writeFile(file, bytes);
    await appendFile(file, 'word, and no more');
    const { deps: again, runs } = wordDeps(folder);
    expect(await embedNames(words, again)).toEqual(whole);
    expect(runs).toEqual([2 * PROMPTS.length]);
    await embedNames(numbered(45), again);
    expect(runs).toEqual([2 * PROMPTS.length]);
  });

  it('may be written by several processes at once', async () => {
    const module = new URL('./word-model.ts', import.meta.url).pathname;
    const classifier = new URL('../../../src/rsan/classifier.ts', import.meta.url).pathname;
    const write = (from: number) => {
      const code = `
        import { wordDeps } from ${JSON.stringify(module)};
        import { embedNames } from ${JSON.stringify(classifier)};
        const words = Array.from({ length: 400 }, (_, i) => 'name ' + (${from} + i));
        await embedNames(words, wordDeps(${JSON.stringify(folder)}).deps);`;
      return run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code]);
    };
    // The last two write the same words.
    await Promise.all([0, 400, 800, 800].map(write));
    const { deps, runs } = wordDeps(folder);
    const words = numbered(1200);
    const kept = await embedNames(words, deps);
    expect(runs).toEqual([]);
    expect(kept).toEqual(await embedNames(words, wordDeps(undefined).deps));
  });

  it('that cannot be used names the setting', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(embedNames(['car'], wordDeps(join(folder, 'file', 'words')).deps)).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringContaining('cache.directory'),
    });
  });
});

describe('a name', () => {
  const usage = (...said: RegExp[]) =>
    expect.objectContaining({
      code: 'USAGE',
      message: expect.stringMatching(new RegExp(said.map(({ source }) => `(?=.*${source})`).join(''))),
    });

  it('that is too long for every prompt is refused before the work, with what fits', async () => {
    const { deps, runs } = wordDeps(undefined);
    // 64 tokens are start, "a ", the name and end.
    const [room] = [64 - 2 - 2];
    await expect(embedNames(['car', 'x'.repeat(room + 1)], deps)).rejects.toThrow(
      usage(/x{40}…/, /61 tokens/, /room for 60/),
    );
    await expect(embedNames(['日'.repeat(1000)], deps)).rejects.toThrow(usage(/3000 tokens/));
    expect(runs).toEqual([]);
    await embedNames(['x'.repeat(room)], deps);
  });

  it('is never cut: prompts without room for all of it are left out', async () => {
    const { deps, runs } = wordDeps(undefined);
    // "This is a large " has 16 bytes: 46 are left, whatever comes behind.
    await embedNames(['x'.repeat(46)], deps);
    await embedNames(['x'.repeat(47)], deps);
    expect(runs).toEqual([2, 1]);
    const [one, other] = await Promise.all(
      ['y', 'z'].map(async (end) => [...(await embedNames([`${'x'.repeat(50)}${end}`], deps)).values()][0]),
    );
    expect(worstDifference(one, other)).toBeGreaterThan(1e-3);
  });

  it('of which the tokenizer makes nothing is refused', async () => {
    const { deps, runs } = wordDeps(undefined);
    await expect(embedNames(['car', ' \t'], deps)).rejects.toThrow(usage(/means nothing/));
    expect(runs).toEqual([]);
  });
});
