import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sidestream as run } from './command.ts';

const TOWN = 'test/fixtures/toytown';
const TRUTH = join(TOWN, 'watch.truth.json.gz');

let folder: string;
const at = (name: string) => join(folder, name);
const sidestream = (...args: string[]) =>
  run(args, { XDG_CACHE_HOME: folder, SIDESTREAM_MODEL__SHORT_SIDE: '224' });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-rules-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(text: string, name = 'rules.yaml'): Promise<string> {
  await writeFile(at(name), text);
  return at(name);
}
const ok = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await sidestream(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};
/** The same, but what Node itself has to say does not matter. */
const done = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await sidestream(...args, '--quiet');
  expect(stderr).not.toMatch(/^error/m);
  expect(status).toBe(0);
  return stdout;
};
/** Exit status and what was said, the folder left out. */
const failing = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await sidestream(...args);
  expect(stdout).toBe('');
  return `${status} ${stderr.replaceAll(`${folder}/`, '')}`;
};

describe('rules check', () => {
  const RULES = `zones:
  gate: [[0, 0], [1, 0], [1, 1]]
rules:
  - { name: a, when: { object: [car|vehicle, dog], in: gate, for: 1 min } }
  - { name: b, when: { stuff: clouds, share: "> 5 %" } }
`;

  it('tells what there is, and the one form of it', async () => {
    const path = await write(RULES);
    expect(await ok('rules', 'check', path)).toBe(
      'rules   2\nzones   1\nlines   0\nthings  car|vehicle, dog\nstuff   clouds\n',
    );
    const json = await ok('rules', 'check', path, '--json');
    expect(JSON.parse(json).rules[0].when).toEqual({ object: ['car|vehicle', 'dog'], in: ['gate'], for: 60 });
    expect(await ok('rules', 'check', await write(json, 'rules.json'), '--json')).toBe(json);
  });

  it('tells every fault, each on a line', async () => {
    const path = await write(
      'zonez: 1\nrules:\n  - name: a\n    when: { object: car, in: gate }\n    clip: 3\n',
    );
    expect(await failing('rules', 'check', path)).toBe(
      `2 error RULES_INVALID: rules.yaml:1:1: unknown key zonez (did you mean zones?)
error RULES_INVALID: rules.yaml:4:30: there is no zone gate
error RULES_INVALID: rules.yaml:5:11: clip must be true or false
`,
    );
    expect(await failing('rules', 'test', path, TRUTH)).toMatch(/^2 (error RULES_INVALID: .*\n){3}$/);
    expect(await failing('rules', 'check', at('none.yaml'))).toBe(
      '66 error INPUT_NOT_FOUND: none.yaml does not exist\n',
    );
  });

  it('compares them with a vocabulary', async () => {
    const path = await write('rules:\n  - name: a\n    when: { object: sky }\n');
    await ok('rules', 'check', path, '--vocabulary', 'car');
    expect(await failing('rules', 'check', path, '--vocabulary', 'sky, car')).toMatch(
      /^2 error RULES_INVALID: rules\.yaml:3:21: "sky" is stuff/,
    );
    await ok('rules', 'check', path, '--vocabulary', 'sky, car', '--things', 'sky');
  });
});

describe('rules test', () => {
  const RULES = `zones:
  near: [[0.25, 0.5], [0.75, 0.5], [0.75, 1], [0.25, 1]]
rules:
  - { name: car, when: { object: car, in: near, min_size: 0.5 % } }
  - { name: sky, when: { stuff: sky, share: "> 5 %" }, schedule: { from: "22:00", to: "22:01" } }
`;

  it('prints what docs/rules.md says', async () => {
    const text = await readFile('docs/rules.md', 'utf8');
    const [, rules, command, printed] =
      /```yaml\n([\s\S]*?)```\n\n```\n\$ npx sidestream (.*)\n([\s\S]*?)```/.exec(text) ?? [];
    const path = await write(rules, 'street.yaml');
    expect(await ok(...command.replace('street.yaml', path).split(' '))).toBe(printed);
  });

  it('prints each message of each event as JSON', async () => {
    const path = await write(RULES);
    const lines = (await ok('rules', 'test', path, TRUTH, '--json', '--at', '2026-01-31T22:00:58Z'))
      .trim()
      .split('\n');
    const events = lines.map((line) => JSON.parse(line));
    expect(new Set(events.map(({ file }) => file))).toEqual(new Set([TRUTH]));
    const sky = events.filter(({ rule }) => rule === 'sky');
    expect(sky).toMatchObject([
      { type: 'open', began: 0, tracks: [], names: ['sky'] },
      { type: 'close', began: 0, id: sky[0].id },
    ]);
    // At 22:01 it was over.
    expect(sky[1].ended).toBeCloseTo(2 - 1 / 24, 6);
    expect(sky[1]).not.toHaveProperty('why');
    const cars = events.filter(({ rule }) => rule === 'car');
    expect(cars.map(({ type }) => type)).toContain('update');
    expect(cars.at(-1)).toMatchObject({ type: 'close', names: ['car'] });
  });

  it('says when nothing is known of the time, or of a name, and when nothing happened', async () => {
    const path = await write(
      'rules:\n  - { name: a, when: { object: [cars, bus] }, schedule: { to: "08:00" } }\n',
    );
    const { status, stdout, stderr } = await sidestream('rules', 'test', path, TRUTH);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'without --at nobody knows what time it was: schedules always count',
      `${TRUTH} has nothing that is called "cars" (did you mean car?)`,
      `${TRUTH} has nothing that is called "bus"`,
      'nothing that the rules wait for',
      '',
    ]);
    expect(await ok('rules', 'test', path, TRUTH, '--quiet')).toBe('');
    expect(await failing('rules', 'test', path, TRUTH, '--at', 'noon')).toMatch(
      /^2 error USAGE: .*--at.* ISO 8601/,
    );
    expect(await failing('rules', 'test', path, at('none.json'), '--quiet')).toMatch(
      /^66 error INPUT_NOT_FOUND/,
    );
    expect(await failing('rules', 'test', path, path, '--quiet')).toMatch(/^65 error ANALYSIS_INVALID/);
  });

  it('names an analysis anew, with the words of the rules, as label does', async () => {
    const path = await write(RULES);
    const analysis = at('watch.analysis');
    await done('analyse', join(TOWN, 'watch.mp4'), '-o', analysis, '--duration', '2.5');
    const words = ['--vocabulary', 'road|street, pedestrian', '--expand', 'model'];
    const eventsOf = async (file: string) =>
      (await done('rules', 'test', path, file, '--json', ...words))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    const events = await eventsOf(analysis);
    const masks = at('masks.json');
    await done('label', analysis, '--masks', masks, '--vocabulary', 'road|street, pedestrian, car, sky');
    // The masks have pixels where rules look at points, and one score for all frames.
    const closed = (
      all: readonly { type: string; rule: string; began: number; tracks: number[] }[],
      rule: string,
    ) =>
      all
        .filter((one) => one.type === 'close' && one.rule === rule)
        .map(({ began, tracks }) => [began.toFixed(3), tracks]);
    const ofMasks = await eventsOf(masks);
    for (const rule of ['car', 'sky']) {
      expect(closed(events, rule)).toHaveLength(1);
      expect(closed(events, rule)).toEqual(closed(ofMasks, rule));
    }
    const table = await done('rules', 'test', path, analysis, masks, ...words);
    expect(table).toMatch(/^file +rule +begin +end +names +tracks +best +score +share\n/);
    expect(
      table
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(/ +/)[0]),
    ).toEqual([analysis, analysis, masks, masks]);
    expect(
      await failing('rules', 'test', path, analysis, '--vocabulary', 'car', '--stuff', 'car', '--quiet'),
    ).toMatch(/^2 error RULES_INVALID: rules\.yaml:4:\d+: "car" is stuff/);
  });

  it('shows examples', async () => {
    const { stdout } = await sidestream('rules', '--help');
    expect(stdout).toMatch(
      /^ {2}sidestream rules test gate\.yaml night\.analysis --at 2026-01-31T22:00:00\+01:00/m,
    );
    expect((await sidestream('rules', 'test', '--help')).stdout).toContain('--at <time>');
  });
});
