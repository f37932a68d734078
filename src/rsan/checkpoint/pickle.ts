import { SidestreamError } from '../../core/errors.ts';

/**
 * The subset of Python's pickle (CPython Lib/pickletools.py) that a PyTorch state dict needs. Nothing is ever called:
 * a global is a name, and the caller says what becomes of the few names it knows. Every other opcode and global is
 * refused.
 */

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleGlobal
  | object;

/** A name that the pickle wants to import, `module.name`; inert. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export interface PickleHooks {
  /** True for names that may appear at all. */
  readonly allows: (name: string) => boolean;
  /** What calling `name` with these arguments stands for. Throws for what may not be called. */
  readonly reduce: (name: string, args: readonly PickleValue[]) => PickleValue;
  /** The object that a persistent id stands for. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

const MARK = Symbol('mark');
type Slot = PickleValue | typeof MARK;

/** Far more than a state dict of thousands of tensors has, far less than what would fill memory. */
const LIMIT = 1_000_000;

export function readPickle(path: string, bytes: Uint8Array<ArrayBuffer>, hooks: PickleHooks): PickleValue {
  const reader = new Reader(path, bytes);
  const memo = new Map<number, PickleValue>();
  const stack: Slot[] = [];
  let steps = 0;

  const pop = (): PickleValue => {
    const value = stack.pop();
    if (value === undefined || value === MARK) throw reader.broken('it takes from an empty stack');
    return value;
  };
  const top = (): PickleValue => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const popToMark = (): PickleValue[] => {
    const start = stack.lastIndexOf(MARK);
    if (start < 0) throw reader.broken('it has no mark');
    const values = stack.splice(start).slice(1);
    return values as PickleValue[];
  };
  const popList = (): PickleValue[] => {
    const value = pop();
    if (!Array.isArray(value)) throw reader.broken('it wants a list or tuple');
    return value;
  };
  const fill = (pairs: readonly PickleValue[]) => {
    const dict = top();
    if (!(dict instanceof Map) || pairs.length % 2) throw reader.broken('it fills what is no dict');
    for (let i = 0; i < pairs.length; i += 2) dict.set(pairs[i], pairs[i + 1]);
  };
  const extend = (values: readonly PickleValue[]) => {
    const list = top();
    if (!Array.isArray(list)) throw reader.broken('it extends what is no list');
    for (const value of values) list.push(value);
  };
  const recall = (index: number): PickleValue => {
    const value = memo.get(index);
    if (value === undefined) throw reader.broken(`it recalls ${index}, which it never stored`);
    return value;
  };
  const global = (name: string): PickleGlobal => {
    if (!hooks.allows(name)) throw refused(path, `import ${name}`);
    return new PickleGlobal(name);
  };
  const text = (): string => {
    const value = pop();
    if (typeof value !== 'string') throw reader.broken('it wants a string');
    return value;
  };

  for (;;) {
    if (++steps > LIMIT || stack.length > LIMIT || memo.size > LIMIT) throw reader.broken('it is too large');
    const opcode = reader.byte();
    switch (opcode) {
      case 0x80: // PROTO
        if (reader.byte() > 5) throw reader.broken('its protocol is unknown');
        break;
      case 0x95: // FRAME
        reader.long();
        break;
      case 0x2e: // STOP
        return pop();
      case 0x28: // MARK
        stack.push(MARK);
        break;
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x4b: // BININT1
        stack.push(reader.byte());
        break;
      case 0x4d: // BININT2
        stack.push(reader.short());
        break;
      case 0x4a: // BININT
        stack.push(reader.word() | 0);
        break;
      case 0x8a: // LONG1
        stack.push(reader.integer(reader.byte()));
        break;
      case 0x47: // BINFLOAT
        stack.push(reader.double());
        break;
      case 0x58: // BINUNICODE
        stack.push(reader.text(reader.word()));
        break;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(reader.text(reader.byte()));
        break;
      case 0x8d: // BINUNICODE8
        stack.push(reader.text(reader.long()));
        break;
      case 0x42: // BINBYTES
        stack.push(reader.bytes(reader.word()));
        break;
      case 0x43: // SHORT_BINBYTES
        stack.push(reader.bytes(reader.byte()));
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        break;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        break;
      case 0x74: // TUPLE
        stack.push(popToMark());
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: {
        // TUPLE3
        const values = Array.from({ length: opcode - 0x84 }, pop);
        stack.push(values.reverse());
        break;
      }
      case 0x61: // APPEND
        extend([pop()]);
        break;
      case 0x65: // APPENDS
        extend(popToMark());
        break;
      case 0x73: {
        // SETITEM
        const value = pop();
        fill([pop(), value]);
        break;
      }
      case 0x75: // SETITEMS
        fill(popToMark());
        break;
      case 0x71: // BINPUT
        memo.set(reader.byte(), top());
        break;
      case 0x72: // LONG_BINPUT
        memo.set(reader.word(), top());
        break;
      case 0x94: // MEMOIZE
        memo.set(memo.size, top());
        break;
      case 0x68: // BINGET
        stack.push(recall(reader.byte()));
        break;
      case 0x6a: // LONG_BINGET
        stack.push(recall(reader.word()));
        break;
      case 0x63: // GLOBAL
        stack.push(global(`${reader.line()}.${reader.line()}`));
        break;
      case 0x93: {
        // STACK_GLOBAL
        const name = text();
        stack.push(global(`${text()}.${name}`));
        break;
      }
      case 0x52: {
        // REDUCE
        const args = popList();
        const callee = pop();
        if (!(callee instanceof PickleGlobal))
          throw refused(path, 'call something that is no known function');
        stack.push(hooks.reduce(callee.name, args));
        break;
      }
      case 0x62: // BUILD
        pop();
        // A dict's attributes (PyTorch keeps `_metadata` there) are of no use here.
        if (!(top() instanceof Map)) throw refused(path, 'set the state of an object');
        break;
      case 0x51: // BINPERSID
        stack.push(hooks.persistent(pop()));
        break;
      default:
        throw refused(path, `use the pickle opcode 0x${opcode.toString(16).padStart(2, '0')}`);
    }
  }
}

export function refused(path: string, what: string): SidestreamError {
  return new SidestreamError(
    'CHECKPOINT_UNSAFE',
    `${path} wants to ${what}: refused, nothing was run; use safetensors`,
  );
}

/** Reads little-endian fields and never beyond the end. */
class Reader {
  readonly #path: string;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(path: string, bytes: Uint8Array<ArrayBuffer>) {
    this.#path = path;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  broken(what: string): SidestreamError {
    return new SidestreamError(
      'CHECKPOINT_INVALID',
      `${this.#path}: its pickle is damaged: ${what} at byte ${this.#at}`,
    );
  }

  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw this.broken('it ends too early');
    this.#at += length;
    return start;
  }

  byte = (): number => this.#view.getUint8(this.#take(1));
  short = (): number => this.#view.getUint16(this.#take(2), true);
  word = (): number => this.#view.getUint32(this.#take(4), true);
  double = (): number => this.#view.getFloat64(this.#take(8));

  long(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.broken('it has a length beyond all files');
    return Number(value);
  }

  /** A signed little-endian integer of up to 8 bytes. */
  integer(length: number): number {
    if (length > 8) throw this.broken('it has an integer of more than 64 bits');
    const start = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[start + i]);
    const signed = Number(BigInt.asIntN(length * 8, value));
    if (!Number.isSafeInteger(signed)) throw this.broken('it has an integer of more than 53 bits');
    return signed;
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.slice(start, start + length);
  }

  text(length: number): string {
    const start = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(start, start + length));
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.broken('a line has no end');
    const text = this.text(end - this.#at);
    this.#at++;
    return text;
  }
}
