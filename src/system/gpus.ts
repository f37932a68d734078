import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../core/errors.ts';
import type { Gpu } from '../queue/worker-board.ts';

const NVIDIA = '/proc/driver/nvidia/gpus';
const DRM = '/sys/class/drm';
/** Vendors by PCI id. */
const VENDORS: Readonly<Record<string, string>> = {
  '0x1002': 'AMD',
  '0x10de': 'NVIDIA',
  '0x8086': 'Intel',
};

/** Names of the GPUs that the system tells of without a driver's own tools; on Linux only. */
export const listGpus = async (): Promise<string[]> => (await seenGpus()).map(({ name }) => name);

/**
 * The GPUs with their memory. `ask`: the output of NVIDIA's own tool for these arguments, undefined where there is none; it
 * is asked only where the system has an NVIDIA card.
 */
export async function examineGpus(
  ask: (program: string, args: readonly string[]) => Promise<string | undefined>,
): Promise<Gpu[]> {
  const seen = await seenGpus();
  if (!seen.some(({ nvidia }) => nvidia)) return seen.map(({ nvidia: _, ...facts }) => facts);
  const told = parseNvidia((await ask('nvidia-smi', NVIDIA_QUERY)) ?? '');
  const others = seen.filter(({ nvidia }) => !nvidia || told.length === 0);
  return [...told, ...others.map(({ nvidia: _, ...facts }) => facts)];
}

const NVIDIA_QUERY = [
  '--query-gpu=name,memory.total,memory.used,utilization.gpu',
  '--format=csv,noheader,nounits',
];
const MEBIBYTE = 1 << 20;

/** Lines of `name, MiB, MiB, percent`; what a card does not tell is `[N/A]`. */
export function parseNvidia(text: string): Gpu[] {
  return text
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => {
      const parts = line.split(',').map((part) => part.trim());
      // A name might have a comma of its own.
      const [total, used, busy] = parts
        .slice(-3)
        .map((part) => (/^\d+$/.test(part) ? Number(part) : undefined));
      return {
        name: parts.slice(0, -3).join(', '),
        ...(total === undefined ? {} : { total: total * MEBIBYTE }),
        ...(used === undefined ? {} : { used: used * MEBIBYTE }),
        ...(busy === undefined ? {} : { busy: busy / 100 }),
      };
    });
}

async function seenGpus(): Promise<(Gpu & { readonly nvidia: boolean })[]> {
  const nvidia = await Promise.all(
    (await list(NVIDIA)).map(async (entry) => {
      const text = await read(join(NVIDIA, entry, 'information'));
      return { name: /^Model:\s*(.+)$/m.exec(text)?.[1].trim() ?? 'NVIDIA', nvidia: true };
    }),
  );
  const nodes = (await list(DRM)).filter((entry) => entry.startsWith('renderD'));
  const others = await Promise.all(
    nodes.map(async (node) => {
      const device = join(DRM, node, 'device');
      const id = (await read(join(device, 'vendor'))).trim();
      if (id === '') return undefined;
      const name = VENDORS[id] ?? `vendor ${id}`;
      // AMD's driver tells.
      const [total, used] = await Promise.all(
        ['mem_info_vram_total', 'mem_info_vram_used'].map(async (file) =>
          Number(await read(join(device, file))),
        ),
      );
      return { name, nvidia: false, ...(total > 0 ? { total, used } : {}) };
    }),
  );
  const more = others
    .filter((one) => one !== undefined)
    // With its own driver an NVIDIA card shows in both places.
    .filter(({ name }) => !(name === 'NVIDIA' && nvidia.length > 0))
    .map((one) => ({ ...one, name: `${one.name} (/dev/dri)` }));
  return [...nvidia, ...more];
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
