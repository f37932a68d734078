import type { Mixtures } from '../../core/frame.ts';
import { joinBytes, shorts } from './bytes.ts';

/**
 * Mixtures as bytes. The lattice is walked in reading order; a point mostly has the code of its neighbour to the left,
 * above, or above to the right, else the next new one. So one byte says how many points are as the one to their left, and
 * what the next one is: `points × 4 + kind`.
 */
const KINDS = {
  /** The code comes from the list of codes; after 63 points, none: the run goes on. */
  listed: 0,
  above: 1,
  aboveRight: 2,
  /** The next code that was not there yet. */
  fresh: 3,
} as const;
const LONGEST = 63;

/** Sizes of the sections, as uint32: runs, listed codes, mixtures, parts; then the sections. */
const HEAD = 16;

/** Throws RangeError where a mixture has more than 255 parts. `rows`: rows of the tracks, which decide whether one byte is enough for one. */
export function encodeMixtures({ width, codes, starts, regions, levels }: Mixtures, rows: number): Buffer {
  const runs = new Uint8Array(codes.length);
  const listed = new Uint16Array(codes.length);
  let [run, list, fresh, gap] = [0, 0, 0, 0];
  for (let point = 0, x = 0; point < codes.length; point++, x = x + 1 === width ? 0 : x + 1) {
    const code = codes[point];
    if (x > 0 && code === codes[point - 1]) {
      gap++;
      if (gap === LONGEST) {
        runs[run++] = gap * 4 + KINDS.listed;
        gap = 0;
      }
      continue;
    }
    let kind: number = KINDS.listed;
    if (point >= width && code === codes[point - width]) kind = KINDS.above;
    else if (point >= width && x + 1 < width && code === codes[point - width + 1]) kind = KINDS.aboveRight;
    else if (code === fresh) {
      kind = KINDS.fresh;
      fresh++;
    } else listed[list++] = code;
    runs[run++] = gap * 4 + kind;
    gap = 0;
  }
  if (gap > 0) runs[run++] = gap * 4 + KINDS.listed;

  const mixtures = starts.length - 1;
  const counts = new Uint8Array(mixtures);
  for (let mixture = 0; mixture < mixtures; mixture++) {
    const count = starts[mixture + 1] - starts[mixture];
    if (count > 255) throw new RangeError(`a mixture of ${count} regions`);
    counts[mixture] = count;
  }
  const head = Uint32Array.of(run, list, mixtures, regions.length);
  const sections = [
    head,
    runs.subarray(0, run),
    listed.subarray(0, list),
    counts,
    narrow(regions, rows),
    levels,
  ];
  return joinBytes(sections);
}

const narrow = (regions: Uint16Array, rows: number): Uint8Array | Uint16Array =>
  rows <= 256 ? Uint8Array.from(regions) : regions;

/**
 * What `encodeMixtures` made, and how many bytes it took. Throws RangeError where that cannot be: checksums hold damage
 * off, but whoever writes files may err.
 */
export function decodeMixtures(
  bytes: Buffer,
  {
    width,
    height,
    levels: most,
  }: { readonly width: number; readonly height: number; readonly levels: number },
  rows: number,
): { readonly points: Mixtures; readonly length: number } {
  if (bytes.length < HEAD) throw new RangeError('a frame is too short');
  const [run, list, mixtures, parts] = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at));
  const wide = rows <= 256 ? 1 : 2;
  const length = HEAD + run + 2 * list + mixtures + wide * parts + parts;
  if (length > bytes.length || mixtures > 0x10000) throw new RangeError('a frame is too short');
  let at = HEAD;
  const take = (size: number): Buffer => {
    at += size;
    return bytes.subarray(at - size, at);
  };
  const runs = take(run);
  const listed = shorts(take(2 * list));
  const counts = take(mixtures);
  const named = take(wide * parts);
  const regions = wide === 1 ? new Uint16Array(named) : shorts(named);
  const levels = new Uint8Array(take(parts));

  const starts = new Uint32Array(mixtures + 1);
  for (let mixture = 0; mixture < mixtures; mixture++)
    starts[mixture + 1] = starts[mixture] + counts[mixture];
  if (starts[mixtures] !== parts) throw new RangeError('mixtures and their parts do not fit');
  for (let part = 0; part < parts; part++) {
    if (regions[part] >= rows) throw new RangeError(`there is no track ${regions[part]}`);
    if (levels[part] > most) throw new RangeError(`a level of ${levels[part]}`);
  }
  return {
    points: { width, height, codes: codesOf(runs, listed, width, height, mixtures), starts, regions, levels },
    length,
  };
}

function codesOf(
  runs: Buffer,
  listed: Uint16Array,
  width: number,
  height: number,
  mixtures: number,
): Uint16Array {
  const codes = new Uint16Array(width * height);
  let [point, list, fresh, last] = [0, 0, 0, 0];
  for (let run = 0; run < runs.length; run++) {
    const byte = runs[run];
    const gap = byte >> 2;
    if (point + gap > codes.length) throw new RangeError('a frame has too many points');
    // Gaps are short: a loop is done before a call has begun.
    for (const end = point + gap; point < end; point++) codes[point] = last;
    const kind = byte & 3;
    // A run that goes on, or the frame's last.
    if (kind === KINDS.listed && (gap === LONGEST || point === codes.length)) continue;
    if (point === codes.length) throw new RangeError('a frame has too many points');
    if (kind === KINDS.listed) last = listed[list++];
    else if (kind === KINDS.above) last = codes[point - width];
    else if (kind === KINDS.aboveRight) last = codes[point - width + 1];
    else last = fresh++;
    if (!(last < mixtures)) throw new RangeError(`there is no mixture ${last}`);
    codes[point++] = last;
  }
  if (point !== codes.length || list !== listed.length) throw new RangeError('a frame has too few points');
  return codes;
}
