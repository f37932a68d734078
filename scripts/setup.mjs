#!/usr/bin/env node
/**
 * Makes a fresh machine ready: packages as the lockfile has them, ffmpeg and redis-server from the system's package
 * manager. Only Node's built-ins; what is there already is left alone, so that a second run costs next to nothing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = realpathSync(dirname(dirname(fileURLToPath(import.meta.url))));
/** What is needed, and what the package is called that brings it: the first name that a manager knows is taken. */
const PROGRAMS = [
  {
    commands: ['ffmpeg', 'ffprobe'],
    packages: {
      apt: ['ffmpeg'],
      dnf: ['ffmpeg', 'ffmpeg-free'],
      apk: ['ffmpeg'],
      pacman: ['ffmpeg'],
      brew: ['ffmpeg'],
    },
  },
  {
    commands: ['redis-server'],
    packages: {
      apt: ['redis-server'],
      dnf: ['redis', 'valkey-compat-redis'],
      apk: ['redis', 'valkey-compat'],
      pacman: ['redis', 'valkey'],
      brew: ['redis'],
    },
  },
];
/** `--page`: also what the tests of the page are driven with. Any of its names will do. */
const BROWSER = {
  commands: ['chromium', 'chromium-browser', 'google-chrome'],
  any: true,
  packages: {
    apt: ['chromium', 'chromium-browser'],
    dnf: ['chromium'],
    apk: ['chromium'],
    pacman: ['chromium'],
    brew: ['chromium'],
  },
};
if (process.argv.includes('--page')) PROGRAMS.push(BROWSER);
const MANAGERS = {
  apt: {
    command: 'apt-get',
    refresh: ['update', '-qq'],
    install: ['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'],
  },
  dnf: { command: 'dnf', install: ['install', '-y', '-q'] },
  apk: { command: 'apk', install: ['add', '-q', '--no-cache'] },
  pacman: {
    command: 'pacman',
    refresh: ['-Sy', '-q', '--noconfirm'],
    install: ['-S', '-q', '--noconfirm', '--needed'],
  },
  brew: { command: 'brew', install: ['install', '-q'], asUser: true },
};

/** Milliseconds. */
const LONGEST_SETUP = 30 * 60_000;

class SetupError extends Error {}

checkNode();
if (!ready()) {
  const unlock = await lock();
  try {
    // Whoever had the lock before may have done it all.
    if (!packagesMatch()) installPackages();
    installPrograms(missingPrograms());
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`setup: ${error.message}`);
    process.exitCode = 1;
  } finally {
    unlock();
  }
}

function ready() {
  return packagesMatch() && missingPrograms().length === 0;
}

function checkNode() {
  const wanted = readJson('package.json')
    .engines.node.replace(/[^\d.]/g, '')
    .split('.')
    .map(Number);
  const here = process.versions.node.split('.').map(Number);
  const difference = wanted.map((part, i) => here[i] - part).find((part) => part !== 0) ?? 0;
  if (difference >= 0) return;
  console.error(
    `setup: Node ${wanted.join('.')} or newer is needed, this is ${process.versions.node}: install a newer Node`,
  );
  process.exit(1);
}

/** True where node_modules holds what the lockfile says, by the list that npm leaves there after a whole installation. */
function packagesMatch() {
  const wanted = readJson('package-lock.json').packages;
  const here = readJson('node_modules/.package-lock.json')?.packages;
  if (!here) return false;
  const same = (path) =>
    here[path]?.version === wanted[path].version && here[path].integrity === wanted[path].integrity;
  const fits = ({ os = [process.platform], cpu = [process.arch] }) =>
    os.includes(process.platform) && cpu.includes(process.arch);
  return (
    Object.keys(wanted).every(
      (path) => path === '' || same(path) || (wanted[path].optional && !here[path]),
    ) && Object.keys(here).every((path) => wanted[path] && fits(here[path]))
  );
}

function installPackages() {
  console.error('setup: installing packages');
  // Under `npm run` the npm that runs is known; otherwise the one in PATH is taken.
  const npm = /npm-cli\.js$/.test(process.env.npm_execpath ?? '')
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  const args = [
    'ci',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
  ];
  const result = spawnSync(npm[0], [...npm.slice(1), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0)
    throw new SetupError('npm ci failed (see above): check the network and run it again');
}

function missingPrograms() {
  return PROGRAMS.filter(
    ({ commands, any }) => !(any ? commands.some(findCommand) : commands.every(findCommand)),
  );
}

/** True where `name` is in PATH. */
function findCommand(name) {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  return (process.env.PATH ?? '').split(delimiter).some((folder) =>
    names.some((file) => {
      try {
        const path = join(folder, file);
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    }),
  );
}

function installPrograms(missing) {
  if (missing.length === 0) return;
  const name = Object.keys(MANAGERS).find((key) => findCommand(MANAGERS[key].command));
  const manager = MANAGERS[name];
  const asRoot = manager?.asUser || process.getuid?.() === 0 ? [] : findCommand('sudo') ? sudo() : undefined;
  if (manager && asRoot) {
    let refreshed = false;
    const run = (args) =>
      spawnSync([...asRoot, manager.command, ...args][0], [...asRoot, manager.command, ...args].slice(1), {
        stdio: [process.stdin.isTTY ? 'inherit' : 'ignore', 'ignore', 'pipe'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        encoding: 'utf8',
      });
    for (const { commands, any, packages } of missing) {
      console.error(`setup: installing ${(any ? commands.slice(0, 1) : commands).join(', ')}`);
      const install = () => packages[name].some((one) => run([...manager.install, one]).status === 0);
      // Package lists may be absent or too old; most often they are neither, so the refresh comes second.
      if (!install() && manager.refresh && !refreshed) {
        run(manager.refresh);
        refreshed = true;
        install();
      }
    }
  }
  const still = missingPrograms().flatMap(({ commands, any }) =>
    any ? commands.slice(0, 1) : commands.filter((command) => !findCommand(command)),
  );
  if (still.length === 0) return;
  const why = !manager
    ? 'no package manager that is known is here'
    : !asRoot
      ? 'it takes root'
      : `${manager.command} could not`;
  throw new SetupError(`please install ${still.join(', ')} (${why}), then run this again`);
}

/** sudo may ask for a password only where somebody can answer. */
function sudo() {
  return process.stdin.isTTY
    ? ['sudo', '--preserve-env=DEBIAN_FRONTEND']
    : ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND'];
}

/**
 * One set-up of this folder at a time; others wait. The lock lies outside, since `npm ci` empties node_modules, and
 * holds the process id: that of a process that is gone counts for nothing, nor does one of long ago, whose number
 * may be another's by now.
 */
async function lock() {
  const id = createHash('sha256').update(ROOT).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `sidestream-setup-${id}.lock`);
  for (let told = false; ; await sleep(200)) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      // Somebody who saw the dead one's lock may just be removing this one: it counts when it has stayed.
      await sleep(100);
      if (readOwner(path) === process.pid) return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readOwner(path);
    if (owner !== undefined && !alive(owner)) rmSync(path, { force: true });
    else if (!told) {
      console.error('setup: another set-up is running, waiting for it');
      told = true;
    }
  }
}

/** The process id in a lock file, 0 where it cannot be valid; undefined while it is being written or when it is gone again. */
function readOwner(path) {
  try {
    const owner = Number(readFileSync(path, 'utf8'));
    const age = Date.now() - statSync(path).mtimeMs;
    if (age > LONGEST_SETUP) return 0;
    return owner > 0 ? owner : age > 5000 ? 0 : undefined;
  } catch {
    return undefined;
  }
}

function alive(pid) {
  // A lock that is not ours with our number was left before a container was started again.
  if (pid === 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readJson(name) {
  try {
    return JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
