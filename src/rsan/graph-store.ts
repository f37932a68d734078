import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorCode, isErrno, SidestreamError } from '../core/errors.ts';
import { ELEMENT_TYPES, type ExternalWeight, elements, type Graph } from './onnx/graph.ts';
import { encodeModel, type WeightsLayout } from './onnx/model-file.ts';

/** Raised when a recipe in the graph code changes what it computes under the same name. */
const RECIPES_VERSION = 1;
/** Alignment of weights in their file: what AVX-512 loads want, and a whole cache line. */
const ALIGNMENT = 64;

/**
 * Keeps a graph in `directory` and gives the path of its .onnx file. Its weights go to a file of their own beside it, in
 * the order in which the graph names them, and are shared by all graphs that name the same ones: the input shape
 * changes the graph file alone. `identity` stands for the checkpoint's content (a checksum).
 */
export async function storeGraph(
  graph: Graph,
  directory: string,
  identity: string,
  name: string,
): Promise<string> {
  const recipes = JSON.stringify(
    [...graph.weights.values()].map(({ name, dtype, shape }) => [name, dtype, shape]),
  );
  try {
    return await writeGraph(graph, directory, name, (model) => ({
      graph: `${name}-${digest(model)}.onnx`,
      weights: `${digest(`${RECIPES_VERSION} ${identity} ${recipes}`)}.weights`,
    }));
  } catch (error) {
    if (isErrno(error, 'ENOSPC')) {
      throw cacheError('DISK_FULL', directory, 'is full: free space or', error);
    }
    if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].some((code) => isErrno(error, code))) {
      throw cacheError('OUTPUT_UNWRITABLE', directory, 'cannot be written:', error);
    }
    throw error;
  }
}

const cacheError = (code: ErrorCode, directory: string, what: string, cause: unknown) =>
  new SidestreamError(code, `the model cache ${directory} ${what} set cache.directory`, { cause });

/**
 * Writes a graph and its weights, each under a temporary name first and only where it is not there yet, and gives the
 * path of the graph. `names` may depend on the graph's own bytes, in which the weights file is named.
 */
export async function writeGraph(
  graph: Graph,
  directory: string,
  title: string,
  names: (model: Uint8Array) => { readonly graph: string; readonly weights: string },
): Promise<string> {
  const weights = [...graph.weights.values()];
  const layout = layOut(weights, names(new Uint8Array(0)).weights);
  const model = encodeModel(graph, layout, title);
  const path = join(directory, names(model).graph);
  await mkdir(directory, { recursive: true });
  await writeOnce(join(directory, layout.file), layout.size, () => streamWeights(weights, layout));
  await writeOnce(path, model.length, async function* () {
    yield { data: model, offset: 0 };
  });
  return path;
}

interface SizedLayout extends WeightsLayout {
  readonly size: number;
}

function layOut(weights: readonly ExternalWeight[], file: string): SizedLayout {
  const offsets = new Map<string, { offset: number; length: number }>();
  let size = 0;
  for (const { name, dtype, shape } of weights) {
    const length = elements(shape) * ELEMENT_TYPES[dtype].bytes;
    offsets.set(name, { offset: size, length });
    size = Math.ceil((size + length) / ALIGNMENT) * ALIGNMENT;
  }
  return { file, offsets, size };
}

interface Piece {
  readonly data: Uint8Array;
  readonly offset: number;
}

async function* streamWeights(
  weights: readonly ExternalWeight[],
  layout: SizedLayout,
): AsyncGenerator<Piece> {
  for (const { name, produce } of weights) {
    const { offset, length } = layout.offsets.get(name)!;
    const data = await produce();
    if (data.length !== length) throw new Error(`${name} has ${data.length} bytes in place of ${length}`);
    yield { data, offset };
  }
}

/** Leaves a file of `size` bytes at `path`, made from `pieces` unless it is there. */
async function writeOnce(path: string, size: number, pieces: () => AsyncIterable<Piece>): Promise<void> {
  const present = await stat(path).catch(() => undefined);
  if (present?.size === size) return;
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.truncate(size);
      for await (const { data, offset } of pieces()) await file.write(data, 0, data.length, offset);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

const digest = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);
