/**
 * Vectors in the memory of a WebAssembly module whose one function multiplies two of them, four numbers at once: five
 * times as fast as JavaScript, which has float64 alone.
 */
export interface Arena {
  /** Keeps a copy of a vector; gives its place. */
  take(vector: Float32Array): number;
  /** The place may be used for another. */
  give(place: number): void;
  /** The vector at a place, until something else is kept. */
  vector(place: number): Float32Array;
  /** The product of the vectors at two places, in float32. */
  dot(a: number, b: number): number;
}

/** Of Node's, what is used here; the compiler's own names for it come with those of browsers alone. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly arena: { readonly memory: Memory } },
  ) => { readonly exports: { readonly dot: (a: number, b: number, bytes: number) => number } };
};
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Numbers that one turn of the loop takes: rows are filled up with zeros. */
const TURN = 16;
const PAGE = 65_536;

/** `dim`: numbers in a vector. */
export function createArena(dim: number): Arena {
  const width = Math.ceil(dim / TURN) * TURN;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(module(), { arena: { memory } });
  let numbers = new Float32Array(memory.buffer);
  const free: number[] = [];
  let used = 0;
  return {
    take(vector) {
      const place = free.pop() ?? used++;
      const begin = place * width;
      const missing = (begin + width) * 4 - numbers.byteLength;
      if (missing > 0) {
        memory.grow(Math.ceil(Math.max(missing, numbers.byteLength / 4) / PAGE));
        numbers = new Float32Array(memory.buffer);
      }
      numbers.set(vector, begin);
      return place;
    },
    give: (place) => void free.push(place),
    vector: (place) => numbers.subarray(place * width, place * width + dim),
    dot: (a, b) => exports.dot(a * width * 4, b * width * 4, width * 4),
  };
}

let compiled: object | undefined;
function module(): object {
  compiled ??= new WebAssembly.Module(bytes());
  return compiled;
}

/** `dot(a, b, bytes)`: four sums of four numbers each, so that none waits for the one before; see the binary format. */
function bytes(): Uint8Array<ArrayBuffer> {
  const [I32, F32, V128] = [0x7f, 0x7d, 0x7b];
  const [A, B, END, SUM] = [0, 1, 2, 3];
  const get = (local: number) => [0x20, local];
  const set = (local: number) => [0x21, local];
  const add = [0x6a];
  const addFour = [0xfd, 0xe4, 0x01];
  const multiplyFour = [0xfd, 0xe6, 0x01];
  const load = (local: number, offset: number) => [...get(local), 0xfd, 0x00, 0x04, offset];
  const advance = (local: number) => [...get(local), 0x41, 0xc0, 0x00, ...add, ...set(local)];
  const turn = [0, 1, 2, 3].flatMap((i) => [
    ...get(SUM + i),
    ...load(A, 16 * i),
    ...load(B, 16 * i),
    ...multiplyFour,
    ...addFour,
    ...set(SUM + i),
  ]);
  const lane = (i: number) => [...get(SUM), 0xfd, 0x1f, i];
  const body = [
    ...[0x01, 0x04, V128],
    ...get(A),
    ...get(END),
    ...add,
    ...set(END),
    ...[0x03, 0x40],
    ...turn,
    ...advance(A),
    ...advance(B),
    ...get(A),
    ...get(END),
    // Less than, unsigned; then once more; the loop's end.
    ...[0x49, 0x0d, 0x00, 0x0b],
    ...get(SUM),
    ...get(SUM + 1),
    ...addFour,
    ...get(SUM + 2),
    ...get(SUM + 3),
    ...addFour,
    ...addFour,
    ...set(SUM),
    ...[0, 1, 2, 3].flatMap(lane),
    ...[0x92, 0x92, 0x92],
    0x0b,
  ];
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  const size = (length: number) => [(length & 0x7f) | 0x80, length >> 7];
  const section = (id: number, content: readonly number[]) => [id, ...size(content.length), ...content];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [0x01, 0x60, 0x03, I32, I32, I32, 0x01, F32]),
    ...section(2, [0x01, ...name('arena'), ...name('memory'), 0x02, 0x00, 0x01]),
    ...section(3, [0x01, 0x00]),
    ...section(7, [0x01, ...name('dot'), 0x00, 0x00]),
    ...section(10, [0x01, ...size(body.length), ...body]),
  ]);
}
