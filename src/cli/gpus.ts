import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../core/errors.ts';

const NVIDIA = '/proc/driver/nvidia/gpus';
const DRM = '/sys/class/drm';
/** Vendors by PCI id. */
const VENDORS: Readonly<Record<string, string>> = {
  '0x1002': 'AMD',
  '0x10de': 'NVIDIA',
  '0x8086': 'Intel',
};

/** Names of the GPUs that the system tells of without a driver's own tools; on Linux only. */
export async function listGpus(): Promise<string[]> {
  const nvidia = await Promise.all(
    (await list(NVIDIA)).map(async (entry) => {
      const text = await read(join(NVIDIA, entry, 'information'));
      return /^Model:\s*(.+)$/m.exec(text)?.[1].trim() ?? 'NVIDIA';
    }),
  );
  const nodes = (await list(DRM)).filter((entry) => entry.startsWith('renderD'));
  const others = await Promise.all(
    nodes.map(async (node) => {
      const id = (await read(join(DRM, node, 'device/vendor'))).trim();
      return id === '' ? undefined : (VENDORS[id] ?? `vendor ${id}`);
    }),
  );
  // With its own driver an NVIDIA card shows in both places.
  const more = others.filter((name) => name !== undefined && !(name === 'NVIDIA' && nvidia.length > 0));
  return [...nvidia, ...more.map((name) => `${name} (/dev/dri)`)];
}

const list = (folder: string): Promise<string[]> => orElse(readdir(folder), []);
const read = (file: string): Promise<string> => orElse(readFile(file, 'utf8'), '');

/** What a file of the system says, or `nothing` where there is none such. */
async function orElse<T>(reading: Promise<T>, nothing: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (isErrno(error)) return nothing;
    throw error;
  }
}
