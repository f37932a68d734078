import { existsSync, readdirSync } from 'node:fs';
import './no-telemetry.ts';
import { asSidestreamError, SidestreamError } from '../core/errors.ts';
import { type Trial, type TrialPrecision, tryProvider } from './provider-trial.ts';
import type { Precision, Provider } from './session-messages.ts';

export const PROVIDERS: readonly Provider[] = ['cuda', 'webgpu', 'coreml', 'dml', 'cpu'];

export interface ProviderFacts {
  readonly name: Provider;
  /** Undefined where nothing speaks against it; else why it cannot work here. */
  readonly missing: string | undefined;
}

/**
 * The providers in the order in which `auto` tries them, with what can be told without loading a model: whether this
 * build of ONNX Runtime has the provider and whether the machine has a device for it.
 */
export async function listProviders(): Promise<ProviderFacts[]> {
  const { listSupportedBackends } = await import('onnxruntime-node');
  const built = new Set(listSupportedBackends().map(({ name }) => name));
  return PROVIDERS.map((name) => ({
    name,
    missing: built.has(name)
      ? missingDevice(name)
      : `not part of ONNX Runtime on ${process.platform}-${process.arch}`,
  }));
}

export interface ProviderRequest {
  readonly provider: Provider | 'auto';
  /** `auto`: fp16 on GPUs that have it, on CPUs `cpuPrecision`. */
  readonly precision: Precision | 'auto';
  readonly cpuPrecision: Precision;
  /** Folder for the graph of a trial. */
  readonly cache: string;
}

export interface ProviderChoice {
  readonly provider: Provider;
  readonly precision: Precision;
  /** Why better ones are not used, as "name: why". */
  readonly passedOver: readonly string[];
}

/**
 * The provider that was asked for, or with `auto` the first that works and is no slower than the CPU: a driver may be a
 * program that plays a GPU. Throws PROVIDER_UNAVAILABLE with what is wrong with the one that was asked for.
 */
export async function chooseProvider(request: ProviderRequest): Promise<ProviderChoice> {
  const { provider: asked, precision, cpuPrecision, cache } = request;
  const onCpu = precision === 'auto' ? cpuPrecision : precision;
  if (asked === 'cpu') return { provider: asked, precision: onCpu, passedOver: [] };
  const passedOver: string[] = [];
  let cpu: Trial | undefined;
  for (const { name, missing } of await listProviders()) {
    if (asked !== 'auto' && name !== asked) continue;
    if (name === 'cpu') break;
    try {
      if (missing !== undefined) throw new SidestreamError('PROVIDER_UNAVAILABLE', `${name}: ${missing}`);
      const timed = asked === 'auto';
      const trial = await tryProvider({ provider: name, precisions: precisionsOf(precision), cache, timed });
      if (timed) {
        cpu ??= await tryProvider({ provider: 'cpu', precisions: ['fp32'], cache, timed });
        refuseSlow(name, trial, cpu);
      }
      return { provider: name, precision: precision === 'auto' ? trial.precision : precision, passedOver };
    } catch (error) {
      const { code, message } = asSidestreamError(error);
      if (code !== 'PROVIDER_UNAVAILABLE') throw error;
      if (asked !== 'auto')
        throw new SidestreamError(code, `${message}; use --provider auto`, { cause: error });
      passedOver.push(message);
    }
  }
  return { provider: 'cpu', precision: onCpu, passedOver };
}

/** What is tried on a GPU: 8-bit integers are for CPUs, and what surrounds them is float32. */
const precisionsOf = (precision: Precision | 'auto'): readonly TrialPrecision[] =>
  precision === 'auto' ? ['fp16', 'fp32'] : [precision === 'fp16' ? 'fp16' : 'fp32'];

function refuseSlow(name: Provider, { gflops }: Trial, cpu: Trial): void {
  if (gflops >= cpu.gflops) return;
  const slow = `slower than the CPU (${Math.round(gflops)} against ${Math.round(cpu.gflops)} GFLOP/s)`;
  throw new SidestreamError('PROVIDER_UNAVAILABLE', `${name}: ${slow}`);
}

function missingDevice(name: Provider): string | undefined {
  if (process.platform !== 'linux') return undefined;
  if (name === 'cuda' && !existsSync('/dev/nvidiactl') && !existsSync('/dev/dxg')) return 'no NVIDIA device';
  if (name === 'webgpu' && !renderNodes() && !existsSync('/dev/nvidiactl') && !existsSync('/dev/dxg')) {
    return 'no GPU device in /dev/dri';
  }
  return undefined;
}

function renderNodes(): boolean {
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((entry) => entry.startsWith('renderD'));
}
