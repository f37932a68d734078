import { deflateSync } from 'node:zlib';

const CRC = Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE((crc ^ 0xffffffff) >>> 0, body.length + 4);
  return out;
}

export interface PngShape {
  readonly width: number;
  readonly height: number;
  /** Bits. */
  readonly depth: 1 | 2 | 4 | 8 | 16;
  readonly colour: 'grey' | 'rgb' | 'palette' | 'rgba';
  readonly palette?: readonly (readonly number[])[];
  readonly interlaced?: boolean;
}

/** A PNG without filters, by its specification. `samples`: row by row, channels side by side. */
export function png(shape: PngShape, samples: ArrayLike<number>): Buffer {
  const { width, height, depth, colour, palette, interlaced = false } = shape;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[9] = { grey: 0, rgb: 2, palette: 3, rgba: 6 }[colour];
  header[12] = Number(interlaced);
  const across = width * { grey: 1, rgb: 3, palette: 1, rgba: 4 }[colour];
  const stride = Math.ceil((across * depth) / 8);
  const rows = Buffer.alloc(height * (stride + 1));
  for (let i = 0; i < across * height; i++) {
    const row = Math.floor(i / across) * (stride + 1) + 1;
    const bit = (i % across) * depth;
    if (depth === 16) rows.writeUInt16BE(samples[i], row + bit / 8);
    else rows[row + (bit >> 3)] |= samples[i] << (8 - depth - (bit & 7));
  }
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Uint8Array.from(palette.flat()))] : []),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array()),
  ]);
}
