import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { Command } from 'commander';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { asSidestreamError, SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import type { Io } from './io.ts';
import { addCommon, type CommonOptions, settingsOf } from './options.ts';
import { table } from './table.ts';

interface Finding {
  readonly name: string;
  /** Undefined: missing, and nothing that is needed to segment a file. */
  readonly ok: boolean | undefined;
  readonly detail: string;
}

/** Gigabytes that graphs and results want. */
const DISK = 2;
const VIDEO_ENCODERS = /^(libx264|libvpx-vp9|.*264_(nvenc|qsv|vaapi|videotoolbox|amf))$/;
const AUDIO_ENCODERS = ['aac', 'libopus'];

export function doctorCommand(io: Io): Command {
  return addCommon(
    new Command('doctor').description('what is here and what is missing; fails if segment cannot run'),
  ).action(async (options: CommonOptions) => {
    const { config } = await settingsOf(options);
    const findings = await examine(config, io.signal);
    if (options.json) io.print(JSON.stringify(findings, null, 2));
    else
      io.print(
        table(findings.map(({ name, ok, detail }) => [ok ? '✓' : ok === false ? '✗' : '–', name, detail])),
      );
    const needed = findings.filter(({ ok }) => ok === false).map(({ name }) => name);
    if (needed.length > 0) {
      const code = needed.some((name) => name.startsWith('ff')) ? 'FFMPEG_MISSING' : 'MODEL_MISSING';
      throw new SidestreamError(code, `segment cannot run here: ${needed.join(', ')}; see the lines with ✗`);
    }
  });
}

async function examine(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const folders = foldersOf(config);
  const groups = await Promise.all([
    node(),
    programs(config, signal),
    providers(),
    models(folders.packs, config.model.name),
    disk(folders.cache),
    redis(config.redis.url),
  ]);
  return groups.flat();
}

function node(): Finding[] {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return [{ name: 'Node', ok, detail: `${process.version}${ok ? '' : ': 20.19 or newer is needed'}` }];
}

async function programs({ ffmpeg }: Config, signal: AbortSignal): Promise<Finding[]> {
  const { ffmpegVersion, listEncoders } = await import('../media/encode.ts');
  try {
    const { text } = await ffmpegVersion(ffmpeg, signal);
    const probe = await ffmpegVersion({ ...ffmpeg, ffmpeg: ffmpeg.ffprobe }, signal);
    const encoders = await listEncoders(ffmpeg, signal);
    const video = [...encoders].filter((name) => VIDEO_ENCODERS.test(name));
    const audio = AUDIO_ENCODERS.filter((name) => encoders.has(name));
    return [
      { name: 'ffmpeg', ok: true, detail: text },
      { name: 'ffprobe', ok: true, detail: probe.text },
      {
        name: 'ffmpeg encoders',
        ok: encoders.has('libx264') || undefined,
        detail: [...video, ...audio].join(', ') || 'none',
      },
    ];
  } catch (error) {
    return [{ name: 'ffmpeg', ok: false, detail: asSidestreamError(error).message }];
  }
}

async function providers(): Promise<Finding[]> {
  const { listProviders } = await import('../rsan/providers.ts');
  const facts = await listProviders();
  return facts.map(({ name, missing }) => ({
    name: `provider ${name}`,
    ok: missing === undefined ? true : name === 'cpu' ? false : undefined,
    detail: missing ?? 'usable',
  }));
}

async function models(folders: readonly string[], wanted: string): Promise<Finding[]> {
  const { listPacks } = await import('../rsan/packs/pack.ts');
  const packs = await listPacks(folders);
  const findings = packs.map(({ manifest, installed }) => ({
    name: `model ${manifest.name}`,
    ok: installed ? true : manifest.name === wanted ? false : undefined,
    detail: installed ? manifest.title : `not here: sidestream models fetch ${manifest.name}`,
  }));
  const known = wanted.includes('/') || packs.some(({ manifest }) => manifest.name === wanted);
  return known
    ? findings
    : [...findings, { name: `model ${wanted}`, ok: false, detail: 'there is no such pack' }];
}

async function disk(cache: string): Promise<Finding[]> {
  try {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.W_OK);
    const { bavail, bsize } = await statfs(cache);
    const free = (bavail * bsize) / 1e9;
    const detail = `${cache}, ${free.toFixed(1)} GB free`;
    return [
      {
        name: 'cache',
        ok: free >= DISK || undefined,
        detail: free >= DISK ? detail : `${detail}: ${DISK} GB are wanted`,
      },
    ];
  } catch (error) {
    return [
      { name: 'cache', ok: false, detail: `${cache}: ${asSidestreamError(error).message}: set model.cache` },
    ];
  }
}

/** Redis is needed for jobs alone. */
async function redis(url: string): Promise<Finding[]> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 1500, retryStrategy: () => null });
  client.on('error', () => {}); // connect() below rejects with the same.
  try {
    await client.connect();
    const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown';
    return [{ name: 'Redis', ok: true, detail: `${version} at ${redact(url)}` }];
  } catch {
    return [
      { name: 'Redis', ok: undefined, detail: `nothing answers at ${redact(url)}; needed for jobs only` },
    ];
  } finally {
    client.disconnect();
  }
}
