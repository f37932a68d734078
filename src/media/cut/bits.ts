/** Reads the payload of a network abstraction layer unit, bit by bit (ITU-T H.264, 7.2 and 9.1). */
export interface Bits {
  /** The next `count` bits, 0 to 32 of them. */
  u(count: number): number;
  flag(): boolean;
  /** Exp-Golomb codes, without and with sign. */
  ue(): number;
  se(): number;
}

/** `unit`: with its header of one byte, which is left out. Throws RangeError where it ends too early. */
export function bitsOf(unit: Uint8Array): Bits {
  const bytes = withoutEmulation(unit);
  let at = 8;
  const bit = (): number => {
    if (at >= bytes.length * 8) throw new RangeError('a parameter set that ends too early');
    const value = (bytes[at >> 3] >> (7 - (at & 7))) & 1;
    at++;
    return value;
  };
  const u = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + bit();
    return value;
  };
  const ue = (): number => {
    let zeros = 0;
    while (bit() === 0)
      if (++zeros > 32) throw new RangeError('a parameter set with a number beyond 32 bits');
    return 2 ** zeros - 1 + u(zeros);
  };
  return {
    u,
    flag: () => bit() === 1,
    ue,
    se: () => {
      const code = ue();
      return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
    },
  };
}

/** Bytes 0, 0, 3 stand for 0, 0: so nothing in a unit looks like the beginning of one. */
function withoutEmulation(unit: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(bytes);
}
