import { SidestreamError } from '../../core/errors.ts';
import { type ByteFile, damaged } from './byte-file.ts';
import { PickleGlobal, type PickleValue, readPickle, refused } from './pickle.ts';
import { DTYPES, type DType, toFloat32, type Weights } from './weights.ts';
import { readZip, type ZipEntry } from './zip.ts';

/** Checkpoints of `torch.save` (PyTorch ≥ 1.6): a ZIP of a pickle, `data.pkl`, and one entry for each storage. */

const STORAGES: Readonly<Record<string, DType>> = {
  'torch.DoubleStorage': 'float64',
  'torch.FloatStorage': 'float32',
  'torch.HalfStorage': 'float16',
  'torch.BFloat16Storage': 'bfloat16',
  'torch.LongStorage': 'int64',
  'torch.IntStorage': 'int32',
  'torch.ShortStorage': 'int16',
  'torch.CharStorage': 'int8',
  'torch.ByteStorage': 'uint8',
  'torch.BoolStorage': 'bool',
};
const CALLABLE = new Set([
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  'collections.OrderedDict',
  'torch.Size',
]);
const LARGEST_PICKLE = 64e6;

class Storage {
  readonly dtype: DType;
  readonly entry: ZipEntry;
  constructor(dtype: DType, entry: ZipEntry) {
    this.dtype = dtype;
    this.entry = entry;
  }
}

/** A view of a storage; offset and strides in elements. */
class View {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

export async function readTorch(file: ByteFile): Promise<Weights> {
  const { path } = file;
  const entries = await readZip(file);
  const pickle = [...entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (!pickle) throw damaged(path, 'it has no data.pkl');
  if (pickle.size > LARGEST_PICKLE) throw damaged(path, `its pickle has ${pickle.size} bytes`);
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(await file.read(await order.offset(), order.size)) !== 'little') {
    throw new SidestreamError(
      'CHECKPOINT_INVALID',
      `${path} is big-endian: save it again on a usual machine`,
    );
  }

  const root = readPickle(path, await file.read(await pickle.offset(), pickle.size), {
    allows: (name) => name in STORAGES || CALLABLE.has(name),
    persistent: (id) => storageOf(path, entries, folder, id),
    reduce: (name, args) => rebuild(path, name, args),
  });
  const views = stateDict(path, root);
  const view = (name: string): View => {
    const found = views.get(name);
    if (!found) throw new SidestreamError('CHECKPOINT_INVALID', `${path} has no tensor ${name}`);
    return found;
  };
  const bytes = (name: string) => readView(file, view(name));
  return {
    names: [...views.keys()],
    metadata: {},
    has: (name) => views.has(name),
    info: (name) => ({ dtype: view(name).storage.dtype, shape: view(name).shape }),
    bytes,
    float32: async (name) => toFloat32(await bytes(name), view(name).storage.dtype),
    close: () => file.close(),
  };
}

/** The tensors under the key `model`, or `state_dict`, or of the whole file. */
function stateDict(path: string, root: PickleValue): Map<string, View> {
  const dict = root instanceof Map ? (root.get('model') ?? root.get('state_dict') ?? root) : root;
  const views = new Map<string, View>();
  if (dict instanceof Map) {
    for (const [name, value] of dict)
      if (typeof name === 'string' && value instanceof View) views.set(name, value);
  }
  if (views.size === 0) throw new SidestreamError('CHECKPOINT_INVALID', `${path} holds no tensors by name`);
  return views;
}

/** ('storage', class, key, location, number of elements) */
function storageOf(
  path: string,
  entries: ReadonlyMap<string, ZipEntry>,
  folder: string,
  id: PickleValue,
): Storage {
  if (!Array.isArray(id) || id.length < 5) throw damaged(path, 'a storage is not described as PyTorch does');
  const [kind, type, key, , count] = id;
  const dtype = type instanceof PickleGlobal ? STORAGES[type.name] : undefined;
  // What is no text is not put into words: lists within lists can be made to have no end.
  const named = typeof key === 'string' ? key : 'without a name';
  const entry = entries.get(`${folder}data/${named}`);
  if (kind !== 'storage' || !dtype || !entry) throw damaged(path, `storage ${named} is missing`);
  if (!isSize(count) || count * DTYPES[dtype] > entry.size)
    throw damaged(path, `storage ${named} is cut off`);
  return new Storage(dtype, entry);
}

function rebuild(path: string, name: string, args: readonly PickleValue[]): PickleValue {
  switch (name) {
    case 'torch._utils._rebuild_tensor_v2': {
      const [storage, offset, shape, strides] = args;
      if (!(storage instanceof Storage) || !isSize(offset) || !areSizes(shape) || !areSizes(strides)) {
        throw damaged(path, 'a tensor is not described as PyTorch does');
      }
      if (shape.length !== strides.length)
        throw damaged(path, `a tensor [${shape}] has the strides [${strides}]`);
      const last = shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis], offset);
      const empty = shape.includes(0);
      if (!empty && (last + 1) * DTYPES[storage.dtype] > storage.entry.size) {
        throw damaged(path, `a tensor [${shape}] reaches beyond its storage`);
      }
      // Strides of 0 would let a small file ask for any amount of memory.
      if (shape.reduce((product, side) => product * side, DTYPES[storage.dtype]) > storage.entry.size) {
        throw damaged(path, `a tensor [${shape}] is larger than its storage`);
      }
      return new View(storage, offset, shape, strides);
    }
    case 'torch._utils._rebuild_parameter':
      if (!(args[0] instanceof View)) throw damaged(path, 'a parameter is no tensor');
      return args[0];
    case 'collections.OrderedDict':
      if (args.length > 0) throw refused(path, 'fill a dict in an unusual way');
      return new Map();
    case 'torch.Size':
      if (!areSizes(args[0])) throw damaged(path, 'a shape is not made of sizes');
      return args[0];
    default:
      throw refused(path, `call ${name}`);
  }
}

const isSize = (value: PickleValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
/** PyTorch's own limit of axes; one long list, checked a million times, would take hours. */
const MOST_AXES = 64;
const areSizes = (value: PickleValue | undefined): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every(isSize);

/** A view's elements, row-major. */
async function readView(
  file: ByteFile,
  { storage, offset, shape, strides }: View,
): Promise<Uint8Array<ArrayBuffer>> {
  const width = DTYPES[storage.dtype];
  const count = shape.reduce((product, side) => product * side, 1);
  if (count === 0) return new Uint8Array(0);
  const extent = shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis], 1);
  const data = await file.read((await storage.entry.offset()) + offset * width, extent * width);
  let packed = 1;
  const contiguous = shape.every((_, i) => {
    const axis = shape.length - 1 - i;
    const fits = shape[axis] === 1 || strides[axis] === packed;
    packed *= shape[axis];
    return fits;
  });
  if (contiguous) return data;

  const result = new Uint8Array(count * width);
  const index = shape.map(() => 0);
  for (let i = 0; i < count; i++) {
    const from = index.reduce((sum, at, axis) => sum + at * strides[axis], 0) * width;
    result.set(data.subarray(from, from + width), i * width);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}
