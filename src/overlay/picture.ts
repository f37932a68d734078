/**
 * A picture to lay over video: ffmpeg's yuva420p, 8 bits, straight alpha.
 * `data` holds the planes one after the other as rawvideo has them: y (width × height), u, v (half of each), a (full).
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly y: Uint8Array<ArrayBuffer>;
  readonly u: Uint8Array<ArrayBuffer>;
  readonly v: Uint8Array<ArrayBuffer>;
  readonly a: Uint8Array<ArrayBuffer>;
}

/** Bytes of a picture of even sides. */
export function pictureBytes(width: number, height: number): number {
  return (width * height * 5) / 2;
}

/** A picture over `data`, or over new memory. Both sides must be even. */
export function createPicture(
  width: number,
  height: number,
  data = new Uint8Array(pictureBytes(width, height)),
): Picture {
  if (width % 2 !== 0 || height % 2 !== 0 || data.length !== pictureBytes(width, height)) {
    throw new RangeError(`a yuva420p picture cannot be ${width}×${height} in ${data.length} bytes`);
  }
  const full = width * height;
  const quarter = full / 4;
  return {
    width,
    height,
    data,
    y: data.subarray(0, full),
    u: data.subarray(full, full + quarter),
    v: data.subarray(full + quarter, full + 2 * quarter),
    a: data.subarray(full + 2 * quarter),
  };
}

/**
 * Lays `top` over `bottom` with its left upper corner at (x, y), both even; what juts out is cut off.
 * `strength` scales the alpha of `top`, 0 to 1.
 */
export function blit(bottom: Picture, top: Picture, x: number, y: number, strength = 1): void {
  const x0 = Math.max(0, -x);
  const y0 = Math.max(0, -y);
  const x1 = Math.min(top.width, bottom.width - x);
  const y1 = Math.min(top.height, bottom.height - y);
  for (let row = y0; row < y1; row += 2) {
    for (let column = x0; column < x1; column += 2) {
      const half = (row >> 1) * (top.width >> 1) + (column >> 1);
      const halfTo = ((y + row) >> 1) * (bottom.width >> 1) + ((x + column) >> 1);
      let above = 0;
      let total = 0;
      for (let i = 0; i < 4; i++) {
        const from = (row + (i >> 1)) * top.width + column + (i & 1);
        const to = (y + row + (i >> 1)) * bottom.width + x + column + (i & 1);
        const over = top.a[from] * strength;
        const under = (bottom.a[to] * (255 - over)) / 255;
        const sum = over + under;
        if (over > 0) bottom.y[to] = (top.y[from] * over + bottom.y[to] * under) / sum + 0.5;
        bottom.a[to] = sum + 0.5;
        above += over;
        total += sum;
      }
      if (above > 0) {
        const part = above / total;
        bottom.u[halfTo] = bottom.u[halfTo] + (top.u[half] - bottom.u[halfTo]) * part + 0.5;
        bottom.v[halfTo] = bottom.v[halfTo] + (top.v[half] - bottom.v[halfTo]) * part + 0.5;
      }
    }
  }
}
