import { describe, expect, it } from 'vitest';
import { connectedParts, mapOf } from '../../../src/associate/connected-parts.ts';
import { decodeObjects, encodeObjects, noObjects } from '../../../src/associate/object-state.ts';
import { type TrackedObject, trackObjects } from '../../../src/associate/objects.ts';
import { numbers } from './random.ts';

const [WIDTH, HEIGHT] = [160, 90];
const [CAR, PERSON, POLE] = [1, 2, 3];
const THINGS = Uint8Array.from([0, 1, 1, 0]);
const FPS = 24;

interface Box {
  readonly name: number;
  /** Left, top, width, height; rounded to points. */
  readonly at: readonly [number, number, number, number];
}
const box = (name: number, ...at: [number, number, number, number]): Box => ({ name, at });

/** Later boxes lie over earlier ones. */
function picture(boxes: readonly Box[]): Uint8Array {
  const labels = new Uint8Array(WIDTH * HEIGHT);
  for (const { name, at } of boxes) {
    const [left, top, width, height] = at.map(Math.round);
    for (let y = Math.max(0, top); y < Math.min(HEIGHT, top + height); y++) {
      for (let x = Math.max(0, left); x < Math.min(WIDTH, left + width); x++) labels[y * WIDTH + x] = name;
    }
  }
  return labels;
}

/** What was seen in a frame, and a map of it: an object's place plus one. */
interface TrackedObjects {
  readonly objects: readonly TrackedObject[];
  readonly map: Uint16Array;
}

/** All frames' objects. With `restart` the state goes through its bytes before each frame. */
function follow(frames: readonly Uint8Array[], { restart = false, things = THINGS } = {}): TrackedObjects[] {
  let state = noObjects;
  return frames.map((labels, index) => {
    const parts = connectedParts(labels, WIDTH, HEIGHT, things, 4);
    if (restart) state = decodeObjects(encodeObjects(state));
    const frame = { seconds: index / FPS, index, width: WIDTH, height: HEIGHT, ...parts };
    const result = trackObjects(state, frame);
    state = result.state;
    const { objects } = result;
    const shapes = objects.map(({ runs }) => runs);
    return { objects, map: mapOf(shapes, WIDTH * HEIGHT) };
  });
}

/** The id at a point. */
const idAt = ({ objects, map }: TrackedObjects, x: number, y: number): number | undefined =>
  objects[map[Math.round(y) * WIDTH + Math.round(x)] - 1]?.id;

const film = (frames: number, boxes: (frame: number) => Box[]) =>
  Array.from({ length: frames }, (_, frame) => picture(boxes(frame)));

describe('objects', () => {
  it('are tentative at first, and their ids say when and where they were first seen', () => {
    const seen = follow(film(5, (t) => [box(CAR, 20 + t, 30, 12, 8)]));
    expect(seen.map(({ objects }) => objects[0].tentative)).toEqual([true, true, false, false, false]);
    expect(new Set(seen.map(({ objects }) => objects[0].id))).toEqual(new Set([30 * WIDTH + 20 + 1]));
    expect(seen[4].objects[0]).toMatchObject({ name: CAR, area: 96, box: [24, 30, 36, 38] });
    const later = follow([picture([]), picture([box(CAR, 3, 0, 5, 5)])]);
    expect(later[0].objects).toEqual([]);
    expect(later[1].objects[0].id).toBe(WIDTH * HEIGHT + 3 + 1);
  });

  it('keep their ids while they touch and part again', () => {
    // Two cars drive up to each other, stand side by side for a second and drive back.
    const near = (t: number) => Math.min(20, Math.max(0, t < 50 ? t : 100 - t));
    const seen = follow(
      film(101, (t) => [box(CAR, 30 + near(t), 40, 30, 20), box(CAR, 100 - near(t), 42, 30, 18)]),
    );
    const [left, right] = [idAt(seen[0], 40, 50), idAt(seen[0], 110, 50)];
    expect(left).not.toBe(right);
    for (const [t, frame] of seen.entries()) {
      expect([t, idAt(frame, 35 + near(t), 50), idAt(frame, 125 - near(t), 50)]).toEqual([t, left, right]);
      expect(frame.objects).toHaveLength(2);
      for (const { area } of frame.objects) expect(area).toBeGreaterThan(500);
    }
  });

  it('keep their ids when one passes in front of another', () => {
    const seen = follow(film(90, (t) => [box(CAR, 10 + t, 40, 24, 14), box(CAR, 120 - t, 44, 26, 16)]));
    const [one, other] = [idAt(seen[0], 20, 47), idAt(seen[0], 130, 50)];
    expect(idAt(seen[89], 10 + 89 + 12, 44)).toBe(one);
    expect(idAt(seen[89], 120 - 89 + 13, 58)).toBe(other);
    expect(new Set(seen.flatMap(({ objects }) => objects.map(({ id }) => id))).size).toBe(2);
  });

  it('are the same after half a second behind a pole', () => {
    // 10 points wide at 2 points a frame behind 24 points: unseen for 7 frames, in part for 10 more.
    const seen = follow(film(60, (t) => [box(PERSON, 10 + 2 * t, 30, 10, 24), box(POLE, 60, 0, 34, 90)]));
    const id = idAt(seen[0], 12, 40);
    expect(seen.filter(({ objects }) => objects.length === 0)).toHaveLength(13);
    expect(idAt(seen[58], 10 + 2 * 58 + 5, 40)).toBe(id);
    expect(new Set(seen.flatMap(({ objects }) => objects.map(({ id }) => id)))).toEqual(new Set([id]));
  });

  it('are the same when cut in two by something narrow', () => {
    const seen = follow(film(60, (t) => [box(CAR, 10 + 1.5 * t, 30, 40, 24), box(POLE, 75, 0, 4, 90)]));
    const ids = new Set(seen.flatMap(({ objects }) => objects.map(({ id }) => id)));
    expect(ids.size).toBe(1);
    expect(seen[30].objects[0].area).toBe(36 * 24);
  });

  it('are others after two seconds', () => {
    const hidden = (t: number) => t >= 20 && t < 20 + 2 * FPS;
    const seen = follow(film(90, (t) => (hidden(t) ? [] : [box(CAR, 50, 30, 20, 14)])));
    const first = 30 * WIDTH + 50 + 1;
    expect(idAt(seen[0], 60, 35)).toBe(first);
    expect(idAt(seen[89], 60, 35)).toBe((20 + 2 * FPS) * WIDTH * HEIGHT + first);
  });

  it('of two names never swap ids, nor depend on each other', () => {
    const boxes = (t: number) => [box(CAR, 20 + t, 30, 20, 14), box(PERSON, 110 - t, 24, 8, 30)];
    const both = follow(film(80, boxes));
    for (const { objects } of both) {
      expect(new Set(objects.map(({ id, name }) => `${id} ${name}`)).size).toBe(objects.length);
    }
    const names = new Map<number, number>();
    for (const { id, name } of both.flatMap(({ objects }) => objects)) {
      expect(names.get(id) ?? name).toBe(name);
      names.set(id, name);
    }
    // With persons alone asked for, persons have the same ids.
    const persons = follow(film(80, boxes), { things: Uint8Array.from([0, 0, 1, 0]) });
    for (const [t, { objects }] of persons.entries()) {
      expect(objects).toEqual(both[t].objects.filter(({ name }) => name === PERSON));
    }
  });

  it('that fall apart leave the id to the largest piece', () => {
    const seen = follow(film(30, (t) => [box(CAR, 60 - t, 30, 30, 20), box(CAR, 89 + t, 30, 16, 20)]));
    const id = idAt(seen[0], 70, 40);
    expect(idAt(seen[29], 60 - 29 + 10, 40)).toBe(id);
    expect(idAt(seen[29], 89 + 29 + 10, 40)).toBeGreaterThan(id!);
  });

  it('are not made of noise', () => {
    const random = numbers(1);
    const frames = film(10, () => [box(CAR, 50, 30, 20, 14)]);
    for (const labels of frames) {
      for (let i = 0; i < 40; i++) {
        const at = Math.floor(random() * 20) * 2 * WIDTH + Math.floor(random() * 20) * 2;
        labels[at] = CAR;
      }
    }
    expect(new Set(follow(frames).map(({ objects }) => objects.length))).toEqual(new Set([1]));
  });

  it('go on from the bytes of the state as if nothing had happened', () => {
    const frames = film(60, (t) => [
      box(CAR, 10 + t, 40, 24, 14),
      box(CAR, 120 - t, 44, 26, 16),
      box(PERSON, 10 + 2 * t, 20, 8, 24),
      box(POLE, 60, 0, 12, 90),
    ]);
    const bytes = (seen: TrackedObjects[]) =>
      seen.map(({ objects, map }) => [JSON.stringify(objects), Buffer.from(map.buffer).toString('latin1')]);
    expect(bytes(follow(frames, { restart: true }))).toEqual(bytes(follow(frames)));
  });

  it('are followed without changing what was given', () => {
    const frames = film(3, (t) => [box(CAR, 10 + t, 40, 24, 14)]);
    const parts = frames.map((labels) => connectedParts(labels, WIDTH, HEIGHT, THINGS, 4));
    const size = { width: WIDTH, height: HEIGHT };
    const first = trackObjects(noObjects, { seconds: 0, index: 0, ...size, ...parts[0] });
    const before = encodeObjects(first.state);
    const next = { seconds: 1 / FPS, index: 1, ...size, ...parts[1] };
    const second = trackObjects(first.state, next);
    expect(trackObjects(first.state, next)).toEqual(second);
    expect(encodeObjects(first.state)).toEqual(before);
  });

  it('start anew on another lattice', () => {
    const parts = connectedParts(picture([box(CAR, 0, 0, 20, 20)]), WIDTH, HEIGHT, THINGS, 4);
    const { state } = trackObjects(noObjects, {
      seconds: 0,
      index: 0,
      width: WIDTH,
      height: HEIGHT,
      ...parts,
    });
    const small = connectedParts(new Uint8Array(100).fill(CAR), 10, 10, THINGS, 4);
    const { objects } = trackObjects(state, { seconds: 1, index: 1, width: 10, height: 10, ...small });
    expect(objects.map(({ id }) => id)).toEqual([101]);
  });

  it('refuse frames out of order, wrong sizes and damaged states', () => {
    const empty = { seconds: 0, index: 0, width: 2, height: 1, parts: [], map: new Uint16Array(2) };
    const { state } = trackObjects(noObjects, empty);
    expect(() => trackObjects(state, empty)).toThrow(RangeError);
    expect(() => trackObjects(noObjects, { ...empty, width: 3 })).toThrow(RangeError);
    expect(() => trackObjects(noObjects, { ...empty, seconds: NaN })).toThrow(RangeError);
    const frame = { seconds: 0, index: 0, width: WIDTH, height: HEIGHT };
    const parts = connectedParts(picture([box(CAR, 10, 40, 24, 14)]), WIDTH, HEIGHT, THINGS, 4);
    const bytes = encodeObjects(trackObjects(noObjects, { ...frame, ...parts }).state);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeObjects(bytes.subarray(0, end))).toThrow(RangeError);
    }
    expect(() => decodeObjects(Uint8Array.from([...bytes, 0]))).toThrow(RangeError);
    // Whatever bit is flipped: a state or a RangeError.
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      try {
        decodeObjects(flipped);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });
});
