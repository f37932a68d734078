import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { DCLinter } from 'dclint';
import { run as lintDockerfile } from 'dockerfilelint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Io } from '../../../src/cli/io.ts';
import { FILE_VARIABLE, readEnvironment } from '../../../src/config/environment.ts';
import { readConfigFile } from '../../../src/config/file.ts';
import { LEAVES } from '../../../src/config/schema.ts';
import { parseRedisUrl } from '../../../src/queue/connection.ts';
import { openScratch } from '../../../workers/scratch.ts';

/** No Docker engine is at hand where tests run: what can be told from the files alone is told here. */

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly user: string;
  readonly read_only: boolean;
  readonly init: boolean;
  readonly restart: string;
  readonly stop_grace_period: string;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs: readonly string[];
  readonly networks: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly logging: { readonly options: Readonly<Record<string, string>> };
  readonly deploy: {
    readonly resources: { readonly limits: { cpus: string; memory: string; pids: number } };
  };
}

const [COMPOSE, DOCKERFILE, GUIDE, PRODUCTION] = [
  'docker-compose.yml',
  'Dockerfile',
  'docs/deploy.md',
  'config/production.example.yaml',
];
const texts = new Map([COMPOSE, DOCKERFILE, GUIDE].map((file) => [file, readFileSync(file, 'utf8')]));
const textOf = (file: string): string => texts.get(file)!;
const compose: {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
  readonly networks: Readonly<Record<string, { internal?: boolean }>>;
} = parse(textOf(COMPOSE), { merge: true });
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build);
/** Instructions of the Dockerfile as [name, arguments], each on one line. */
const instructions = textOf(DOCKERFILE)
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .flatMap((line) => {
    const [, name, rest] = /^([A-Z]+) +(.*)$/.exec(line.trim()) ?? [];
    return name ? [[name, rest] as const] : [];
  });
const allOf = (name: string): string[] => instructions.flatMap(([key, rest]) => (key === name ? [rest] : []));

/** What compose makes of ${NAME:-otherwise} and ${NAME:?why}. */
function interpolated(text: string, variables: Readonly<Record<string, string>>): string {
  const next = text.replace(
    /\$\{(\w+)(?::-([^${}]*)|:\?[^${}]*)?\}/g,
    (_, name: string, otherwise = '') => variables[name] ?? otherwise,
  );
  return next === text ? text : interpolated(next, variables);
}
const VARIABLES = { REDIS_PASSWORD: '0123abcd' };
const fill = (text: string): string => interpolated(text, VARIABLES);

/** Throws where the command line has no such command, option or value. */
async function checkCommand(args: readonly string[]): Promise<void> {
  const [name] = args;
  const file = join('src', 'cli', `${name}.ts`);
  if (!name || !existsSync(file)) throw new Error(`there is no command ${name}`);
  const io: Io = { signal: new AbortController().signal, print() {}, takeTime() {}, say() {} };
  const made: Record<string, (io: Io) => Command> = await import(join(process.cwd(), file));
  const command = made[`${name}Command`](io);
  const quiet = (part: Command) => {
    part.exitOverride().configureOutput({ writeOut() {}, writeErr() {} });
    if (part.commands.length === 0) part.action(() => {});
    part.commands.forEach(quiet);
  };
  quiet(command);
  await command.parseAsync(args.slice(1), { from: 'user' });
}

/** The words of a line as a shell has them, up to a comment or to what is not of this command. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [, double, single, plain] of line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
    if (plain?.startsWith('#') || /^(\||&&|>|;)/.test(plain ?? '')) break;
    words.push(double ?? single ?? plain);
  }
  return words;
}

/** Lines of code of a text: in fences, in backticks, or after a # that begins a line. */
function codeOf(file: string): string[] {
  const text = textOf(file);
  if (!file.endsWith('.md')) {
    return [...text.matchAll(/`([^`\n]+)`|^ *# +(docker .*)$/gm)].map(([, ticks, line]) => ticks ?? line);
  }
  const fences = [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm)].flatMap(([, body]) => body.split('\n'));
  const ticks = text.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`([^`]+)`/g);
  return [...fences, ...[...ticks].map(([, body]) => body.replaceAll('\n', ' '))];
}

/** Whatever is started of this program by a file, as arguments of `sidestream`. */
function commandsIn(file: string): string[][] {
  return codeOf(file).flatMap((line) => {
    const direct =
      /(?:^|sudo -u \w+ )sidestream (?=[a-z])(.*)/.exec(line.trim()) ??
      /\/dist\/cli\.js (?=[a-z])(.*)/.exec(line) ??
      /docker compose run (?:--rm )?(?:api|worker) (.*)/.exec(line);
    return direct ? [wordsOf(direct[1])] : [];
  });
}

describe('docker-compose.yml', () => {
  it('has nothing that a linter minds', () => {
    const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] });
    const [{ messages }]: { messages: unknown[] }[] = linter.lintFiles([COMPOSE], false);
    expect(messages).toEqual([]);
  });

  it('has the services', () => {
    expect(Object.keys(compose.services)).toEqual(['api', 'mediamtx', 'redis', 'worker', 'worker-gpu']);
    expect(compose.services['worker-gpu'].profiles).toEqual(['gpu']);
  });

  it.each(services)('%s is kept within bounds', (_name, service) => {
    expect(service.read_only).toBe(true);
    expect(service.init).toBe(true);
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.restart).toBe('unless-stopped');
    expect(service.tmpfs.join()).toMatch(/^\/tmp:size=\d+m,/);
    const { cpus, memory, pids } = service.deploy.resources.limits;
    expect(Number(fill(cpus))).toBeGreaterThan(0);
    expect(fill(memory)).toMatch(/^\d+[mg]$/);
    expect(pids).toBeGreaterThan(0);
    expect(service.logging.options).toMatchObject({
      'max-size': expect.any(String),
      'max-file': expect.any(String),
    });
  });

  it.each(services)('%s says whether it is well', (_name, { healthcheck }) => {
    expect(healthcheck).toMatchObject({
      interval: expect.any(String),
      timeout: expect.any(String),
      retries: expect.any(Number),
    });
    // CMD-SHELL needs a shell, and NONE says nothing.
    expect(healthcheck.test[0]).toBe('CMD');
  });

  it.each(services)('%s publishes nothing beyond this machine', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(services)('%s is of one version', (_name, { image, build }) => {
    if (build) {
      expect(build.context).toBe('.');
      expect(allOf('FROM').join('\n')).toMatch(new RegExp(` AS ${build.target}$`, 'm'));
    } else expect(image).toMatch(/:\d+\.\d+\.\d+(-[a-z]+)?$/);
  });

  it.each(services)('%s has only volumes that are declared', (_name, { volumes = [], networks }) => {
    for (const volume of volumes) {
      if (!volume.startsWith('/')) expect(compose.volumes).toHaveProperty(volume.split(':')[0]);
    }
    for (const network of networks) expect(compose.networks).toHaveProperty(network);
  });

  it('has a Redis that keeps every entry', () => {
    const { command = [], ports, networks } = compose.services.redis;
    const words = command.map(fill);
    const optionOf = (name: string) => words[words.indexOf(`--${name}`) + 1];
    expect(optionOf('appendonly')).toBe('yes');
    expect(optionOf('appendfsync')).toBe('everysec');
    expect(optionOf('maxmemory-policy')).toBe('noeviction');
    expect(optionOf('requirepass')).toBe(VARIABLES.REDIS_PASSWORD);
    expect(ports).toBeUndefined();
    expect(networks.every((name) => compose.networks[name].internal)).toBe(true);
  });

  it('does without no password', () => {
    expect(textOf(COMPOSE)).not.toMatch(/\$\{REDIS_PASSWORD(?!:\?)/);
  });

  it('gives the records to the API alone', () => {
    const owners = services.filter(([, { volumes = [] }]) => volumes.some((path) => /^data:/.test(path)));
    expect(owners.map(([name]) => name)).toEqual(['api']);
  });

  it.each(ours)('%s waits for Redis, and asks it where it is', (_name, { depends_on, environment = {} }) => {
    expect(depends_on).toEqual({ redis: { condition: 'service_healthy' } });
    const { options } = parseRedisUrl(fill(environment.SIDESTREAM_REDIS_URL));
    expect(options).toMatchObject({ host: 'redis', port: 6379, password: VARIABLES.REDIS_PASSWORD });
    const elsewhere = interpolated(environment.SIDESTREAM_REDIS_URL, {
      SIDESTREAM_REDIS_URL: 'rediss://else:1',
    });
    expect(elsewhere).toBe('rediss://else:1');
  });

  it.each(ours)('%s is started as the command line has it', async (_name, { command = [] }) => {
    await checkCommand(command.map(fill));
  });

  it.each(ours)('%s is given settings that there are', (_name, { environment = {} }) => {
    const values = Object.entries(environment).map(([name, text]) => [name, fill(text)]);
    expect(() => readEnvironment(Object.fromEntries(values))).not.toThrow();
  });

  it.each([
    ['api', 10],
    ['worker', 8],
    ['worker-gpu', 8],
  ])('%s is given the time that it takes to stop', (name, seconds) => {
    expect(Number.parseInt(compose.services[name].stop_grace_period, 10)).toBeGreaterThan(seconds);
  });

  it('tells a worker that lives from none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidestream-deploy-'));
    try {
      const [, program, ...args] = compose.services.worker.healthcheck.test;
      expect(program).toBe('node');
      const ask = () => exitOf(args, { SIDESTREAM_WORKERS__SCRATCH: folder });
      expect(await ask()).toBe(1);
      await using _scratch = await openScratch(folder);
      expect(await ask()).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('tells an API that answers from one that does not', async () => {
    const [, program, ...args] = compose.services.api.healthcheck.test;
    expect(program).toBe('node');
    await expectToFollowHealth((port) =>
      exitOf(
        args.map((text) => text.replace('8080', String(port))),
        {},
      ),
    );
  });
});

describe('Dockerfile', () => {
  const stages = allOf('FROM').map((rest) => rest.split(' AS '));

  it('has nothing that a linter minds', () => {
    expect(lintDockerfile('.', textOf(DOCKERFILE))).toEqual([]);
  });

  it('builds on images of one version', () => {
    for (const [image] of stages) expect(image).toMatch(/^[\w/]+:\d+\.\d+(\.\d+)?-[\w.-]+$/);
  });

  it('copies what there is, and what the builder is given', () => {
    const ignore = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(ignore.find((line) => line && !line.startsWith('#'))).toBe('*');
    const given = ignore.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    for (const path of given) expect(existsSync(path), path).toBe(true);
    const names = stages.map(([, name]) => name);
    for (const rest of allOf('COPY')) {
      const [, from] = /^--from=(\S+)/.exec(rest) ?? [];
      if (from !== undefined) {
        expect(names).toContain(from);
        continue;
      }
      for (const source of rest.split(' ').slice(0, -1)) {
        expect(existsSync(source), source).toBe(true);
        expect(given, `.dockerignore keeps ${source} out`).toContain(source);
      }
    }
  });

  it('leaves out what may be secret', () => {
    const given = readFileSync('.dockerignore', 'utf8');
    expect(given).not.toMatch(/^!.*(\.env|\.git|node_modules|test)/m);
  });

  it.each(['runtime', 'gpu'])('%s does not run as root', (target) => {
    const from = instructions.findIndex(([name, rest]) => name === 'FROM' && rest.endsWith(` AS ${target}`));
    const length = instructions.slice(from + 1).findIndex(([name]) => name === 'FROM');
    const stage = instructions.slice(from, length < 0 ? undefined : from + 1 + length);
    const users = stage.flatMap(([name, rest]) => (name === 'USER' ? [rest] : []));
    expect(users).toEqual(['10001:10001']);
    for (const [, { user, build }] of ours) if (build?.target === target) expect(user).toBe(users[0]);
    // A volume that is new takes the owner of the folder that it covers.
    const folders = stage.find(([name, rest]) => name === 'RUN' && rest.startsWith('install'))?.[1];
    for (const [, { volumes = [], build }] of ours) {
      if (build?.target !== target) continue;
      for (const volume of volumes) expect(folders).toContain(volume.split(':').at(-1));
    }
  });

  it('is labelled with the version of the program', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const labels = textOf(DOCKERFILE).matchAll(/image\.version="([^"]+)"/g);
    expect([...labels].map(([, label]) => label)).toEqual([version, version]);
  });

  it('keeps the libraries of the system that it is for, and no others', async () => {
    const trim = allOf('RUN').find((rest) => rest.includes('napi-v6/'))!;
    const [program, ...args] = JSON.parse(trim);
    expect(program).toBe('node');
    const runtime = 'node_modules/onnxruntime-node/bin/napi-v6';
    const here = join(runtime, process.platform, process.arch);
    expect(existsSync(here)).toBe(true);
    const folder = await mkdtemp(join(tmpdir(), 'sidestream-deploy-'));
    try {
      const [glibc, musl] = ['node_modules/@libsql/linux-x64-gnu', 'node_modules/@libsql/linux-x64-musl'];
      const others = [join(runtime, 'win32', 'x64'), join(runtime, process.platform, 'mips'), musl];
      for (const path of [here, glibc, ...others]) await mkdir(join(folder, path), { recursive: true });
      expect(await exitOf(args, {}, folder)).toBe(0);
      for (const path of [here, glibc]) expect(existsSync(join(folder, path)), path).toBe(true);
      for (const path of others) expect(existsSync(join(folder, path)), path).toBe(false);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('takes the parts for CUDA from an installer that there is', () => {
    const [program, script] = JSON.parse(allOf('RUN').find((rest) => rest.includes('install.js'))!);
    expect(program).toBe('node');
    expect(existsSync(script)).toBe(true);
  });

  it('starts with commands that there are', async () => {
    for (const rest of allOf('CMD')) await checkCommand(JSON.parse(rest));
  });

  it('gives settings that there are', () => {
    for (const rest of allOf('ENV')) {
      const pairs = rest.split(/\s+/).map((pair) => pair.split('=') as [string, string]);
      expect(() => readEnvironment(Object.fromEntries(pairs))).not.toThrow();
    }
  });

  it('tells an API that answers from one that does not', async () => {
    const [check] = allOf('HEALTHCHECK');
    const [program, ...args] = JSON.parse(check.slice(check.indexOf('[')));
    expect(program).toBe('node');
    await expectToFollowHealth((port) => exitOf(args, { SIDESTREAM_HTTP__PORT: String(port) }));
  });
});

describe('docs/deploy.md', () => {
  it('has metrics that there are', () => {
    const source = ['queue', 'streams', 'clips']
      .map((part) => readFileSync(`src/${part}/metrics.ts`, 'utf8'))
      .join('');
    const named = textOf(GUIDE).matchAll(/\bsidestream_[a-z]+_[a-z_]+|\bsidestream_jobs\b/g);
    const names = [...named].map(([name]) => name).filter((name) => name !== 'sidestream_data');
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(source).toContain(`'${name}'`);
  });

  it('names settings that there are', () => {
    const sections = new Set([...LEAVES.keys()].map((key) => key.split('.')[0]));
    const named = [...textOf(GUIDE).matchAll(/`([a-z0-9]+)\.([a-z_]+)`/g)];
    const settings = named.flatMap(([, section, name]) =>
      sections.has(section) && section !== 'input' ? [`${section}.${name}`] : [],
    );
    expect(settings.length).toBeGreaterThan(10);
    for (const key of settings) expect([...LEAVES.keys()]).toContain(key);
  });

  it('has addresses of Redis that are understood', () => {
    const urls = [...textOf(GUIDE).matchAll(/`((?:rediss?(?:\+\w+)?|unix):\/\/[^`\s]+\w)`/g)].map(
      ([, url]) => url,
    );
    expect(urls.length).toBeGreaterThanOrEqual(5);
    for (const url of urls) expect(() => parseRedisUrl(url), url).not.toThrow();
  });

  it('leads to files and sections that there are', () => {
    for (const [, target] of textOf(GUIDE).matchAll(/\]\(([^)#]+)\)/g))
      expect(existsSync(join('docs', target)), target).toBe(true);
  });

  it('says on what its figures were measured', () => {
    expect(textOf(GUIDE)).toMatch(/\nMeasured on two cores /);
  });
});

describe.each([COMPOSE, DOCKERFILE, GUIDE])('%s', (file) => {
  it('names commands that there are', async () => {
    const commands = commandsIn(file);
    expect(commands.length).toBeGreaterThan(0);
    for (const args of commands) {
      await expect(checkCommand(args), `sidestream ${args.join(' ')}`).resolves.toBeUndefined();
    }
  });

  it('names variables that there are', () => {
    const names = [...textOf(file).matchAll(/\bSIDESTREAM_[A-Z0-9_]+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names.filter((each) => each !== FILE_VARIABLE)) {
      // A value that fits nothing is refused for itself, an unknown name for its name.
      const refusal = () => readEnvironment({ [name]: 'x' });
      expect(messageOf(refusal), name).not.toMatch(/there is no such setting/);
    }
  });
});

it('has an example of settings that fits', () => {
  const layer = readConfigFile(PRODUCTION);
  // Folders that the unit in the guide may write to.
  for (const key of ['data.directory', 'storage.directory', 'workers.scratch'])
    expect(layer.get(key)?.value).toMatch(/^\/var\/lib\/sidestream\//);
  expect(layer.get('http.keys')?.value).toBe('always');
});

it('knows a command from none', async () => {
  await expect(checkCommand(['serves'])).rejects.toThrow();
  await expect(checkCommand(['serve', '--worker', '1'])).rejects.toThrow();
  await expect(checkCommand(['worker', '--queues', 'paint'])).rejects.toThrow();
  await expect(checkCommand(['keys', 'make', 'x'])).rejects.toThrow();
  expect(readdirSync('src/cli')).toContain('serve.ts');
});

function messageOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return String(error);
  }
}

/** The exit status of Node with these arguments. */
async function exitOf(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd = process.cwd(),
): Promise<number> {
  try {
    await promisify(execFile)(process.execPath, args, {
      env: { PATH: process.env.PATH, ...environment },
      timeout: 10_000,
      cwd,
    });
    return 0;
  } catch (error) {
    return (error as { code: number }).code;
  }
}

async function expectToFollowHealth(ask: (port: number) => Promise<number>): Promise<void> {
  let status = 200;
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? status : 404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await ask(port)).toBe(0);
  status = 500;
  expect(await ask(port)).toBe(1);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect(await ask(port)).toBe(1);
}
