import { SidestreamError } from '../../core/errors.ts';
import { toFloat16 } from '../../core/float16.ts';

/** Element types used in our graphs, with their number in ONNX's TensorProto.DataType. */
export const ELEMENT_TYPES = {
  float32: { onnx: 1, bytes: 4 },
  uint8: { onnx: 2, bytes: 1 },
  int8: { onnx: 3, bytes: 1 },
  int32: { onnx: 6, bytes: 4 },
  int64: { onnx: 7, bytes: 8 },
  float16: { onnx: 10, bytes: 2 },
} as const;
export type ElementType = keyof typeof ELEMENT_TYPES;
export type FloatType = 'float32' | 'float16';
export type Shape = readonly number[];

/** A value of the graph under construction. Shapes are static: a graph is written for one input shape. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: Shape;
}

export type AttributeValue = number | string | { readonly float: number } | readonly number[];

export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Little-endian bytes of an initializer kept inside the graph file: small, or particular to one shape. */
export interface InlineConstant {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: Shape;
  readonly data: Uint8Array;
}

/** An initializer that lives in the weights file beside the graph; `produce` gives its values when that is written. */
export interface ExternalWeight {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: Shape;
  readonly produce: () => Promise<Uint8Array>;
}

/** How a graph computes: the type of its floating-point arithmetic, and of the products in transformer blocks. */
export interface Arithmetic {
  readonly float: FloatType;
  readonly products: 'float' | 'int8';
  /** True: made of operators that runtimes on GPUs compute rightly, where fused ones would be faster or take less memory. */
  readonly plain?: boolean;
}

/** An ONNX graph being written. Constants given as float32 are stored in its floating-point type. */
export class Graph {
  readonly float: FloatType;
  readonly products: Arithmetic['products'];
  readonly plain: boolean;
  readonly nodes: Node[] = [];
  readonly inputs: Tensor[] = [];
  readonly outputs: { name: string; tensor: Tensor }[] = [];
  readonly constants: InlineConstant[] = [];
  readonly weights = new Map<string, ExternalWeight>();
  readonly #constantNames = new Map<string, string>();
  readonly #shapes = new Map<string, Shape>();
  #counter = 0;

  constructor({ float, products, plain = false }: Arithmetic) {
    this.float = float;
    this.products = products;
    this.plain = plain;
  }

  input(name: string, dtype: ElementType, shape: Shape): Tensor {
    const tensor = { graph: this, name, dtype, shape };
    this.inputs.push(tensor);
    return tensor;
  }

  /** Makes `tensor` an output called `name`. */
  output(name: string, tensor: Tensor): void {
    this.outputs.push({ name, tensor });
  }

  /** A floating-point constant, row-major, stored inside the graph file. */
  constant(values: Float32Array | readonly number[], shape: Shape, dtype: FloatType = this.float): Tensor {
    return this.#inline(encodeFloats(Float32Array.from(values), dtype), dtype, shape);
  }

  /** A constant of 64-bit integers, as ONNX wants for shapes, axes and indices. */
  integers(values: readonly number[], shape: Shape = [values.length]): Tensor {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    return this.#inline(new Uint8Array(data.buffer), 'int64', shape);
  }

  /** A constant given as bytes of its own type. */
  raw(data: Uint8Array, dtype: ElementType, shape: Shape): Tensor {
    return this.#inline(data, dtype, shape);
  }

  /** A weight of the model, shared by all graphs of one pack; `key` says what it is derived from. */
  weight(key: string, dtype: ElementType, shape: Shape, produce: () => Promise<Uint8Array>): Tensor {
    if (!this.weights.has(key)) this.weights.set(key, { name: key, dtype, shape, produce });
    return { graph: this, name: key, dtype, shape };
  }

  /** Appends one operator with one output. A missing optional input is null. */
  apply(
    op: string,
    inputs: readonly (Tensor | null)[],
    result: { shape: Shape; dtype?: ElementType },
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): Tensor {
    return this.applyAll(op, inputs, [result], attributes, domain)[0];
  }

  /** Appends one operator with several outputs; a null result is an optional output left out. */
  applyAll(
    op: string,
    inputs: readonly (Tensor | null)[],
    results: readonly ({ shape: Shape; dtype?: ElementType } | null)[],
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): Tensor[] {
    const outputs: Tensor[] = [];
    const names = results.map((result) => {
      if (!result) return '';
      if (result.shape.some((side) => !Number.isInteger(side) || side <= 0)) {
        throw new SidestreamError('MODEL_INVALID', `${op} would have the shape [${result.shape}]`);
      }
      const name = `${op}_${this.#counter++}`;
      outputs.push({ graph: this, name, dtype: result.dtype ?? this.float, shape: result.shape });
      return name;
    });
    for (const input of inputs) if (input) this.#shapes.set(input.name, input.shape);
    this.nodes.push({
      op,
      domain,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: names,
      attributes,
    });
    return outputs;
  }

  /** The matrix products and attentions of the graph, for counting its work. */
  matrixProducts(): { op: string; inputShapes: Shape[]; heads: number }[] {
    return this.nodes
      .filter(({ op }) => op === 'MatMul' || op === 'MultiHeadAttention')
      .map(({ op, inputs, attributes }) => ({
        op,
        inputShapes: inputs.slice(0, 2).map((name) => this.#shapes.get(name) ?? []),
        heads: typeof attributes.num_heads === 'number' ? attributes.num_heads : 1,
      }));
  }

  #inline(data: Uint8Array, dtype: ElementType, shape: Shape): Tensor {
    const key = data.length <= 64 ? `${dtype}[${shape}]${Buffer.from(data).toString('hex')}` : undefined;
    const known = key === undefined ? undefined : this.#constantNames.get(key);
    if (known !== undefined) return { graph: this, name: known, dtype, shape };
    const name = `constant_${this.constants.length}`;
    this.constants.push({ name, dtype, shape, data });
    if (key !== undefined) this.#constantNames.set(key, name);
    return { graph: this, name, dtype, shape };
  }
}

export const elements = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);

/** float32 values as little-endian bytes of `dtype`, rounded to nearest even for float16. */
export function encodeFloats(values: Float32Array, dtype: FloatType): Uint8Array {
  if (dtype === 'float32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return new Uint8Array(toFloat16(values).buffer);
}
