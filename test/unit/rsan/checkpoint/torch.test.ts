import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../../src/core/errors.ts';
import { openCheckpoint } from '../../../../src/rsan/checkpoint/open.ts';
import { formulaTensor } from '../../../../src/rsan/formula-weights.ts';
import { golden } from '../../../fixtures/golden.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-torch-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

// A pickle writer of a few opcodes, and a ZIP writer without compression. ----------------------------------------------

const bytes = (...parts: (number | string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))));
const word = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
};
const text = (value: string) => bytes(0x58, word(Buffer.byteLength(value)), value);
const int = (value: number) => bytes(0x4a, word(value >>> 0));
const global = (name: string) =>
  bytes('c', name.slice(0, name.lastIndexOf('.')), '\n', name.slice(name.lastIndexOf('.') + 1), '\n');
const tuple = (...items: Uint8Array[]) => bytes('(', ...items, 't');
const pickle = (...ops: (number | string | Uint8Array)[]) => bytes(0x80, 2, ...ops, '.');

/** A float32 tensor over storage "0" of `count` elements. */
const tensor = (count: number, offset: number, shape: number[], strides: number[]) => {
  const storage = bytes(
    tuple(text('storage'), global('torch.FloatStorage'), text('0'), text('cpu'), int(count)),
    'Q',
  );
  const args = tuple(
    storage,
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    bytes(0x89),
    bytes('}'),
  );
  return bytes(global('torch._utils._rebuild_tensor_v2'), args, 'R');
};
const stateDict = (name: string, value: Uint8Array) => pickle('}', text(name), value, 's');

interface Entry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: number;
}

function zip(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = 0 } of entries) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(data.length, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(data.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(name), Buffer.from(data));
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

function write(data: Uint8Array): string {
  const path = join(folder, 'case.pth');
  writeFileSync(path, data);
  return path;
}
const archive = (data: Uint8Array, storage: Uint8Array = floats(0, 1, 2, 3, 4, 5)) =>
  write(
    zip([
      { name: 'a/data.pkl', data },
      { name: 'a/data/0', data: storage },
    ]),
  );
const openPickle = (data: Uint8Array, storage?: Uint8Array) => openCheckpoint(archive(data, storage));

// ----------------------------------------------------------------------------------------------------------------------

it.each(['tiny', 'tiny-l14'])('reads every tensor of %s.pth to the bit', async (name) => {
  const weights = await openCheckpoint(golden(`${name}.pth`));
  expect(weights.names).toHaveLength(173);
  for (const tensor of weights.names) {
    if (tensor === 'ov_classifier.attn_mask') continue; // A mask, no weight.
    expect(await weights.float32(tensor), tensor).toEqual(formulaTensor(tensor, weights.info(tensor).shape));
  }
  await weights.close();
});

describe('views of a storage', () => {
  it('are gathered in row-major order, wherever they lie', async () => {
    const weights = await openPickle(stateDict('w', tensor(6, 0, [3, 2], [1, 3])));
    expect([...(await weights.float32('w'))]).toEqual([0, 3, 1, 4, 2, 5]);
    await weights.close();
    const part = await openPickle(stateDict('w', tensor(6, 2, [2], [2])));
    expect([...(await part.float32('w'))]).toEqual([2, 4]);
    await part.close();
  });

  it.each([
    ['beyond the end', tensor(6, 4, [3], [1])],
    ['repeating one element', tensor(6, 0, [1000, 1000], [0, 0])],
    ['of a size that overflows', tensor(6, 0, [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1], [1, 1, 1])],
    ['with a negative offset', tensor(6, -1, [1], [1])],
    ['with negative strides', tensor(6, 5, [2], [-1])],
    ['of a storage that is cut off', tensor(7, 0, [7], [1])],
    ['with more sides than strides', tensor(6, 0, [2, 3], [1])],
  ])('are refused %s', async (_, view) => {
    await expect(openPickle(stateDict('w', view))).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });
});

describe('a hostile pickle', () => {
  const call = (name: string) => [global(name), tuple(text('touch /tmp/owned')), 'R'];
  it.each([
    ['os.system', pickle(...call('os.system'))],
    ['posix.system', pickle(...call('posix.system'))],
    ['builtins.eval', pickle(...call('builtins.eval'))],
    ['a call named on the stack', pickle(0x8c, 8, 'builtins', 0x8c, 4, 'exec', 0x93, tuple(text('1')), 'R')],
    ['an allowed storage type as a function', pickle(...call('torch.FloatStorage'))],
    ['INST', pickle('(i', 'os\nsystem\n')],
    ['OBJ', pickle('(', global('torch.Size'), 'o')],
    ['NEWOBJ', pickle(global('torch.Size'), ')', 0x81)],
    ['EXT1', pickle(0x82, 1)],
    ['PERSID', pickle('P0\n')],
    ['BUILD on a tensor', pickle(tensor(6, 0, [1], [1]), '}', 'b')],
    [
      'a dict filled through its constructor',
      pickle(global('collections.OrderedDict'), tuple(bytes(']')), 'R'),
    ],
  ])('runs nothing: %s', async (_, data) => {
    await expect(openPickle(data)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSAFE',
      message: expect.stringContaining('nothing was run'),
    });
  });

  it.each([
    ['recalls what it never stored', pickle('h', 9)],
    ['takes from an empty stack', pickle('0'.replace('0', 's'))],
    ['claims a text longer than the file', pickle('X', word(0xfffffff0), 'x')],
    ['has an integer of 255 bytes', pickle(0x8a, 255)],
    ['has no end', bytes(0x80, 2, '}')],
    ['is of an unknown protocol', bytes(0x80, 9, '.')],
    ['holds no tensors', pickle('}')],
  ])('is damaged: %s', async (_, data) => {
    await expect(openPickle(data)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });
});

describe('a damaged archive', () => {
  const good = { name: 'a/data.pkl', data: stateDict('w', tensor(6, 0, [6], [1])) };
  const storage = { name: 'a/data/0', data: floats(0, 1, 2, 3, 4, 5) };
  it.each<[string, Buffer]>([
    ['without a pickle', zip([storage])],
    ['without its storage', zip([good])],
    ['with one name twice', zip([good, good, storage])],
    ['with compressed entries', zip([{ ...good, method: 8 }, storage])],
    ['big-endian', zip([good, storage, { name: 'a/byteorder', data: Buffer.from('big') }])],
    ['with something else before it', bytes('PK', zip([good, storage]))],
  ])('is refused: %s', async (_, data) => {
    await expect(openCheckpoint(write(data))).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });

  it('is refused wherever it is cut off or a bit is flipped, and never anything worse', async () => {
    const whole = readFileSync(golden('tiny.pth'));
    const directory = whole.length - 40_000;
    let random = 12345;
    const next = (limit: number) => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      return random % limit;
    };
    const damage = Array.from({ length: 240 }, (_, i) => {
      const copy = Buffer.from(whole);
      if (i % 3 === 0) return copy.subarray(0, i % 2 ? next(whole.length) : directory + next(40_000));
      const at = i % 3 === 1 ? next(30_000) : directory + next(40_000);
      copy[at] ^= 1 << next(8);
      return copy;
    });
    for (const [i, data] of damage.entries()) {
      try {
        const weights = await openCheckpoint(write(data));
        for (const name of weights.names.slice(0, 20)) await weights.float32(name).catch(expectOurs);
        await weights.close();
      } catch (error) {
        expect(error, `case ${i}`).toBeInstanceOf(SidestreamError);
      }
    }
    function expectOurs(error: unknown): void {
      expect(error).toBeInstanceOf(SidestreamError);
    }
  });
});

it('says what a file is that is no checkpoint', async () => {
  await expect(openCheckpoint(write(Buffer.alloc(100)))).rejects.toThrow(/neither a PyTorch zip archive nor/);
  await expect(openCheckpoint(write(bytes(0x80, 2, Buffer.alloc(50))))).rejects.toThrow(
    /old torch.save file/,
  );
  await expect(openCheckpoint(write(Buffer.alloc(3)))).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  await expect(openCheckpoint(join(folder, 'absent'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
});
