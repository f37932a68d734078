import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../src/core/errors.ts';

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(path));
const text = (path: string) => readFileSync(path, 'utf8');
const isText = (path: string) => !/\.(mp4|gz|safetensors|pth|png|jpg|webp|bin)$/.test(path);
const documents = tracked.filter((path) => path.endsWith('.md'));

it('lists every error code as it is', () => {
  const rows = Object.entries(ERRORS).map(
    ([code, { exit, http, retryable, text }]) =>
      `| ${code} | ${exit} | ${http} | ${retryable ? 'yes' : 'no'} | ${text} |`,
  );
  const listed = text('docs/errors.md')
    .split('\n')
    .filter((line) => /^\| [A-Z_]+ \|/.test(line))
    .map((line) => `${line.split(' | ').slice(0, 5).join(' | ')} |`);
  expect(listed.sort()).toEqual(rows.sort());
});

it('says something of every package, and of no other', () => {
  const { dependencies, devDependencies } = JSON.parse(text('package.json'));
  const lock = JSON.parse(text('package-lock.json')).packages;
  const wanted = Object.keys({ ...dependencies, ...devDependencies }).map(
    (name) => `${name} ${lock[`node_modules/${name}`].version}`,
  );
  const said = text('docs/dependencies.md')
    .split('\n')
    .flatMap((line) => [...(/^\| ([^|]*\d) \|/.exec(line)?.[1] ?? '').matchAll(/[@\w/.-]+ [\d.]+/g)])
    .map(([entry]) => entry);
  expect(said.sort()).toEqual(wanted.sort());
});

it('names no download host in the lockfile', () => {
  const { packages } = JSON.parse(text('package-lock.json'));
  const hosts = Object.values<{ resolved?: string }>(packages).filter(
    ({ resolved }) => resolved !== undefined,
  );
  expect(hosts).toEqual([]);
});

it('has the packages of every platform in the lockfile, without which npm ci does not start', () => {
  interface Locked {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const packages: Readonly<Record<string, Locked>> = JSON.parse(text('package-lock.json')).packages;
  /** Where Node would look for `name` from `path`, inside out. */
  const places = (path: string, name: string): string[] => {
    const parent = path.lastIndexOf('/node_modules/');
    const here = path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`;
    if (path === '') return [here];
    return [here, ...places(parent < 0 ? '' : path.slice(0, parent), name)];
  };
  const absent = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !places(path, name).some((place) => place in packages))
      .map((name) => `${path} wants ${name}`),
  );
  expect(absent).toEqual([]);
});

describe('links', () => {
  it.each(documents)('of %s lead somewhere', (path) => {
    const targets = [...text(path).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target);
    const missing = targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(dirname(path), target)));
    expect(missing).toEqual([]);
  });
});

it('speaks of itself alone', () => {
  // Written apart, so that this file is no hit itself.
  const foreign = new RegExp(
    [
      '(?<![\\w.])/wor' + 'k/',
      '/far' + 'm/',
      '\\.\\./sha' + 'red',
      '\\.lib' + 'rary/',
      'issues sh' + 'ow',
      '\\bthis sess' + 'ion',
      'regis' + 'try\\.(npmjs|yarnpkg|npmmirror)',
      'py' + 'pi\\.org',
    ].join('|'),
  );
  const hits = tracked
    .filter(isText)
    .filter((path) => path !== 'package-lock.json' && foreign.test(text(path)));
  expect(hits).toEqual([]);
});

/** Lines that a source may have, with the few that may have more, and why. */
const LIMIT = 350;
const LONG: Readonly<Record<string, string>> = {
  'src/overlay/glyphs.ts': 'shapes of letters: data, not a second idea',
  'src/analysis/cells.ts': 'one algorithm over buffers that its steps share',
  'src/web/api/schema.d.ts': 'made from the description of the API',
  'src/web/text/en.ts': 'all words of the page, for whoever translates it',
  'src/rsan/vision.ts': 'one network, in the order of its layers',
};

it('keeps sources short', () => {
  const long = tracked
    .filter((path) => /^(src|workers)\/.*\.tsx?$/.test(path))
    .filter((path) => text(path).split('\n').length - 1 > LIMIT);
  // Equal, so that an exception goes when it is no longer needed.
  expect(long.sort()).toEqual(Object.keys(LONG).sort());
});

it('reads the environment in one place', () => {
  const readers = tracked
    .filter((path) => /^(src|workers)\/.*\.ts$/.test(path) && !path.startsWith('src/config/'))
    .filter((path) => /\bprocess\.env\b/.test(text(path)));
  // Not a reader: ONNX Runtime takes this one setting from the environment alone.
  expect(readers.filter((path) => path !== 'src/rsan/no-telemetry.ts')).toEqual([]);
});

it('has no test that is skipped, focused or left for later', () => {
  const marks = new RegExp(`\\b(it|test|describe)\\.(on` + `ly|to` + `do|ski` + `p)\\b`);
  expect(tracked.filter((path) => path.endsWith('.test.ts') && marks.test(text(path)))).toEqual([]);
});
