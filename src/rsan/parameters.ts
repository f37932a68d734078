import type { Weights } from './checkpoint/weights.ts';
import {
  type ElementType,
  elements,
  encodeFloats,
  type Graph,
  type Shape,
  type Tensor,
} from './onnx/graph.ts';

/** The model's tensors as inputs of one graph, under a name prefix, in the layouts that its operators want. */
export class Parameters {
  readonly #graph: Graph;
  readonly #weights: Weights;
  readonly #prefix: string;

  constructor(graph: Graph, weights: Weights, prefix = '') {
    this.#graph = graph;
    this.#weights = weights;
    this.#prefix = prefix;
  }

  /** The parameters whose names begin with `prefix.`. */
  at(prefix: string | number): Parameters {
    return new Parameters(this.#graph, this.#weights, `${this.#prefix}${prefix}.`);
  }

  /** The stored shape of a tensor. */
  shape(name: string): Shape {
    return this.#weights.info(this.#prefix + name).shape;
  }

  /** The tensor as stored, or under another shape of as many elements. */
  tensor(name: string, shape: Shape = this.shape(name)): Tensor {
    return this.derived(`${name} [${shape}]`, shape, () => this.values(name));
  }

  /** Rows `from`..`to` of a one-dimensional tensor. */
  vector(name: string, from = 0, to = this.shape(name)[0]): Tensor {
    return this.derived(`${name}[${from}:${to}]`, [to - from], async () =>
      (await this.values(name)).slice(from, to),
    );
  }

  /**
   * A linear layer's weight for x · W: stored (out, in, …), given (in, out). `from`..`to` is a range of outputs, of
   * which a packed q, k, v projection has three.
   */
  matrix(name: string, from = 0, to = this.shape(name)[0]): Tensor {
    const [rows, columns] = this.#matrixShape(name, from, to);
    return this.derived(`${name}[${from}:${to}]ᵀ`, [columns, rows], () => this.transposed(name, from, to));
  }

  /** The values of `matrix`, row-major (in, out). */
  async transposed(name: string, from = 0, to = this.shape(name)[0]): Promise<Float32Array> {
    const [rows, columns] = this.#matrixShape(name, from, to);
    const stored = (await this.values(name)).subarray(from * columns, to * columns);
    const result = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        result[column * rows + row] = stored[row * columns + column];
      }
    }
    return result;
  }

  /** A floating-point weight computed from stored ones; `recipe` names it within this prefix. */
  derived(recipe: string, shape: Shape, produce: () => Promise<Float32Array>): Tensor {
    const { float } = this.#graph;
    return this.bytes(`${recipe} ${float}`, float, shape, async () => encodeFloats(await produce(), float));
  }

  /** A weight of any element type computed from stored ones. */
  bytes(recipe: string, dtype: ElementType, shape: Shape, produce: () => Promise<Uint8Array>): Tensor {
    return this.#graph.weight(this.#prefix + recipe, dtype, shape, produce);
  }

  values(name: string): Promise<Float32Array> {
    return this.#weights.float32(this.#prefix + name);
  }

  #matrixShape(name: string, from: number, to: number): [rows: number, columns: number] {
    const [, ...inner] = this.shape(name);
    return [to - from, elements(inner)];
  }
}
