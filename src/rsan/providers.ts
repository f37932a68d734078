import { existsSync, readdirSync } from 'node:fs';
import './no-telemetry.ts';
import type { Provider } from './session-messages.ts';

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
