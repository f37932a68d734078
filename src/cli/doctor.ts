import { access, constants, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { asSidestreamError, type ErrorCode, SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import type { Provider } from '../rsan/session-messages.ts';
import type { Io } from './io.ts';
import { addCameraAddress, addCommon, CAMERA_GROUP, type CommonOptions, settingsOf } from './options.ts';
import { table } from './table.ts';

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Set where segment cannot run without: the error it would end with. */
  readonly needed?: ErrorCode;
}

/** Gigabytes that graphs and results want. */
const DISK = 2;
const VIDEO_ENCODERS = /^(libx264|libvpx-vp9|.*264_(nvenc|qsv|vaapi|videotoolbox|amf))$/;
const AUDIO_ENCODERS = ['aac', 'libopus'];

interface DoctorOptions extends CommonOptions {
  readonly rtsp?: string;
  readonly transport: 'tcp' | 'udp' | 'multicast' | 'http';
  readonly track: number;
}

export function doctorCommand(io: Io): Command {
  const command = new Command('doctor')
    .description('what is here and what is missing; fails if segment cannot run')
    .addOption(
      new Option('--rtsp <url>', 'look at this camera instead; fails if no pictures come').helpGroup(
        CAMERA_GROUP,
      ),
    );
  return addCommon(addCameraAddress(command)).action(async (options: DoctorOptions) => {
    const { config } = await settingsOf(options);
    const print = (findings: readonly Finding[]) => {
      if (options.json) io.print(JSON.stringify(findings, null, 2));
      else io.print(table(findings.map((finding) => [mark(finding), finding.name, finding.detail])));
    };
    if (options.rtsp !== undefined) {
      const { findCamera } = await import('./doctor-camera.ts');
      const { rtsp: url, transport, track } = options;
      const camera = await findCamera({ url, transport, track, audio: true }, config.ffmpeg, io.signal);
      print(camera.findings);
      if (camera.error) throw camera.error;
      return;
    }
    const findings = await examine(config, io.signal);
    print(findings);
    const missing = findings.filter(({ ok, needed }) => !ok && needed !== undefined);
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).join(', ');
      throw new SidestreamError(
        missing[0].needed!,
        `segment cannot run here: ${names}; see the lines with ✗`,
      );
    }
  });
}

const mark = ({ ok, needed }: Finding): string => (ok ? '✓' : needed === undefined ? '–' : '✗');

async function examine(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const folders = foldersOf(config);
  const groups = await Promise.all([
    node(),
    program('ffmpeg', config.ffmpeg.ffmpeg, signal),
    program('ffprobe', config.ffmpeg.ffprobe, signal),
    guarded('ffmpeg encoders', undefined, () => encoders(config, signal)),
    guarded('providers', 'PROVIDER_UNAVAILABLE', providers),
    guarded('GPU', undefined, gpus),
    guarded('models', 'MODEL_MISSING', () => models(folders.packs, config.model.name)),
    guarded(`cache`, 'OUTPUT_UNWRITABLE', () => disk(config.cache.directory)),
    redis(config.redis.url),
  ]);
  return groups.flat();
}

/** What cannot even be looked at is a finding too. */
async function guarded(
  name: string,
  needed: ErrorCode | undefined,
  look: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const { code, message } = asSidestreamError(error);
    if (code === 'INTERRUPTED') throw error;
    const detail = error instanceof Error && code === 'INTERNAL' ? error.message : message;
    return [{ name, ok: false, detail, ...(needed === undefined ? {} : { needed }) }];
  }
}

function node(): Finding[] {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  const detail = ok ? process.version : `${process.version}: 20.19 or newer is needed`;
  return [{ name: 'Node', ok, detail, needed: 'INTERNAL' }];
}

const program = (name: string, path: string, signal: AbortSignal): Promise<Finding[]> =>
  guarded(name, 'FFMPEG_MISSING', async () => {
    const { ffmpegVersion } = await import('../media/encode.ts');
    const { text } = await ffmpegVersion({ ffmpeg: path, ffprobe: path }, signal);
    return [{ name, ok: true, detail: text, needed: 'FFMPEG_MISSING' }];
  });

async function encoders({ ffmpeg }: Config, signal: AbortSignal): Promise<Finding[]> {
  const { listEncoders } = await import('../media/encode.ts');
  const all = await listEncoders(ffmpeg, signal);
  const found = [
    ...[...all].filter((name) => VIDEO_ENCODERS.test(name)),
    ...AUDIO_ENCODERS.filter((name) => all.has(name)),
  ];
  const ok = all.has('libx264') && all.has('aac');
  // Other encoders can be asked for, so that this alone stops nobody.
  const detail = `${found.join(', ') || 'none'}${ok ? '' : ': libx264 or aac is missing, give --encoder'}`;
  return [{ name: 'ffmpeg encoders', ok, detail }];
}

/** Each that may work is tried: that a device is there does not say that its driver is. */
async function providers(): Promise<Finding[]> {
  const { listProviders } = await import('../rsan/providers.ts');
  const cache = await mkdtemp(join(tmpdir(), 'sidestream-doctor-'));
  try {
    const findings: Finding[] = [];
    for (const { name, missing } of await listProviders()) {
      // The CPU works everywhere: its speed is something to compare others with.
      const isAlone = name === 'cpu' && !findings.some(({ ok }) => ok);
      const result =
        missing === undefined && !isAlone
          ? await trialOf(name, cache)
          : { ok: missing === undefined, detail: missing ?? 'usable' };
      const needed = name === 'cpu' && { needed: 'PROVIDER_UNAVAILABLE' as const };
      findings.push({ name: `provider ${name}`, ...result, ...needed });
    }
    return findings;
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

async function trialOf(provider: Provider, cache: string): Promise<Pick<Finding, 'ok' | 'detail'>> {
  const { tryProvider } = await import('../rsan/provider-trial.ts');
  const precisions = provider === 'cpu' ? (['fp32'] as const) : (['fp16', 'fp32'] as const);
  try {
    const { gflops, precision } = await tryProvider({ provider, precisions, cache, timed: true });
    return { ok: true, detail: `usable: ${Math.round(gflops)} GFLOP/s in ${precision}` };
  } catch (error) {
    return { ok: false, detail: asSidestreamError(error).message.replace(`${provider}: `, '') };
  }
}

async function gpus(): Promise<Finding[]> {
  const { listGpus } = await import('../system/gpus.ts');
  const names = await listGpus();
  return [{ name: 'GPU', ok: names.length > 0, detail: names.join(', ') || 'none seen' }];
}

async function models(folders: readonly string[], wanted: string): Promise<Finding[]> {
  const { findPack, listPacks } = await import('../rsan/packs/pack.ts');
  const chosen = await guarded(`model ${wanted}`, 'MODEL_MISSING', async () => {
    const { manifest } = await findPack(wanted, folders);
    return [{ name: `model ${wanted}`, ok: true, detail: manifest.title, needed: 'MODEL_MISSING' }];
  });
  const others = (await listPacks(folders)).filter(({ manifest }) => manifest.name !== wanted);
  return [
    ...chosen,
    ...others.map(({ manifest: { name, title }, installed }) => ({
      name: `model ${name}`,
      ok: installed,
      detail: installed ? title : `not here: sidestream models fetch ${name}`,
    })),
  ];
}

async function disk(cache: string): Promise<Finding[]> {
  await mkdir(cache, { recursive: true });
  await access(cache, constants.W_OK);
  const { bavail, bsize } = await statfs(cache);
  const free = (bavail * bsize) / 1e9;
  const detail = `${cache}, ${free.toFixed(1)} GB free`;
  if (free >= DISK) return [{ name: 'cache', ok: true, detail, needed: 'OUTPUT_UNWRITABLE' }];
  return [{ name: 'cache', ok: false, detail: `${detail}: ${DISK} GB are wanted` }];
}

/** Redis is needed for jobs alone. */
async function redis(url: string): Promise<Finding[]> {
  const { connectRedis, parseRedisUrl } = await import('../queue/connection.ts');
  const once = { lazyConnect: true, connectTimeout: 1500, commandTimeout: 2000, retryStrategy: () => null };
  // What is asked below rejects with the same.
  const client = connectRedis(parseRedisUrl(url), () => {}, once);
  try {
    const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown';
    return [{ name: 'Redis', ok: true, detail: `${version} at ${redact(url)}` }];
  } catch {
    const detail = `nothing answers at ${redact(url)}; needed for jobs only`;
    return [{ name: 'Redis', ok: false, detail }];
  } finally {
    client.disconnect();
  }
}
