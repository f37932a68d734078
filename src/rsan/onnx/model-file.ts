import { type AttributeValue, ELEMENT_TYPES, type Graph, type Shape } from './graph.ts';
import { bytesField, type Chunk, floatField, intField, messageField } from './protobuf.ts';

/** Where each external weight lies in the weights file, in bytes. */
export interface WeightsLayout {
  /** Name of the weights file, in the same folder as the graph file. */
  readonly file: string;
  readonly offsets: ReadonlyMap<string, { readonly offset: number; readonly length: number }>;
}

/** IR version 8 with opset 17: the oldest that has LayerNormalization, so that older runtimes load the graphs too. */
const IR_VERSION = 8;
const OPSET = 17;

/** An ONNX ModelProto (onnx.proto3) of `graph`. Field numbers are those of the ONNX specification. */
export function encodeModel(graph: Graph, layout: WeightsLayout, name: string): Uint8Array {
  const renamed = new Map(graph.outputs.map(({ name: output, tensor }) => [tensor.name, output]));
  const call = (value: string) => renamed.get(value) ?? value;

  const body: Chunk[] = [];
  needed(graph).forEach((node, index) => {
    const domain = node.domain ? bytesField(7, node.domain) : [];
    const attributes = Object.entries(node.attributes).flatMap(([key, value]) =>
      messageField(5, encodeAttribute(key, value)),
    );
    body.push(
      ...messageField(1, [
        ...node.inputs.flatMap((input) => bytesField(1, call(input))),
        ...node.outputs.flatMap((output) => bytesField(2, call(output))),
        ...bytesField(3, `${node.op}/${index}`),
        ...bytesField(4, node.op),
        ...attributes,
        ...domain,
      ]),
    );
  });
  body.push(...bytesField(2, name));
  for (const { name: constant, dtype, shape, data } of graph.constants) {
    body.push(...messageField(5, [...encodeTensorHead(constant, dtype, shape), ...bytesField(9, data)]));
  }
  for (const weight of graph.weights.values()) {
    const place = layout.offsets.get(weight.name);
    if (!place) throw new Error(`the weights file lacks ${weight.name}`);
    const entry = (key: string, value: string) =>
      messageField(13, [...bytesField(1, key), ...bytesField(2, value)]);
    body.push(
      ...messageField(5, [
        ...encodeTensorHead(weight.name, weight.dtype, weight.shape),
        ...entry('location', layout.file),
        ...entry('offset', String(place.offset)),
        ...entry('length', String(place.length)),
        ...intField(14, 1),
      ]),
    );
  }
  for (const input of graph.inputs)
    body.push(...messageField(11, encodeValueInfo(input.name, input.dtype, input.shape)));
  for (const { name: output, tensor } of graph.outputs) {
    body.push(...messageField(12, encodeValueInfo(output, tensor.dtype, tensor.shape)));
  }

  return Buffer.concat([
    ...intField(1, IR_VERSION),
    ...bytesField(2, 'sidestream'),
    ...messageField(7, body),
    ...messageField(8, [...bytesField(1, ''), ...intField(2, OPSET)]),
    ...messageField(8, [...bytesField(1, 'com.microsoft'), ...intField(2, 1)]),
  ]);
}

/** The nodes that an output depends on: runtimes run the others too. */
function needed({ nodes, outputs }: Graph): Graph['nodes'] {
  const wanted = new Set(outputs.map(({ tensor }) => tensor.name));
  // Nodes come after those that they depend on.
  const backwards = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => wanted.has(output))) return false;
    for (const input of node.inputs) wanted.add(input);
    return true;
  });
  return backwards.reverse();
}

function encodeTensorHead(name: string, dtype: keyof typeof ELEMENT_TYPES, shape: Shape): Chunk[] {
  return [
    ...shape.flatMap((side) => intField(1, side)),
    ...intField(2, ELEMENT_TYPES[dtype].onnx),
    ...bytesField(8, name),
  ];
}

function encodeValueInfo(name: string, dtype: keyof typeof ELEMENT_TYPES, shape: Shape): Chunk[] {
  const dimensions = messageField(
    2,
    shape.flatMap((side) => messageField(1, intField(1, side))),
  );
  const type = messageField(1, [...intField(1, ELEMENT_TYPES[dtype].onnx), ...dimensions]);
  return [...bytesField(1, name), ...messageField(2, type)];
}

function encodeAttribute(name: string, value: AttributeValue): Chunk[] {
  const head = bytesField(1, name);
  if (typeof value === 'string') return [...head, ...bytesField(4, value), ...intField(20, 3)];
  if (typeof value === 'number') return [...head, ...intField(3, value), ...intField(20, 2)];
  if ('float' in value) return [...head, ...floatField(2, value.float), ...intField(20, 1)];
  return [...head, ...value.flatMap((item) => intField(8, item)), ...intField(20, 7)];
}
