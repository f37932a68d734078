import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../../src/rsan/checkpoint/open.ts';
import { writeSafetensors } from '../../../../src/rsan/checkpoint/safetensors.ts';
import { DTYPES, type DType } from '../../../../src/rsan/checkpoint/weights.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-safetensors-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function craft(header: unknown, data: Uint8Array = new Uint8Array(64), claimed?: bigint): string {
  const json =
    typeof header === 'string' || header instanceof Uint8Array
      ? Buffer.from(header)
      : Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(json.length));
  const path = join(folder, 'case.safetensors');
  writeFileSync(path, Buffer.concat([length, json, data]));
  return path;
}

const entry = (dtype: string, shape: unknown, offsets: unknown) => ({
  w: { dtype, shape, data_offsets: offsets },
});

it('comes back as it was written, in every type', async () => {
  const path = join(folder, 'all.safetensors');
  const tensors = (Object.keys(DTYPES) as DType[]).map((dtype, i) => ({
    name: `of.${dtype}`,
    dtype,
    shape: [2, 3],
    bytes: () => new Uint8Array(6 * DTYPES[dtype]).fill(i + 1),
  }));
  const more = [
    {
      name: 'scalar',
      dtype: 'float32' as const,
      shape: [],
      bytes: () => new Uint8Array(Float32Array.of(7).buffer),
    },
    { name: 'empty', dtype: 'int8' as const, shape: [0, 4], bytes: () => new Uint8Array(0) },
  ];
  await writeSafetensors(path, [...tensors, ...more], { note: 'hello' });
  const file = await openCheckpoint(path);
  expect(file.metadata).toEqual({ note: 'hello' });
  for (const { name, dtype, shape, bytes } of tensors) {
    expect(file.info(name)).toEqual({ dtype, shape });
    expect(await file.bytes(name)).toEqual(bytes());
    expect(await file.float32(name)).toHaveLength(6);
  }
  expect([...(await file.float32('scalar'))]).toEqual([7]);
  expect(await file.float32('empty')).toHaveLength(0);
  expect(() => file.info('absent')).toThrow(/has no tensor absent/);
  await file.close();
});

it('reads half floats and bfloat16 as the numbers that they are', async () => {
  const path = join(folder, 'halves.safetensors');
  const halves = (values: number[]) => () => new Uint8Array(Uint16Array.from(values).buffer);
  await writeSafetensors(path, [
    { name: 'half', dtype: 'float16', shape: [5], bytes: halves([0x3c00, 0xc000, 0x7bff, 1, 0xfc00]) },
    { name: 'brain', dtype: 'bfloat16', shape: [2], bytes: halves([0x3f80, 0xc040]) },
  ]);
  const file = await openCheckpoint(path);
  expect([...(await file.float32('half'))]).toEqual([1, -2, 65504, 2 ** -24, Number.NEGATIVE_INFINITY]);
  expect([...(await file.float32('brain'))]).toEqual([1, -3]);
  await file.close();
});

it('is told from a ZIP archive even where its header begins with the letters of one', async () => {
  const json = JSON.stringify(entry('F32', [1], [0, 4]));
  const weights = await openCheckpoint(craft(json.padEnd(0x4b50), new Uint8Array(4)));
  expect(weights.names).toEqual(['w']);
  await weights.close();
});

it('has room for nothing between its tensors, in any order', async () => {
  const empty = { dtype: 'F32', shape: [0], data_offsets: [0, 0] };
  const weights = await openCheckpoint(craft({ ...entry('F32', [4], [0, 16]), nothing: empty }));
  expect(await weights.float32('nothing')).toHaveLength(0);
  await weights.close();
});

describe('a file that lies is refused', () => {
  it.each<[string, () => string]>([
    ['about the length of its header', () => craft({}, undefined, 1_000_000n)],
    ['with a header beyond all files', () => craft({}, undefined, 2n ** 63n)],
    ['with a header that is no JSON', () => craft('{"w": ')],
    ['with offsets beyond the end', () => craft(entry('F32', [100], [0, 400]))],
    ['with a shape of another size', () => craft(entry('F32', [3], [0, 16]))],
    ['with a shape that overflows', () => craft(entry('F32', [2 ** 40, 2 ** 40], [0, 16]))],
    ['with a negative side', () => craft(entry('F32', [-4], [0, 16]))],
    ['with offsets the wrong way round', () => craft(entry('F32', [4], [16, 0]))],
    ['with an unknown type', () => craft(entry('F13', [4], [0, 16]))],
    ['with a type that is a name of the language', () => craft(entry('constructor', [4], [0, 16]))],
    ['with sides that are no whole numbers', () => craft(entry('F32', [1.5], [0, 6]))],
    ['with a side beyond all numbers', () => craft(entry('F32', [1e300, 1e300, 0], [0, 0]))],
    ['with three offsets', () => craft(entry('F32', [4], [0, 16, 32]))],
    ['with texts for offsets', () => craft(entry('F32', [4], ['0', '16']))],
    ['with a list for a header', () => craft([1])],
    ['with lists within lists for a header', () => craft(`{"w":${'['.repeat(1_000_000)}`)],
    ['with bytes that are no text', () => craft(Buffer.from('{"\xff": {}}', 'latin1'))],
    ['with an entry that is none', () => craft({ w: 5 })],
    [
      'with tensors that overlap',
      () => craft({ ...entry('F32', [4], [0, 16]), v: { dtype: 'F32', shape: [4], data_offsets: [8, 24] } }),
    ],
  ])('%s', async (_, make) => {
    await expect(openCheckpoint(make())).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });
});

it('leaves nothing behind when a tensor cannot be made', async () => {
  const broken = {
    name: 'w',
    dtype: 'float32' as const,
    shape: [2],
    bytes: () => Promise.reject(new Error('gone')),
  };
  await expect(writeSafetensors(join(folder, 'out.safetensors'), [broken])).rejects.toThrow('gone');
  expect(readdirSync(folder)).toEqual([]);
});
