import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** A project with nothing to it but the set-up script, and a PATH that holds nothing but what a test puts there. */
let folder: string;
let log: string;
const LOCK = { packages: { '': {}, 'node_modules/one': { version: '1.0.0', integrity: 'sha512-x' } } };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-setup-'));
  log = join(folder, 'log');
  await writeFile(log, '');
  for (const name of ['scripts', 'bin', 'tmp', 'node_modules']) await mkdir(join(folder, name));
  await cp('scripts/setup.mjs', join(folder, 'scripts/setup.mjs'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ engines: { node: '>=20.19.0' } }));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(LOCK));
  await writeFile(join(folder, 'node_modules/.package-lock.json'), JSON.stringify(LOCK));
  // Where the tests do not run as root.
  const sudo = 'while case "$1" in -*) true ;; *) false ;; esac; do shift; done; exec "$@"';
  await writeFile(join(folder, 'bin/sudo'), `#!/bin/sh\n${sudo}\n`, { mode: 0o755 });
  for (const name of ['sh', 'cp', 'sleep']) await symlink(`/bin/${name}`, join(folder, 'bin', name));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Puts a program into PATH: a shell script that notes how it was called. */
async function program(name: string, script = ':') {
  const path = join(folder, 'bin', name);
  await writeFile(path, `#!/bin/sh\necho "${name} $*" >> ${log}\n${script}\n`);
  await chmod(path, 0o755);
}

/** A package manager that installs programs of these names. */
const installing = (...names: string[]) =>
  names.map((name) => `cp ${folder}/bin/sh ${folder}/bin/${name}`).join('\n');

function setup(): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(folder, 'scripts/setup.mjs')], {
    cwd: folder,
    env: { PATH: join(folder, 'bin'), TMPDIR: join(folder, 'tmp') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}
const calls = async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
const everything = async () => {
  for (const name of ['ffmpeg', 'ffprobe', 'redis-server']) await program(name);
};

it('does and says nothing where all is there', async () => {
  await everything();
  expect(await setup()).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(await calls()).toEqual([]);
});

it.each([
  ['another version', { 'node_modules/one': { version: '0.9.0', integrity: 'sha512-x' } }],
  ['another content', { 'node_modules/one': { version: '1.0.0', integrity: 'sha512-y' } }],
  ['nothing', {}],
  ['too much', { ...LOCK.packages, 'node_modules/two': { version: '1.0.0' } }],
])('installs packages where there is %s of them', async (_, packages) => {
  await everything();
  await program('npm');
  await writeFile(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
  expect(await setup()).toMatchObject({ status: 0 });
  expect(await calls()).toEqual([expect.stringMatching(/^npm ci .*--include=dev --ignore-scripts/)]);
});

it('says that packages cannot be installed', async () => {
  await everything();
  await program('npm', 'exit 1');
  await rm(join(folder, 'node_modules'), { recursive: true });
  const { status, stderr } = await setup();
  expect(status).toBe(1);
  expect(stderr).toMatch(/^setup: npm ci failed/m);
});

it('installs programs with the package manager, its lists refreshed where that is needed', async () => {
  await program('ffmpeg');
  await program('ffprobe');
  const script = `[ "$1" = update ] && { : > ${folder}/fresh; exit 0; }
    [ -f ${folder}/fresh ] || exit 100
    ${installing('redis-server')}`;
  await program('apt-get', script);
  expect(await setup()).toMatchObject({ status: 0 });
  expect((await calls()).map((call) => call.split(' ')[1])).toEqual(['install', 'update', 'install']);
  expect((await calls()).at(-1)).toMatch(/^apt-get install -y .*redis-server$/);
  expect(await setup()).toEqual({ status: 0, stdout: '', stderr: '' });
});

it('knows other names of a package', async () => {
  await program('redis-server');
  await program('dnf', `case "$*" in *ffmpeg-free) ${installing('ffmpeg', 'ffprobe')} ;; *) exit 1 ;; esac`);
  expect(await setup()).toMatchObject({ status: 0 });
});

it.each([
  ['there is no package manager', undefined],
  ['the package manager fails', 'exit 1'],
  ['the package manager brings nothing', 'exit 0'],
])('says in one line what to install where %s', async (_, script) => {
  await program('redis-server');
  if (script !== undefined) await program('apk', script);
  const { status, stderr } = await setup();
  expect(status).toBe(1);
  const last = stderr.trim().split('\n').at(-1);
  expect(last).toMatch(/^setup: please install ffmpeg, ffprobe \(.+\), then run this again$/);
});

it('works once when started twice at the same time', async () => {
  await program('redis-server');
  await program('apk', `sleep 1\n${installing('ffmpeg', 'ffprobe')}`);
  const runs = await Promise.all([setup(), setup(), setup()]);
  expect(runs.map(({ status }) => status)).toEqual([0, 0, 0]);
  expect(await calls()).toHaveLength(1);
});

it('does not wait for one that is dead', async () => {
  await program('redis-server');
  await program('apk', `kill -9 $PPID`);
  expect((await setup()).status).toBeNull();
  await program('apk', installing('ffmpeg', 'ffprobe'));
  expect(await setup()).toMatchObject({ status: 0 });
});

it('refuses a Node that is too old', async () => {
  await everything();
  await writeFile(join(folder, 'package.json'), JSON.stringify({ engines: { node: '>=99.1.0' } }));
  const { status, stderr } = await setup();
  expect(status).toBe(1);
  expect(stderr).toMatch(/^setup: Node 99\.1\.0 or newer is needed.*\n$/);
});
