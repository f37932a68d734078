/** Numbers as the bytes of a file, which is little-endian as the machines that this runs on are. */

/** The bytes of arrays, one after the other; a copy. */
export const joinBytes = (sections: readonly ArrayBufferView[]): Buffer =>
  Buffer.concat(sections.map((one) => new Uint8Array(one.buffer, one.byteOffset, one.byteLength)));

/** The bytes as uint16, wherever they lie; a copy. */
export const shorts = (bytes: Buffer): Uint16Array<ArrayBuffer> =>
  new Uint16Array(new Uint8Array(bytes).buffer);
