import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../../src/core/errors.ts';
import { openCheckpoint } from '../../../../src/rsan/checkpoint/open.ts';
import { formulaTensor } from '../../../../src/rsan/formula-weights.ts';
import { golden } from '../../../fixtures/golden.ts';
import {
  bytes,
  floats,
  global,
  int,
  pickle,
  stateDict,
  storageId,
  tensor,
  text,
  tuple,
  word,
  zip,
} from './craft.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-torch-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

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
    const scalar = await openPickle(stateDict('w', tensor(6, 5, [], [])));
    expect([...(await scalar.float32('w'))]).toEqual([5]);
    await scalar.close();
    const empty = await openPickle(stateDict('w', tensor(6, 0, [3, 0], [0, 1])));
    expect(await empty.bytes('w')).toHaveLength(0);
    await empty.close();
    // Four 16-bit halves of the first two floats, 0 and 1.
    const halves = await openPickle(stateDict('w', tensor(4, 0, [2, 2], [1, 2], 'torch.HalfStorage')));
    expect(await halves.bytes('w')).toEqual(new Uint8Array([0, 0, 0, 0, 0, 0, 0x80, 0x3f]));
    await halves.close();
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
    ['NEWOBJ_EX', pickle(global('torch.Size'), ')}', 0x92)],
    ['EXT1', pickle(0x82, 1)],
    ['EXT2', pickle(0x83, 1, 0)],
    ['EXT4', pickle(0x84, 1, 0, 0, 0)],
    ['an unknown opcode', pickle(0xff)],
    ['a call of a call', pickle(global('torch.Size'), tuple(tuple()), 'R', tuple(), 'R')],
    ['an import within a state dict', stateDict('w', global('subprocess.Popen'))],
    ['PERSID', pickle('P0\n')],
    ['BUILD on a name', pickle(global('torch.Size'), '}', 'b')],
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
    ['recalls what it never stored, from far', pickle('j', word(0xffffffff))],
    ['takes from an empty stack', pickle('s')],
    ['takes what is behind a mark', pickle('(', 0x85)],
    ['has no mark', pickle('t')],
    ['fills a dict with an odd number of values', pickle('}(N', 'u')],
    ['fills a list as a dict', pickle(']NN', 's')],
    ['extends a dict as a list', pickle('}N', 'a')],
    ['calls with what is no tuple', pickle(global('torch.Size'), '}', 'R')],
    ['names a global by numbers', pickle('K', 1, 'K', 2, 0x93)],
    ['claims a text longer than the file', pickle('X', word(0xfffffff0), 'x')],
    ['claims a text longer than all files', pickle(0x8d, Buffer.alloc(8, 0xff), 'x')],
    ['claims bytes longer than the file', pickle('B', word(0xfffffff0), 'x')],
    ['has a frame longer than all files', pickle(0x95, Buffer.alloc(8, 0xff), 'x')],
    ['has an integer that numbers cannot hold', pickle(0x8a, 8, Buffer.alloc(8, 0x7f))],
    ['has a line without an end', bytes(0x80, 2, 'cos')],
    ['has a storage that is no tuple', pickle('N', 'Q')],
    ['has a storage whose key is no text', stateDict('w', storageId(1, 'torch.FloatStorage', bytes('N')))],
    ['has a shape of texts', pickle(global('torch.Size'), tuple(tuple(text('3'))), 'R')],
    ['has a tensor of nothing', pickle(global('torch._utils._rebuild_tensor_v2'), tuple(), 'R')],
    ['has a parameter of nothing', pickle(global('torch._utils._rebuild_parameter'), tuple(), 'R')],
    ['has an integer of 255 bytes', pickle(0x8a, 255)],
    ['has no end', bytes(0x80, 2, '}')],
    ['is of an unknown protocol', bytes(0x80, 9, '.')],
    ['holds no tensors', pickle('}')],
  ])('is damaged: %s', async (_, data) => {
    await expect(openPickle(data)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });
});

it('reads what trainers put around a state dict', async () => {
  const weight = tensor(6, 1, [2], [1]);
  const parameter = bytes(
    global('torch._utils._rebuild_parameter'),
    tuple(weight, bytes(0x88), bytes(global('collections.OrderedDict'), ')R')),
    'R',
  );
  const dict = bytes(
    ...[global('collections.OrderedDict'), ')Rq', 1, '(', text('w'), parameter, text('n'), int(-5), 'u'],
    ...['}', text('_metadata'), 'h', 1, 's', 'b'],
  );
  for (const root of [
    bytes('}(', text('model'), dict, text('iteration'), 'K', 9, 'u'),
    bytes('}', text('state_dict'), dict, 's'),
    dict,
  ]) {
    const weights = await openPickle(pickle(root));
    expect(weights.names).toEqual(['w']);
    expect([...(await weights.float32('w'))]).toEqual([1, 2]);
    await weights.close();
  }
});

describe('a pickle made to take for ever is soon refused', () => {
  const many = (times: number, ...ops: (number | string | Uint8Array)[]) =>
    Buffer.alloc(bytes(...ops).length * times, bytes(...ops));
  it.each<[string, () => Uint8Array]>([
    ['lists within lists', () => pickle(many(400_000, ']'), many(399_999, 'a'))],
    [
      'a list that is no shape, called again and again',
      () => {
        const list = [']q', 0, '(', many(200_000, 'K', 1), 'e'];
        return pickle(
          ...list,
          'h',
          0,
          0x85,
          'q',
          1,
          global('torch.Size'),
          'q',
          2,
          many(200_000, 'h', 2, 'h', 1, 'R'),
        );
      },
    ],
    [
      'a storage whose key doubles forty times',
      () => {
        const key = bytes(text('x'), many(40, 'q', 0, 'h', 0, 0x86));
        return stateDict('w', storageId(1, 'torch.FloatStorage', key));
      },
    ],
    [
      'a storage whose key is 100 000 tuples deep',
      () => {
        const key = bytes(')', many(100_000, 0x85));
        return stateDict('w', storageId(1, 'torch.FloatStorage', key));
      },
    ],
    ['millions of dicts', () => pickle(many(5_000_000, '}'))],
    ['millions of marks', () => pickle(many(5_000_000, '('))],
  ])('%s', async (_, make) => {
    const begun = performance.now();
    await expect(openPickle(make())).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect(performance.now() - begun).toBeLessThan(5000);
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
    ['with two sizes of one entry', zip([good, { ...storage, lie: { stored: 7 } }])],
    ['with an entry beyond the end', zip([{ ...good, lie: { offset: 100_000 } }, storage])],
    ['with an entry where none begins', zip([{ ...good, lie: { offset: 3 } }, storage])],
    ['with an entry longer than the file', zip([{ ...good, lie: { size: 5000 } }, storage])],
    ['with an entry of 2^60 bytes', zip([{ ...good, wide: true, lie: { size: 2 ** 60 } }, storage])],
    ['with a wide end cut off', zip([good, storage], { wide: true }).subarray(-42)],
    ['of two letters', bytes('PK', Buffer.alloc(8))],
  ])('is refused: %s', async (_, data) => {
    await expect(openCheckpoint(write(data))).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });

  it.each<[string, Buffer]>([
    [
      'wide fields',
      zip([
        { ...good, wide: true },
        { ...storage, wide: true },
      ]),
    ],
    ['a wide end', zip([good, storage], { wide: true })],
    ['padding before its contents', zip([good, { ...storage, padding: 50 }])],
    ['a comment behind its end', zip([good, storage], { comment: 'kept '.repeat(9000) })],
    // Both entries are the whole of the file: nothing that is read may hang on what an entry seems to own.
    ['entries one over the other', zip([{ ...good, lie: { size: good.data.length + 20 } }, storage])],
  ])('is none for %s', async (_, data) => {
    const weights = await openCheckpoint(write(data));
    expect([...(await weights.float32('w'))]).toEqual([0, 1, 2, 3, 4, 5]);
    await weights.close();
  });

  it('is refused wherever it is cut off or a bit is flipped, and never anything worse', async () => {
    const whole = readFileSync(golden('tiny.pth'));
    const directory = whole.length - 40_000;
    let random = 12345;
    const next = (limit: number) => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      return random % limit;
    };
    const damage = Array.from({ length: 330 }, (_, i) => {
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
  await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
});
